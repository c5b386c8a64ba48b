"""What only the whole case can show to be wrong with its film."""

from collections.abc import Iterator

from fem.case.schema import Case, SpineSection
from fem.document import Document, nearest
from fem.errors import Problem
from fem.units import format_quantity


def film_problems(document: Document[Case], case: Case, spine: SpineSection) -> Iterator[Problem]:
    """Yield what is wrong with the synovial film of a spine."""
    film = case.film_section
    if film is None:
        return
    if "facets" not in spine.structures:
        sentence = "the film lies in the facet joints, which spine.structures leaves out; add facets"
        yield document.problem("film", f"{sentence}, or write film: none", at_key=True)
    if not case.dynamic:
        sentence = "the film acts in time, and every phase is static; give one kind: dynamic"
        yield document.problem("film", f"{sentence}, or write film: none", at_key=True)
    yield from _viscosity_problems(document, case)
    spaced = [level for level, change in spine.modify.items() if change.joint_space != 1.0]
    if spaced and film.thickness is not None:
        sentence = (
            f"one thickness for all joints would take back the joint_space of {spaced[0]} (spine.modify); "
            "give one of the two"
        )
        yield document.problem("film.thickness", sentence)
    joints = spine.joint_names
    if isinstance(film.minutes_since_last_pop, dict):
        for joint in film.minutes_since_last_pop:
            if joint not in joints:
                sentence = f"'{joint}' is not a facet joint of this model{nearest(joint, joints)}"
                path = ("film", "minutes_since_last_pop", joint)
                yield document.problem(path, f"{sentence} (joints: {', '.join(joints)})", at_key=True)
    for part in ("film", "gas"):
        twice = film.said_twice(part, getattr(case.parameters.override, part))
        for key, name in twice.items():
            sentence = f"parameters.override.{part} gives {key} as well; keep one of the two"
            yield document.problem(("film", name), sentence)


def _viscosity_problems(document: Document[Case], case: Case) -> Iterator[Problem]:
    from fem.errors import ParameterError
    from fem.literature import load

    film = case.film_section
    if film is None or film.viscosity is None:
        return
    name, overrides = case.parameter_sets()["film"]
    try:
        thinned = load(name).overridden(overrides).number("fluid.thinned_viscosity", "viscosity")
    except ParameterError:
        return  # reported where the sets are checked
    if film.viscosity < thinned:
        rest, least = (format_quantity(value, "viscosity", "Pa s", 4) for value in (film.viscosity, thinned))
        sentence = (
            f"{rest} at rest is less than the {least} to which fast shear thins this fluid "
            "(parameters.override.film.fluid.thinned_viscosity); change both"
        )
        yield document.problem("film.viscosity", sentence)
