"""Which literature numbers a case rests on, and how to say so."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from fem.anatomy.vocabulary import LEVELS
from fem.case.guarding import REFLEX_SET
from fem.case.read import CaseFile
from fem.literature import Datum, ParameterSet, load, load_sources
from fem.units import format_quantity

#: Structure of a model -> the parameter sets that it takes its numbers from.
_SETS_OF: Final = {
    "disc": ("disc",),
    "ligaments": ("ligaments", "capsule", "limits"),
    "facets": ("cartilage",),
}

_FASCICLES: Final = "fascicles."


def relevant_data(case_file: CaseFile) -> dict[str, tuple[ParameterSet, tuple[Datum, ...]]]:
    """Return set's role (``disc``, ``capsule`` …) -> the set and its data that concern this model.

    Left out are other levels, structures that the case leaves out, what a set keeps on record only, and the
    capsule of the ligaments' set, which has a set of its own.
    """
    spine = case_file.case.spine
    if spine is None:
        return {}
    passive = {role for roles in _SETS_OF.values() for role in roles}
    wanted = {role for structure in spine.structures for role in _SETS_OF[structure]}
    sets = dict(case_file.parameter_sets())
    wanted |= set(sets) - passive
    plan = case_file.guarding()
    if plan is not None and plan.reflex is not None:
        sets["reflex"] = load(REFLEX_SET)
        wanted.add("reflex")
    found = {}
    for role, parameters in sets.items():
        if role in wanted:
            data = (datum for datum in parameters.data.values() if _concerns(datum, role, spine.level_names))
            found[role] = (parameters, tuple(data))
    return found


def _concerns(datum: Datum, role: str, levels: tuple[str, ...]) -> bool:
    parts = datum.name.split(".")
    if "record" in parts or (role == "ligaments" and parts[0] == "CL"):
        return False
    return parts[-1] not in LEVELS or parts[-1] in levels


def parameter_lines(case_file: CaseFile) -> Iterator[str]:
    """Yield every number of the model's materials with unit, kind, source and locator; then the references."""
    cited: set[str] = set()
    for role, (parameters, data) in relevant_data(case_file).items():
        yield f"Parameters of {role}: {parameters.name}"
        yield f"  for: {parameters.scope}"
        fascicles = [datum for datum in data if datum.name.startswith(_FASCICLES)]
        data = tuple(datum for datum in data if not datum.name.startswith(_FASCICLES))
        cited |= {datum.source for datum in fascicles}
        roots = {datum.name.split(".")[0] for datum in data}
        yield from (
            f"  {key}: {text}" for key, text in parameters.texts.items() if key.split(".")[0] in roots
        )
        for _, group in groupby(data, _alike):
            members = tuple(group)
            cited.add(members[0].source)
            yield _line(members)
        yield from _fascicle_lines(fascicles, parameters)
        yield ""
    yield "Sources"
    known = load_sources()
    yield from (f"  {key}: {known[key].citation()}" for key in sorted(cited) if key in known)


def _fascicle_lines(data: list[Datum], parameters: ParameterSet) -> Iterator[str]:
    """Yield strength and path of each fascicle in one line; where exactly its points lie is left to the set itself."""
    if data:
        yield f"  {'fascicles':<32} strength and path; offsets of the points: facetgap show --json"
    for datum in data:
        if datum.name.endswith(".force"):
            name = datum.name.removesuffix(".force")
            places = [text for key, text in parameters.texts.items() if key.startswith(f"{name}.path.")]
            path = " -> ".join(places)
            yield f"    {name.removeprefix(_FASCICLES):<30} {datum.written()}, {path}  [{datum.provenance()}]"


def _alike(datum: Datum) -> tuple[str, str, str]:
    """Return what the entries of one list share; a datum outside a list shares it with nobody."""
    group, _, label = datum.name.rpartition(".")
    listed = label in LEVELS or label.isdigit()
    return group if listed else datum.name, datum.unit, datum.provenance()


def _line(members: tuple[Datum, ...]) -> str:
    first = members[0]
    if len(members) == 1:
        name, values = first.name, first.written()
    else:
        name = _alike(first)[0]
        values = ", ".join(f"{datum.name.rpartition('.')[2]}: {datum.written()}" for datum in members)
    reason = f" ({first.note})" if first.note and first.kind == "assumed" else ""
    return f"  {name:<32} {values}{_band(first) if len(members) == 1 else ''}  [{first.provenance()}]{reason}"


def _band(datum: Datum) -> str:
    if datum.low is None or datum.high is None:
        return ""
    low, high = (format_quantity(value, datum.dimension, datum.unit, 4) for value in (datum.low, datum.high))
    return f" ({low} to {high})"
