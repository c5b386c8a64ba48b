"""A comparison on the screen: verdicts, ligaments, facets, levels, discs, muscles; it fits the terminal's width."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fem.compare.comparison import Comparison, noise_sentences
from fem.compare.differences import DIFFERS, NO_FLOOR, NOT_A_NUMBER, ONLY_FIRST, ONLY_SECOND, SAME, Difference
from fem.compare.values import GROUPS, VERDICTS, Scalar, bare_name
from fem.results.grid import LEAST_WIDTH, grid_lines
from fem.results.motions import ANGLES

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: Verdict -> mark, where there is no room for words.
_MARKS: Final = {SAME: "~", DIFFERS: "*", NO_FLOOR: "?", NOT_A_NUMBER: "!", ONLY_FIRST: "-", ONLY_SECOND: "+"}
#: Section -> its heading, and the quantities of the short view.
_HEADINGS: Final = {
    "": "Joints",
    "ligaments": "Ligaments",
    "facets": "Facet joints",
    "levels": "Levels (flexion, left and anterior positive)",
    "discs": "Discs",
    "muscles": "Muscles",
    "energy": "Energy",
}
_SHORT: Final[dict[str, tuple[str, ...]]] = {
    "ligaments": ("peak_strain", "state"),
    "facets": ("peak_gap_mean_mm", "gap_mean_mm", "opening_speed_mm_s", "contact_force_N"),
    "levels": ANGLES,
    "discs": ("pressure_MPa",),
    "muscles": ("force_N", "activation"),
}
_SHORT_VERDICTS: Final = (
    "cavitation.verdict",
    "cavitation.probability",
    "cavitation.time_s",
    "cavitation.margin",
)
_ROWS: Final = 6
#: Share of the noise below which a number is shown as 0.
_NOTHING: Final = 1e-3
_BOLD, _END = "\x1b[1m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Choice:
    """What to show: one group in full (`by`), everything (`everything`), or of each the largest differences."""

    by: str | None = None
    everything: bool = False

    def shows(self, difference: Difference) -> bool:
        """Return whether a quantity belongs to the view."""
        section, name = difference.value.section, difference.value.name
        if self.by is not None:
            return section == GROUPS[self.by]
        if self.everything or not section or section not in _HEADINGS:
            return True
        return name in _SHORT.get(section, ()) or name in _SHORT_VERDICTS

    @property
    def rows(self) -> int | None:
        """Return how many rows of a quantity are shown; None: all."""
        return None if self.by is not None or self.everything else _ROWS


def comparison_table(comparison: Comparison, choice: Choice, width: int = 80, *, colour: bool = False) -> str:
    """Return the comparison in words and tables, at most `width` (not under 60) columns wide."""
    width = max(width, LEAST_WIDTH)
    blocks = [_head(comparison, width), *_sections(comparison, choice, width), _closing(comparison, width)]
    paint = _painted if colour else _plain
    return "\n\n".join(paint(block) for block in blocks if block) + "\n"


def wrapped(text: str, width: int, indent: str = "  ") -> list[str]:
    """Return a sentence in lines no longer than `width`; long words, such as paths, are cut."""
    return textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)


def written(value: Scalar | None, unit: str, digits: int = 4) -> str:
    """Return a value with four digits, strains and other shares in per cent; `-` where there is none."""
    if value is None or isinstance(value, str):
        return value or "-"
    shown = f"{100.0 * value if unit == '%' else value:.{digits}g}"
    return shown.removeprefix("-") if shown == "-0" else shown


def _head(comparison: Comparison, width: int) -> list[str]:
    lines = ["# Comparing"]
    for letter, subject in zip(_LETTERS, comparison.subjects, strict=False):
        about = [subject.result.status, subject.resolution]
        about += [f"{subject.result.summary['dof']} unknowns"] if "dof" in subject.result.summary else []
        about += [f"at {subject.moment.time:.4f} s"] if subject.moment.time is not None else []
        lines += wrapped(
            f"{letter}  {subject.label} ({', '.join(part for part in about if part)})", width, "   "
        )
    lines += wrapped(f"compared: {comparison.aligned}", width)
    for text in noise_sentences(comparison):
        lines += wrapped(f"noise, {text}", width)
    for text in comparison.remarks:
        lines += wrapped(f"note: {text}", width)
    return lines


def _sections(comparison: Comparison, choice: Choice, width: int) -> list[list[str]]:
    """Return a block of lines for every quantity shown, those of a section one after the other."""
    rows: dict[tuple[str, str], dict[str, list[Difference | None]]] = {}
    for number, pair in enumerate(comparison.pairs):
        for found in pair.differences:
            if choice.shows(found):
                key = (found.value.section, found.value.name)
                row = rows.setdefault(key, {}).setdefault(found.value.place, [None] * len(comparison.pairs))
                row[number] = found
    order = sorted(rows, key=lambda key: _place_of(key[0], key[1]))
    target = str(comparison.subjects[0].result.summary.get("target", ""))
    return [_quantity(key, rows[key], _kept(rows[key], choice.rows, target), width) for key in order]


def _place_of(section: str, name: str) -> tuple[int, int, int]:
    """Return where a quantity stands: verdicts first, then by section, then those of the short view."""
    first = 0 if name.startswith(VERDICTS) or not section else 1
    known, short = list(_HEADINGS), (*_SHORT_VERDICTS, *_SHORT.get(section, ()))
    where = known.index(section) if section in known else len(known)
    return first, where, short.index(name) if name in short else len(short)


def _kept(rows: dict[str, list[Difference | None]], most: int | None, target: str) -> list[str]:
    """Return the places that are shown, in their order: the target and its capsule, then the largest differences."""
    level, _, side = target.partition(" ")
    own = (target, f"{level}.CL {side}")
    kept = sorted(rows, key=lambda place: (place not in own, -_size(rows[place])))[:most]
    return [place for place in rows if place in kept]


def _quantity(
    key: tuple[str, str], rows: dict[str, list[Difference | None]], kept: Sequence[str], width: int
) -> list[str]:
    section, name = key
    unit = next(found.value.unit for row in rows.values() for found in row if found is not None)
    shown = "%" if unit == "1" and name.endswith(("strain", "activation")) else unit
    heading = _HEADINGS.get(section, section)
    title = f"# {heading}: {bare_name(name)}{f' [{shown}]' if shown else ''}"
    if not unit:
        return [*wrapped(title, width), *_words(rows, width)]
    lines = _numbers(rows, kept, shown, width)
    more = len(rows) - len(kept)
    by = next((group for group, own in GROUPS.items() if own == section), None)
    rest = "--all" if by is None else f"--by {by}"
    return [*wrapped(title, width), *lines, *([f"{more} more with {rest}"] if more > 0 else [])]


def _size(row: Sequence[Difference | None]) -> float:
    """Return the largest difference of a row over its noise; what cannot be compared comes first."""
    sizes = [
        float("inf")
        if found.size is None and found.verdict != SAME
        else abs(found.size or 0.0) / (found.floor.size or 1.0)
        for found in row
        if found is not None
    ]
    return max(sizes)


def _numbers(
    rows: dict[str, list[Difference | None]], places: Sequence[str], unit: str, width: int
) -> list[str]:
    count = len(next(iter(rows.values())))
    wordy = count == 1 and width >= 76
    header = ["", "A"]
    for letter in _LETTERS[1 : count + 1]:
        header += [letter, f"{letter} - A", "noise", *([""] if wordy else [])]
    body = [_number_cells(place, rows[place], unit, wordy) for place in places]
    return grid_lines(header, body, width)


def _number_cells(place: str, row: Sequence[Difference | None], unit: str, wordy: bool) -> list[str]:
    first = next((_cleaned(found.first, found) for found in row if found is not None), None)
    cells = [_name(place), written(first, unit)]
    for found in row:
        if found is None:
            cells += ["-", "-", "-"]
            continue
        mark = "" if wordy else f" {_MARKS[found.verdict]}"
        cells += [
            written(found.second, unit),
            _signed(found.size, unit) + mark,
            written(found.floor.size, unit, 2),
        ]
        cells += [found.verdict] if wordy else []
    return cells


def _cleaned(value: Scalar | None, found: Difference) -> Scalar | None:
    """Return 0 for a number that is nothing beside the noise of its difference, as what symmetry makes zero is."""
    nothing = _NOTHING * (found.floor.size or 0.0)
    return 0.0 if isinstance(value, float) and abs(value) < nothing else value


def _words(rows: dict[str, list[Difference | None]], width: int) -> list[str]:
    """Return words side by side where they differ; the others are only counted."""
    changed = [
        place for place, row in rows.items() if any(found is None or found.verdict != SAME for found in row)
    ]
    header = ["", *_LETTERS[: len(next(iter(rows.values()))) + 1]]
    body = []
    for place in changed:
        row = rows[place]
        first = next((found.first for found in row if found is not None), None)
        body.append(
            [
                _name(place),
                written(first, ""),
                *[written(found.second if found else None, "") for found in row],
            ]
        )
    same = len(rows) - len(changed)
    note = [f"the same in {same} {'place' if same == 1 else 'places'}"] if same else []
    return [*(grid_lines(header, body, width) if body else []), *note]


def _name(place: str) -> str:
    return place.replace(".", " ") or "all"


def _signed(size: Scalar | None, unit: str) -> str:
    if size is None:
        return "-"
    text = written(size, unit, 3)
    return text if text == "0" or text.startswith("-") else f"+{text}"


def _closing(comparison: Comparison, width: int) -> list[str]:
    lines = []
    for pair in comparison.pairs:
        counts = ", ".join(f"{count} {verdict}" for verdict, count in pair.counts().items())
        lines += wrapped(f"{_LETTERS[pair.second]} against A: {counts or 'nothing to compare'}", width)
    if len(comparison.pairs) > 1 or width < 76:
        legend = "; ".join(f"{mark} {verdict}" for verdict, mark in _MARKS.items())
        lines += wrapped(legend, width)
    return lines


def _plain(block: Sequence[str]) -> str:
    return "\n".join(line.removeprefix("# ") for line in block)


def _painted(block: Sequence[str]) -> str:
    return "\n".join(f"{_BOLD}{line[2:]}{_END}" if line.startswith("# ") else line for line in block)
