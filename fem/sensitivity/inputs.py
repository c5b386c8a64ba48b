"""An input that can be put anywhere in its range: what it then changes in a case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from fem.case.read import CaseFile
from fem.explain.pushes import in_words, written
from fem.literature import Datum, ParameterSet
from fem.literature.draws import Band, band_of
from fem.sensitivity.schema import InputSection
from fem.units import QuantityError, parse_quantity, unit_named

#: A place in a plan, and what is wrong there.
Fault = tuple[tuple[str | int, ...], str]


@dataclass(frozen=True, slots=True)
class Part:
    """One key of a case that an input moves: to `base` times a number of `band`, in internal units."""

    key: str
    band: Band
    dimension: str
    base: float = 1.0

    def override(self, share: float) -> str:
        """Return the override that puts the key at a share of its range."""
        value = self.base * float(self.band.at(np.array(share)))
        return f"{self.key}={written(value, self.dimension)}"


@dataclass(frozen=True, slots=True)
class Input:
    """Something that is varied.

    Attributes
    ----------
    name, meaning : key in the plan, and words for tables.
    parts : what it moves in a case; nothing where it is an input of the film, which replays vary.
    range_text : its ends in words.
    kind, source, note : where the range comes from.
    band : of an input of the film.
    """

    name: str
    meaning: str
    parts: tuple[Part, ...]
    range_text: str
    kind: str
    source: str
    note: str = ""
    band: Band | None = None

    def overrides(self, share: float) -> tuple[str, ...]:
        """Return the overrides that put the input at a share of its range."""
        return tuple(part.override(share) for part in self.parts)


def input_of(
    name: str, section: InputSection, case_file: CaseFile, sets: Mapping[str, ParameterSet]
) -> tuple[Input, list[Fault]]:
    """Return an input of a plan, and everything that is wrong with it, at its place in ``inputs``."""
    faults: list[Fault] = []
    parts = [*_set_parts(name, section, case_file, faults), *_factor_parts(name, section, sets, faults)]
    banded = list(_band_data(name, section, sets, faults))
    parts += [Part(_key(role, datum), band, datum.dimension) for role, datum, band in banded]
    kind, source = section.kind, section.source
    if banded and not kind:
        _, datum, _ = banded[0]
        kind, source = datum.kind, datum.source
    note = section.note or (banded[0][1].note if banded else "")
    text = "; ".join(dict.fromkeys(_ranges(section, banded)))
    return Input(name, section.meaning, tuple(parts), text, kind, source, note), faults


def film_input(datum: Datum, band: Band) -> Input:
    """Return an input of the film."""
    return Input(
        datum.name, f"film: {datum.name}", (), _ends(band, datum.dimension), datum.kind, datum.source, datum.note,
        band,
    )  # fmt: skip


def _key(role: str, datum: Datum) -> str:
    return f"parameters.override.{role}.{datum.name}"


def _set_parts(name: str, section: InputSection, case_file: CaseFile, faults: list[Fault]) -> Iterator[Part]:
    spine = case_file.case.spine
    levels = spine.level_names if spine is not None else ()
    for key, ends in section.set.items():
        place = ("inputs", name, "set", key)
        try:
            dimension = unit_named(ends[0].partition(" ")[2] or "1").dimension
            low, high = (parse_quantity(end, dimension) for end in ends)
        except QuantityError as error:
            faults.append((place, str(error)))
            continue
        if low == high:
            faults.append((place, f"both ends are {ends[0]}: nothing would change"))
            continue
        if low > high and not _may_fall(section):
            faults.append((place, f"{ends[0]} to {ends[1]} runs backwards; write the smaller end first"))
            continue
        for full in [key.replace("*", level) for level in levels] if "*" in key else [key]:
            yield Part(full, Band(key, low, high), dimension)


def _may_fall(section: InputSection) -> bool:
    """Return whether an end may be the smaller one: where several keys go together, one may fall as another rises."""
    return len(section.set) > 1


def _factor_parts(
    name: str, section: InputSection, sets: Mapping[str, ParameterSet], faults: list[Fault]
) -> Iterator[Part]:
    for pattern, (low, high) in section.factor.items():
        place = ("inputs", name, "factor", pattern)
        if not 0.0 <= low < high:
            faults.append(
                (place, f"factors from {low:g} to {high:g}: write the smaller one first, from 0 up")
            )
            continue
        found = list(_data(pattern, sets))
        if not found:
            faults.append((place, _unknown(pattern, sets)))
        for role, datum in found:
            yield Part(_key(role, datum), Band(pattern, low, high), datum.dimension, datum.value)


def _band_data(
    name: str, section: InputSection, sets: Mapping[str, ParameterSet], faults: list[Fault]
) -> Iterator[tuple[str, Datum, Band]]:
    for number, pattern in enumerate(section.band):
        place = ("inputs", name, "band", number)
        found = list(_data(pattern, sets))
        if not found:
            faults.append((place, _unknown(pattern, sets)))
        for role, datum in found:
            band = band_of(datum)
            if band is None:
                faults.append((place, f"the datum {datum.name} of '{role}' has no band; give factors on it"))
            else:
                yield role, datum, band


def _data(pattern: str, sets: Mapping[str, ParameterSet]) -> Iterator[tuple[str, Datum]]:
    role, _, wanted = pattern.partition(".")
    if role in sets:
        yield from ((role, d) for key, d in sets[role].data.items() if fnmatchcase(key, wanted))


def _unknown(pattern: str, sets: Mapping[str, ParameterSet]) -> str:
    role, _, wanted = pattern.partition(".")
    if role not in sets:
        return f"the case reads no set '{role}'; it reads {', '.join(sets)}"
    return f"the set {sets[role].name} has no '{wanted}' (facetgap literature list)"


def _ranges(section: InputSection, banded: list[tuple[str, Datum, Band]]) -> Iterator[str]:
    yield from (f"{low} to {high}" for low, high in section.set.values())
    yield from (f"{low:g} to {high:g} times" for low, high in section.factor.values())
    yield from (_ends(band, datum.dimension) for _, datum, band in banded)


def _ends(band: Band, dimension: str) -> str:
    return f"{in_words(band.low, dimension)} to {in_words(band.high, dimension)}"
