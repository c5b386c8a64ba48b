"""Names of the kinds of figures; importing this loads nothing, for help and completion."""

from typing import Final

#: Kind -> what it shows.
KINDS: Final[dict[str, str]] = {
    "load": "load and motion against time, with preload, onset and peak",
    "strain": "ligament strain against time, a line a case, band over strands, limit",
    "peaks": "peak strain by ligament and level, bars a case",
    "moment": "moment against rotation",
    "gap": "facet gap, contact force and film pressure against time",
    "maps": "facet gap, contact and film pressure over the surface at the event",
    "muscles": "muscle activation and force against time",
    "dose": "verdict margin and strain over thrust and guarding, of several results",
    "gas": "gas left in the joint since a pop",
}
#: Drawn only when asked for: it rests on no result.
ON_WISH: Final = ("gas",)
ENDINGS: Final = ("png", "svg", "pdf")
