"""The tables of the page: texts, ready to be shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fem.figures.data import ResultData

#: State of a ligament -> what it means to readers.
STATES: Final = {
    "slack": "slack",
    "toe": "toe: fibres still uncrimp",
    "linear": "taut",
    "over limit": "past its warning strain",
    "failed": "past its failure strain",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table: caption, head of each column, rows whose first cell names the row; `marked` rows stand out."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marked: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.rows)


def number(entry: Mapping[str, Any], key: str, digits: int, factor: float = 1.0) -> str:
    """Return a number of the summary with `digits` decimals; a dash where there is none."""
    if entry.get(key) is None:
        return "–"
    return f"{round(factor * float(entry[key]), digits) + 0.0:.{digits}f}".replace("-", "−")


def ligament_table(one: ResultData) -> Table:
    """Return peaks of every ligament, those nearest to their limit first."""
    summary = one.result.summary
    entries = [
        (level, name, entry)
        for level, bundles in summary.get("ligaments", {}).items()
        for name, entry in bundles.items()
    ]
    entries.sort(key=lambda item: -float(item[2].get("limit_fraction", 0.0)))
    rows, marked = [], set()
    for place, (level, name, entry) in enumerate(entries):
        limit = one.limit(name)
        if entry["state"] in ("over limit", "failed"):
            marked.add(place)
        rows.append(
            (
                f"{level} {name}",
                number(entry, "peak_strain", 1, 100.0),
                "–" if limit is None else f"{100 * limit[0]:.0f} ({limit[1]})",
                number(entry, "limit_fraction", 0, 100.0),
                number(entry, "time_of_peak_s", 3),
                number(entry, "peak_force_N", 1),
                number(entry, "reference_length_mm", 1),
                STATES.get(str(entry["state"]), str(entry["state"])),
            )
        )
    head = ("Ligament", "Peak strain [%]", "Warns beyond [%]", "Of that limit [%]", "At [s]", "Peak force [N]",
            "Reference length [mm]", "State at the peak")  # fmt: skip
    caption = (
        "Ligaments, those nearest to their limit first. Strain = (length − reference length) / reference length of the "
        "most strained strand; negative is slack."
    )
    return Table(caption, head, tuple(rows), frozenset(marked))


def facet_table(summary: Mapping[str, Any]) -> Table:
    """Return gaps and contact of every facet joint."""
    facets = summary.get("facets", {})
    rows = tuple(
        (
            _starred(name, summary),
            number(entry, "gap_mean_mm", 2),
            number(entry, "gap_mean_change_mm", 2),
            number(entry, "peak_gap_mean_mm", 2),
            number(entry, "gap_min_mm", 2),
            number(entry, "opening_speed_mm_s", 1),
            number(entry, "contact_force_N", 1),
        )
        for name, entry in facets.items()
    )
    head = ("Joint", "Mean gap at the end [mm]", "Its change [mm]", "Largest mean gap [mm]",
            "Smallest gap at the end [mm]", "Fastest opening [mm/s]", "Contact force at the end [N]")  # fmt: skip
    return Table(
        "Facet joints; a gap is positive when open. * target", head, rows, _target_row(facets, summary)
    )


def cavitation_table(summary: Mapping[str, Any]) -> Table:
    """Return the verdict on every joint that holds a film."""
    told = {
        name: entry["cavitation"]
        for name, entry in summary.get("facets", {}).items()
        if "cavitation" in entry
    }
    rows = tuple(
        (
            _starred(name, summary),
            str(entry["verdict"]),
            number(entry, "probability", 2),
            number(entry, "margin", 2),
            number(entry, "time_s", 4),
            str(entry.get("route", "–")),
            number(entry, "lowest_pressure_kPa", 1),
            number(entry, "cavity_mm3", 1),
            number(entry, "energy_mJ", 2),
            str(entry.get("dominant_input", "–")),
            str(entry.get("mri_criterion", "–")),
        )
        for name, entry in told.items()
    )
    head = ("Joint", "Verdict", "Probability", "Margin", "Inception [s]", "Route", "Lowest pressure [kPa, absolute]",
            "Largest cavity [mm³]", "Energy [mJ]", "What decides most", "Gapping as published on MRI says")  # fmt: skip
    return Table("Does a joint cavitate? * target", head, rows, _target_row(told, summary))


def level_table(summary: Mapping[str, Any]) -> Table:
    """Return rotations and disc pressure of every level at the end."""
    discs = summary.get("discs", {})
    rows = tuple(
        (
            name,
            *(number(entry, key, 2) for key in ("flexion_deg", "lateral_bending_deg", "axial_rotation_deg")),
            number(discs.get(name, {}), "pressure_MPa", 3),
        )
        for name, entry in summary.get("levels", {}).items()
    )
    head = ("Level", "Flexion [deg]", "Bending left [deg]", "Turn left [deg]", "Disc pressure [MPa]")
    return Table("Motion of each level, upper on lower vertebra, and disc pressure, at the end", head, rows)


def muscle_table(summary: Mapping[str, Any]) -> Table:
    """Return peaks of every muscle group."""
    rows = tuple(
        (
            name,
            number(entry, "activation", 1, 100.0),
            number(entry, "force_N", 1),
            number(entry, "fibre_strain", 1, 100.0),
            number(entry, "over_limit", 0),
        )
        for name, entry in summary.get("muscles", {}).items()
    )
    head = ("Group", "Activation [%]", "Force [N]", "Fibre strain [%]", "Fascicles past their injury strain")
    return Table("Muscles: largest over the run", head, rows)


def energy_table(summary: Mapping[str, Any]) -> Table:
    """Return the energies at the end."""
    words = {
        "work_mJ": "Work of the loads",
        "muscles_mJ": "Work of active muscles",
        "stored_mJ": "Stored",
        "kinetic_mJ": "In motion",
        "dissipated_mJ": "Turned into heat",
    }
    energy = summary.get("energy", {})
    rows = tuple((word, number(energy, key, 1)) for key, word in words.items() if key in energy)
    return Table("Energies at the end", ("What", "Energy [mJ]"), rows)


def expectation_table(summary: Mapping[str, Any]) -> Table:
    """Return what the case must show and what came out."""
    rows = tuple(
        (
            str(entry["quantity"]),
            "no value" if entry["value"] is None else f"{entry['value']:.4g}",
            f"{entry['between'][0]:.4g} … {entry['between'][1]:.4g}",
            f"{entry['kind']}: {entry['source']}",
            "met" if entry["passed"] else "MISSED",
        )
        for entry in summary.get("expect", ())
    )
    return Table("Expected of this case", ("Quantity", "Value", "Expected", "Why", "Outcome"), rows)


def _starred(name: str, summary: Mapping[str, Any]) -> str:
    return f"{name} *" if name == summary.get("target") else name


def _target_row(names: Iterable[str], summary: Mapping[str, Any]) -> frozenset[int]:
    places: Sequence[str] = list(names)
    target = summary.get("target")
    return frozenset({places.index(str(target))}) if target in places else frozenset()
