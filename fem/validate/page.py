"""The validation page as Markdown, made from the document of plain values and from nothing else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from fem.validate.judged import ABOVE, BELOW, CANNOT_TELL, INSIDE, NO_RANGE

Entry = Mapping[str, Any]

_OPENING: Final = """# Validation

Written by `facetgap validate`, from the runs and the data files named below; no number here was typed in.

To repeat: `facetgap validate --run` (a quarter of an hour on two idle cores; what has a result of the same inputs
is not solved again), then `python benchmarks/validation_table.py --write`. What is compared with what stands in
`fem/validate/comparisons.toml`, the published numbers in `fem/literature/experiments/`.

"Inside" means inside the published range (smallest to largest specimen, or one standard deviation to both sides, as
the data file says). A published number without a spread has no inside: the table then says how far off the model
is. Where a share is accepted in place of a spread, that stands beside the range. What is missing or is no number
cannot be told, and counts nowhere. **Recalled** numbers were remembered, not read at their source; **derived** ones
were computed from numbers that were read, or computed by another model.

The band after ± is numerical: cells, steps and Newton tolerance ([numerical bands](numerical_bands.md)), the root
of the sum of squares, with the observed order of mesh refinement in brackets. It says nothing of parameters
([sensitivity](sensitivity.md)) or of the form of the model ([credibility](credibility.md)). `edge` marks a number
whose band holds an end of its range."""


def validation_page(document: Entry) -> str:
    """Return the page of a validation document."""
    parts = [_OPENING, *_brief(document), *_thrust(document)]
    entries = document["comparisons"]
    parts += ["## Not used for fitting", *_groups(document, [one for one in entries if not one["fitted"]])]
    parts += [
        "## Used for fitting",
        "The disc's parameters were fitted to these numbers ([calibration](calibration.md)), here or by the study they "
        "come from: agreement shows that a fit succeeded, not that the model predicts. 1 N m had "
        "little weight in the fit.",
        *_groups(document, [one for one in entries if one["fitted"]]),
    ]
    parts += [
        "## Each level's share",
        *_shares(document),
        "## Headline numbers of the default thrust",
        *_headlines(document),
        "## Runs",
        *_runs(document),
        "## Sources",
        *_sources(document),
    ]
    parts += [f"<!-- comparisons {document['key']} -->"]
    return "\n\n".join(parts) + "\n"


def summary_lines(document: Entry) -> list[str]:
    """Return the table of the groups in short, as it stands in the README and at the head of the page."""
    lines = [
        "| held against published data | inside | outside | no spread published | cannot tell | farthest off |",
        "|---|---|---|---|---|---|",
    ]
    for fitted in (False, True):
        for group, name in document["groups"].items():
            own = [
                one for one in document["comparisons"] if one["group"] == group and one["fitted"] == fitted
            ]
            if own:
                lines.append(_brief_row(name, own, fitted))
    return lines


def _brief_row(name: str, own: Sequence[Entry], fitted: bool) -> str:
    words = [one["word"] for one in own]
    outside = words.count(BELOW) + words.count(ABOVE)
    recalled = sum(one["kind"] == "recalled" for one in own)
    marks = [f"**{recalled} of {len(own)} recalled**"] if recalled else []
    marks += ["*used for fitting*"] if fitted else []
    title = f"{name} ({', '.join(marks)})" if marks else name
    return (
        f"| {title} | {words.count(INSIDE)} | {outside} | {words.count(NO_RANGE)} | {words.count(CANNOT_TELL)} | "
        f"{_farthest(own)} |"
    )


def _farthest(own: Iterable[Entry]) -> str:
    off = [one for one in own if one["off"] not in (None, 0.0) and one["off_share"] is not None]
    if not off:
        return "-"
    worst = max(off, key=lambda one: abs(one["off_share"]))
    return f"{worst['what']}: {_percent(worst['off_share'])}"


def _brief(document: Entry) -> list[str]:
    sides = {"fitted": "used for fitting", "not_fitted": "not used for fitting"}
    told = []
    for side in ("not_fitted", "fitted"):
        count = document["counts"][side]
        outside = count[BELOW] + count[ABOVE]
        told.append(
            f"- {sides[side]}: {count[INSIDE]} inside, {outside} outside, {count[NO_RANGE]} without a published "
            f"spread, {count[CANNOT_TELL]} cannot be told"
        )
    return ["## In short", "\n".join(told), "\n".join(summary_lines(document))]


def _thrust(document: Entry) -> list[str]:
    """Say whether the capsules stay within what physiological motions do to them."""
    own = [one for one in document["comparisons"] if one["key"].startswith("thrust.capsule.L")]
    return [f"**Capsules in the default thrust.** {thrust_sentence(own)}"]


def thrust_sentence(own: Sequence[Entry]) -> str:
    """Return whether capsule strains in the thrust stay inside the physiological range, in words."""
    if not own or any(one["word"] == CANNOT_TELL for one in own):
        return "Whether their strain stays inside the range of flexion and rotation cannot be told: runs are missing."
    worst = max(own, key=lambda one: float(one["value"]))
    level = worst["key"].rpartition(".")[2]
    size = f"the most, at {level}, is {_number(worst['value'])} of the larger in 7.5 N m of flexion or axial rotation"
    if all(one["word"] == INSIDE for one in own):
        return f"Their strain stays inside the range of flexion and axial rotation at every level: {size}."
    outside = ", ".join(one["key"].rpartition(".")[2] for one in own if one["word"] != INSIDE)
    return (
        f"Their strain does **not** stay inside the range of flexion and axial rotation at {outside}: {size}."
    )


def _groups(document: Entry, entries: Sequence[Entry]) -> Iterator[str]:
    for group, name in document["groups"].items():
        own = [one for one in entries if one["group"] == group]
        if own:
            yield f"### {name}"
            yield "\n".join([*_HEAD, *(_row(one) for one in own)])
            if notes := list(_notes(own)):
                yield "\n".join(notes)


_HEAD: Final = (
    "| what | model | published | range | unit | verdict | off by | data |",
    "|---|---|---|---|---|---|---|---|",
)


def _row(one: Entry) -> str:
    cells = (
        one["what"], _value(one), _number(one["published"]), _range(one), one["unit"], _verdict(one), _off(one),
        _data(one),
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _value(one: Entry) -> str:
    if one["value"] is None:
        return "-"
    width = "" if one["half_width"] is None else f" ± {_number(one['half_width'], 2)}"
    order = "" if one["order"] is None else f" ({one['order']:.1f})"
    return f"{_number(one['value'])}{width}{order}"


def _range(one: Entry) -> str:
    low, high = one["low"], one["high"]
    if one["relation"] != "within":
        return f"{one['relation']} {_number(high if low is None else low)}"
    if low is None or high is None:
        return "none"
    accepted = (
        "" if one["accepted_tolerance"] is None else f" (±{100.0 * one['accepted_tolerance']:.0f} % accepted)"
    )
    return f"{_number(low)} to {_number(high)}{accepted}"


def _verdict(one: Entry) -> str:
    if one["word"] == CANNOT_TELL:
        return f"**{CANNOT_TELL}**: {one['why']}"
    word = one["word"] if one["word"] in (INSIDE, NO_RANGE) else f"**{one['word']}**"
    return f"{word} (edge)" if one["near_edge"] else word


def _off(one: Entry) -> str:
    if one["off"] is None or one["off"] == 0.0:
        return "-"
    share = "" if one["off_share"] is None else f" ({_percent(one['off_share'])})"
    return f"{one['off']:+.3g}{share}"


def _data(one: Entry) -> str:
    kind = one["kind"]
    sure = "" if one["confidence"] is None else f", confidence {one['confidence']:g}"
    mark = f"**{kind}{sure}**" if kind == "recalled" else kind
    count = "" if one["specimens"] is None else f", n = {one['specimens']}"
    return f"`{one['source']}`, {mark}{count}"


def _notes(own: Sequence[Entry]) -> Iterator[str]:
    """Yield each note once, with what it is about unless that is the whole table."""
    for note in dict.fromkeys(one["note"] for one in own if one["note"]):
        about = [one["what"] for one in own if one["note"] == note]
        more = f" and {len(about) - 1} more like it" if len(about) > 1 else ""
        yield f"- {note}" if len(about) == len(own) else f"- {about[0]}{more}: {note}"


def _shares(document: Entry) -> list[str]:
    levels = document["levels"]
    lines = [f"| rotation | {' | '.join(levels)} | L1-S1 [deg] |", "|---" * (len(levels) + 2) + "|"]
    for row in document["shares"]:
        if row["shares"] is None:
            cells = ["cannot tell"] * len(levels) + ["-"]
        else:
            cells = [f"{100.0 * share:.0f} %" for share in row["shares"]] + [f"{row['total']:.1f}"]
        lines.append(f"| {row['what']} | {' | '.join(cells)} |")
    return ["\n".join(lines)]


def _headlines(document: Entry) -> list[str]:
    lines = ["| what | model | unit |", "|---|---|---|"]
    for one in document["headlines"]:
        told = _value(one) if one["value"] is not None else f"**{CANNOT_TELL}**: {one['why']}"
        lines.append(f"| {one['what']} | {told} | {one['unit']} |")
    return ["Nothing was published on these; the band is numerical.", "\n".join(lines)]


def _runs(document: Entry) -> list[str]:
    lines = [
        "| run | case | changed | mesh | state | numerical bands | inputs |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in document["runs"]:
        changed = ", ".join(f"`{_brief_text(text)}`" for text in one["set"]) or "-"
        state = f"{one['state']}: {one['why']}" if one["why"] else one["state"]
        lines.append(
            f"| `{one['name']}` | `{one['case']}` | {changed} | {one['resolution'] or '-'} | {state} | "
            f"{one['bands']} | `{one['inputs'][:8]}` |"
        )
    return ["\n".join(lines)]


def _brief_text(text: str, longest: int = 60) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


def _sources(document: Entry) -> list[str]:
    return [
        "\n".join(
            f"- `{key}`: {one['citation']}. Held: {one['held']}." for key, one in document["sources"].items()
        )
    ]


def _number(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}g}" if abs(value) < 1e3 else f"{value:.0f}"


def _percent(share: float) -> str:
    return f"{100.0 * share:+.0f} %"
