"""Pictures and curves of the page: all inside it, nothing to load."""

import base64
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fem.errors import MissingToolError, UsageError
from fem.figures.catalogue import draw
from fem.figures.data import ResultData
from fem.figures.drawing import Drawing
from fem.results.moment import remarks, shown_joint
from fem.results.picture import draw_picture

_HEADINGS: Final = {
    "load": "Load and motion",
    "strain": "Ligament strain",
    "peaks": "Peak strain of every ligament",
    "moment": "Moment and rotation",
    "gap": "Facet gap, contact and pressure",
    "maps": "The facet surface at the event",
    "muscles": "Muscles",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: heading, PNG as a data address, alternative text."""

    heading: str
    address: str
    alternative: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A figure: heading, inline SVG, what it shows."""

    heading: str
    svg: str
    says: str


def spine_pictures(one: ResultData) -> tuple[list[Picture], str]:
    """Return pictures of the deformed spine, or none and why."""
    joint = shown_joint(one.result.summary)
    what = "; ".join(remarks(one.result.summary)) or "nothing is strained"
    seen = (
        "Spine seen from behind and the side; bones pale, ligaments as rods from pale grey (no strain) over orange to "
        f"dark red (most strain). Shown: {what}."
    )
    wanted = {"strain": ("The spine, deformed", seen)}
    if joint is not None:
        near = f"Close view of {joint}: its surface coloured by gap, blue where open, with the ligaments around it."
        wanted["joint"] = (f"{joint} from near", near)
    found = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            for view, (heading, text) in wanted.items():
                file = draw_picture(one.result, Path(folder) / f"{view}.png", views=(view,), bare=True)
                found.append(Picture(heading, data_address(file.read_bytes()), text))
    except (MissingToolError, UsageError) as error:
        return [], str(error)
    return found, ""


def data_address(image: bytes) -> str:
    """Return a PNG as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(image).decode("ascii")


def curves(one: ResultData) -> tuple[list[Curve], dict[str, str]]:
    """Return the figures of a result, and kind -> why there is none."""
    drawn = draw([kind for kind in _HEADINGS if kind != "moment" or not one.thrusts], [one])
    return [_curve(drawing) for drawing in drawn.drawings], drawn.refused


def _curve(drawing: Drawing) -> Curve:
    return Curve(
        _HEADINGS[drawing.kind], inline(drawing.image("svg").decode("utf-8"), drawing.name), drawing.says
    )


def inline(svg: str, name: str) -> str:
    """Return an SVG file as an element of a page: names that are unique there, no fixed size, hidden from readers.

    Its caption says what it shows; the many texts of its axes would only be noise to a screen reader.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.S)
    body = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", body)
    body = re.sub(r'xlink:href="#([^"]+)"', rf'href="#{name}-\1"', body)
    body = re.sub(r'\sxmlns(:xlink)?="[^"]*"', "", body)
    head, _, rest = body.partition(">")
    head = re.sub(r'\s(width|height)="[^"]*"', "", head)
    return f'{head} role="img" aria-label="{name.replace("_", " ")}, described in the caption">{rest}'
