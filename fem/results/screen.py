"""What a run prints: ligament strain and facet gap per level, kinematics, disc pressure, muscles, verdicts.

Built from the summary alone, so a stored result prints the same table as the run that made it.
"""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fem.anatomy.vocabulary import BUNDLES, SIDES
from fem.results.grid import LEAST_WIDTH, entry_table, grid_lines, number_text
from fem.results.quantities import SECTIONS, TOTALS
from fem.results.screen_cost import repetition_lines, risk_lines

#: Mark behind a strain for the bundle's state; explained below the table when it occurs.
_MARKS: Final = {"slack": "·", "over limit": "!", "failed": "x"}
_LEVEL_COLUMNS: Final = (
    ("flexion_deg", "flexion", "[deg]", 2),
    ("lateral_bending_deg", "lat.bend", "left [deg]", 2),
    ("axial_rotation_deg", "ax.rot", "left [deg]", 2),
)
_DISC_COLUMNS: Final = (("pressure_MPa", "disc p", "[MPa]", 3), ("pressure_rise_MPa", "rise", "[MPa]", 3))
_FACET_COLUMNS: Final = (
    ("gap_mean_mm", "gap mean", "[mm]", 3),
    ("gap_mean_change_mm", "change", "[mm]", 3),
    ("gap_min_mm", "gap min", "[mm]", 3),
    ("contact_force_N", "force", "[N]", 1),
    ("opening_speed_mm_s", "opening", "[mm/s]", 2),
)
_CAVITATION_COLUMNS: Final = (
    ("probability", "P", "[1]", 2),
    ("margin", "margin", "[1]", 2),
    ("time_s", "time", "[s]", 3),
    ("gap_mm", "gap", "[mm]", 2),
    ("lowest_pressure_kPa", "low p", "[kPa]", 0),
    ("cavity_mm3", "cavity", "[mm3]", 1),
)
#: What a verdict is called in the narrow table, and what stands for no verdict of the published gapping.
_VERDICTS: Final = {"cavitates": "yes", "does not cavitate": "no", "undetermined": "open", "between": "open"}
_MUSCLE_COLUMNS: Final = (
    ("activation", "active", "[%]"),
    ("force_N", "force", "[N]"),
    ("fibre_strain", "strain", "[%]"),
)
#: From this width on, ligament forces stand beside the strains.
_WIDE: Final = 110
_BOLD, _RED, _END = "\x1b[1m", "\x1b[31m", "\x1b[0m"


def result_table(summary: Mapping[str, Any], width: int = 80, *, colour: bool = False) -> str:
    """Return the result in words and tables, at most `width` (not under 60) columns wide.

    `colour` adds bold headings and red warnings for a terminal; the text is the same without.
    """
    width = max(width, LEAST_WIDTH)
    blocks = [section(summary, width) for section in _SECTIONS]
    paint = _painted if colour else _as_is
    return "\n\n".join(paint("\n".join(block)) for block in blocks if block) + "\n"


def _ligaments(summary: Mapping[str, Any], width: int) -> list[str]:
    ligaments = summary.get("ligaments", {})
    if not ligaments:
        return []
    levels = list(ligaments)
    bundles = [name for name in BUNDLES if any(name in ligaments[level] for level in levels)]
    entries = [[ligaments[level].get(bundle) for level in levels] for bundle in bundles]
    header, rows = ["", *levels, "L0"], [[_lengths(row)] for row in entries]
    strains = [[_strain(entry) for entry in row] for row in entries]
    rows = [[bundle, *row, *end] for bundle, row, end in zip(bundles, strains, rows, strict=True)]
    title = "# Peak ligament strain [%]; L0 = reference length [mm]"
    if width >= _WIDE:
        header += [f"{level} [N]" for level in levels]
        forces = [[number_text(entry or {}, "peak_force_N", 1) for entry in row] for row in entries]
        rows = [[*row, *more] for row, more in zip(rows, forces, strict=True)]
        title += "; peak force [N]"
    return [title, *grid_lines(header, rows, width), *_strain_note(entries, width)]


def _strain_note(entries: Sequence[Sequence[Mapping[str, Any] | None]], width: int) -> list[str]:
    states = {entry["state"] for row in entries for entry in row if entry}
    legend = "; ".join(f"{mark} {state}" for state, mark in _MARKS.items() if state in states)
    note = "strain = (length - L0) / L0, largest strand of the bundle"
    if legend and len(note) + len(legend) + 2 <= width:
        return [f"{note}; {legend}"]
    return [note, legend] if legend else [note]


def _facets(summary: Mapping[str, Any], width: int) -> list[str]:
    return entry_table("# Facet gap, positive when open", summary.get("facets", {}), _FACET_COLUMNS, width)


def _cavitation(summary: Mapping[str, Any], width: int) -> list[str]:
    joints = {
        name: entry["cavitation"]
        for name, entry in summary.get("facets", {}).items()
        if "cavitation" in entry
    }
    if not joints:
        return []
    heads = [(key, head, unit, digits) for key, head, unit, digits in _CAVITATION_COLUMNS]
    header = ["", "pops", *[head for _, head, _, _ in heads], "MRI"]
    units = ["", "", *[unit for _, _, unit, _ in heads], ""]
    rows = [
        [
            f"{name}{' *' if name == summary.get('target') else ''}",
            _VERDICTS[entry["verdict"]],
            *[number_text(entry, key, digits) for key, _, _, digits in heads],
            _VERDICTS[entry["mri_criterion"]],
        ]
        for name, entry in joints.items()
    ]
    lines = ["# Do the joints cavitate?", *grid_lines(header, [units, *rows], width)]
    notes = _cavitation_notes(summary, joints)
    return [*lines, *[part for note in notes for part in textwrap.wrap(note, width, subsequent_indent="  ")]]


