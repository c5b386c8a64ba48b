"""The film of a case in words."""

from collections.abc import Iterator

from fem.case.film_schema import FilmSection
from fem.case.schema import Case
from fem.units import format_quantity


def film_lines(case: Case) -> Iterator[str]:
    """Yield what the facet joints hold; nothing without a spine."""
    if case.spine is None:
        return
    yield ""
    yield "Synovial film"
    film = case.film_section
    if film is None:
        yield "  none: the joints are dry, their surfaces push only where they touch"
        return
    yield "  acts         in dynamic phases; in static ones the fluid has had time to follow the surfaces"
    thickness = "the joint space of the anatomy"
    if film.thickness is not None:
        thickness = f"{format_quantity(film.thickness, 'length')} on average in each joint"
    yield f"  thickness    {thickness}, in the neutral posture"
    if film.recess_volume is not None:
        yield f"  recess       {format_quantity(film.recess_volume, 'volume')} at rest, in each joint"
    if film.viscosity is not None:
        yield f"  viscosity    {format_quantity(film.viscosity, 'viscosity', 'Pa s', 4)} at rest, less under shear"
    yield from _pops(film)


def _pops(film: FilmSection) -> Iterator[str]:
    given = film.minutes_since_last_pop
    if given is None:
        yield "  last pop     never: no joint holds gas"
    elif isinstance(given, dict):
        yield from (f"  last pop     {joint}: {_minutes(time)} ago" for joint, time in given.items())
        yield "               the others: never"
    else:
        yield f"  last pop     {_minutes(given)} ago, in every joint"


def _minutes(time: float) -> str:
    return format_quantity(time, "time", "min", 4)