def _cavitation_notes(summary: Mapping[str, Any], joints: Mapping[str, Mapping[str, Any]]) -> list[str]:
    order = summary.get("order_of_cavitation", ())
    lines = [f"in order: {', '.join(order)}" if order else "with the default inputs no joint pops"]
    target = joints.get(summary.get("target", ""))
    if target is not None:
        by = f", by {target['route']}" if "route" in target else ""
        decides = f"; {target['dominant_input']} decides most" if "dominant_input" in target else ""
        lines.insert(0, f"* target: {target['verdict']}{by}{decides}")
    small = [name for name, entry in joints.items() if entry["micro_inception"]]
    return [*lines, *([f"too small a cavity for a pop: {', '.join(small)}"] if small else [])]


def _levels(summary: Mapping[str, Any], width: int) -> list[str]:
    levels, discs = summary.get("levels", {}), summary.get("discs", {})
    merged = {name: {**levels.get(name, {}), **discs.get(name, {})} for name in [*levels, *discs]}
    return entry_table(
        "# Rotation of each level, disc pressure", merged, _LEVEL_COLUMNS + _DISC_COLUMNS, width
    )


def _muscles(summary: Mapping[str, Any], width: int) -> list[str]:
    muscles = summary.get("muscles", {})
    if not muscles:
        return []
    groups = dict.fromkeys(name.rpartition(" ")[0] for name in muscles)
    header = ["", *[f"{head} {side[0].upper()}" for _, head, _ in _MUSCLE_COLUMNS for side in SIDES]]
    units = ["", *[unit for _, _, unit in _MUSCLE_COLUMNS for _ in SIDES]]
    rows = [
        [
            group,
            *[
                _muscle(muscles.get(f"{group} {side}"), key)
                for key, _, _ in _MUSCLE_COLUMNS
                for side in SIDES
            ],
        ]
        for group in groups
    ]
    past = any(entry["over_limit"] for entry in muscles.values())
    note = ["! fibres past their injury strain"] if past else []
    return [
        "# Muscles, left and right: peaks over the run",
        *grid_lines(header, [units, *rows], width),
        *note,
    ]


def _muscle(entry: Mapping[str, Any] | None, key: str) -> str:
    if entry is None:
        return "-"
    if key == "force_N":
        return number_text(entry, key, 1)
    mark = _MARKS["over limit"] if key == "fibre_strain" and entry["over_limit"] else ""
    return f"{round(100 * entry[key], 1) + 0.0:.1f}{mark}"


def _reported(summary: Mapping[str, Any], width: int) -> list[str]:
    known = {*SECTIONS, *TOTALS}
    sections = {
        name: entry for name, entry in summary.items() if isinstance(entry, Mapping) and name not in known
    }
    numbers = {f"{name}.{key}": value for name, entry in sections.items() for key, value in entry.items()}
    return [f"{name} = {value:.6g}" for name, value in numbers.items()]


def _expectations(summary: Mapping[str, Any], width: int) -> list[str]:
    verdicts = summary.get("expect", [])
    if not verdicts:
        return []
    lines = ["# Expected of this case"]
    for entry in verdicts:
        word = "met   " if entry["passed"] else "MISSED"
        value = "no value" if entry["value"] is None else f"{entry['value']:.5g}"
        low, high = entry["between"]
        lines += [
            f"{word} {entry['quantity']}",
            f"       {value}, expected {low:.5g} … {high:.5g} ({entry['kind']})",
        ]
    return lines


def _closing(summary: Mapping[str, Any], width: int) -> list[str]:
    newton, parts = summary.get("newton"), [str(summary["status"])]
    if newton:
        parts.append(f"{newton['iterations']} Newton iterations")
    if "dof" in summary:
        parts.append(f"{summary['dof']} unknowns")
    return [", ".join([*parts, f"{summary['wall_s']:.1f} s"])]


def _strain(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return "- "
    return f"{100 * entry['peak_strain']:.1f}{_MARKS.get(entry['state'], ' ')}"


def _lengths(entries: Sequence[Mapping[str, Any] | None]) -> str:
    lengths = [entry["reference_length_mm"] for entry in entries if entry]
    low, high = f"{min(lengths):.0f}", f"{max(lengths):.0f}"
    return low if low == high else f"{low}-{high}"


def _as_is(block: str) -> str:
    return block.removeprefix("# ")


def _painted(block: str) -> str:
    lines = block.split("\n")
    painted = [
        f"{_BOLD}{line.removeprefix('# ')}{_END}"
        if line.startswith("# ")
        else (f"{_RED}{line}{_END}" if line.startswith("MISSED") else line)
        for line in lines
    ]
    return "\n".join(painted)


_SECTIONS: Final = (
    *(_ligaments, _facets, _cavitation, _levels, _muscles, _reported),
    *(repetition_lines, risk_lines, _expectations, _closing),
)
