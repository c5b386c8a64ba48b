"""Results side by side: opened, aligned, with noise and what can and cannot be compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fem.compare.companions import Companion, Kind, assigned, differing
from fem.compare.differences import Pair, pairs_of
from fem.compare.events import PEAKS, SAID, Moment, moment_of, values_at
from fem.compare.labels import labels
from fem.compare.noise import KINDS, Noisy
from fem.compare.scales import run_scales
from fem.compare.values import Value, summary_values
from fem.errors import UsageError
from fem.results.salvage import OpenedResult

_SETTINGS_SHOWN: Final = 6
#: Settings that every difference in a file brings with it, and that would only fill the line.
_SELDOM_MEANT: Final = ("contents of", "input")


@dataclass(frozen=True, slots=True)
class Subject:
    """One of the results compared.

    Attributes
    ----------
    label : a name that tells it from the others.
    moment : when it is looked at; without a time where peaks are compared, or where it has no such moment.
    noisy : its values and those of its companions.
    companions : the runs its noise is measured on.
    """

    label: str
    result: OpenedResult
    moment: Moment
    noisy: Noisy
    companions: tuple[Companion, ...]

    @property
    def resolution(self) -> str:
        """Return the mesh, empty where not known."""
        return str(self.result.settings.get("spine.resolution", ""))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Subjects, the differences of each from the first, and remarks: what is odd, and what cannot be compared."""

    alignment: str | float
    subjects: tuple[Subject, ...]
    pairs: tuple[Pair, ...]
    remarks: tuple[str, ...]

    @property
    def aligned(self) -> str:
        """Return what is compared, in words."""
        if isinstance(self.alignment, str):
            return SAID[self.alignment]
        return f"state at {self.alignment:g} s of each run"


def compare(
    results: Sequence[OpenedResult], alignment: str | float = PEAKS, named: Sequence[Path] = ()
) -> Comparison:
    """Compare every result with the first.

    Parameters
    ----------
    alignment : name of an event or a time [s], see `fem.compare.events`.
    named : companions from which noise is measured, besides those kept beside the results.

    Raises
    ------
    UsageError
        When no result has the moment asked for, or a companion fits none.
    """
    companions = assigned(results, named)
    names = labels([result.path for result in results])
    subjects = [
        _subject(label, result, alignment, own)
        for label, result, own in zip(names, results, companions, strict=True)
    ]
    if alignment != PEAKS and all(subject.moment.time is None for subject in subjects):
        reasons = "; ".join(f"{subject.label}: {subject.moment.why}" for subject in subjects)
        raise UsageError(f"none of the results can be aligned so ({reasons}); choose another --align")
    remarks = [f"{subject.label}: {text}" for subject in subjects for text in _remarks(subject, alignment)]
    for other in subjects[1:]:
        remarks += _mismatches(subjects[0], other)
    pairs = pairs_of([subject.noisy for subject in subjects])
    return Comparison(alignment, tuple(subjects), pairs, tuple(remarks))


def _subject(
    label: str, result: OpenedResult, alignment: str | float, companions: tuple[Companion, ...]
) -> Subject:
    moment, values = _values(result, alignment)
    others: dict[Kind, Mapping[str, Value]] = {
        companion.kind: _values(companion.result, alignment)[1] for companion in companions
    }
    history = result.table("history") if result.has_table("history") else ()
    times = tuple(float(row["time_s"]) for row in history)
    resolution = str(result.settings.get("spine.resolution", ""))
    return Subject(
        label, result, moment, Noisy(values, others, resolution, times, run_scales(result)), companions
    )


def _values(result: OpenedResult, alignment: str | float) -> tuple[Moment, dict[str, Value]]:
    if alignment == PEAKS:
        return Moment(None), summary_values(result.summary)
    moment = moment_of(result, alignment)
    return moment, {} if moment.time is None else values_at(result, moment.time)


def _remarks(subject: Subject, alignment: str | float) -> list[str]:
    texts = list(subject.result.remarks)
    if alignment != PEAKS and subject.moment.time is None:
        texts.append(f"cannot be aligned: {subject.moment.why}")
    return texts


def _mismatches(first: Subject, second: Subject) -> list[str]:
    """Return what two runs do not have in common, as far as it limits or explains a comparison."""
    both = f"{first.label} and {second.label}"
    one, other = first.result.settings, second.result.settings
    texts = []
    if one and other:
        keys = differing(one, other)
        shown = [key for key in keys if not key.startswith(_SELDOM_MEANT)][:_SETTINGS_SHOWN]
        more = len(keys) - len(shown)
        if keys:
            texts.append(
                f"{both} differ in {', '.join(shown) or 'their input files'}"
                + (f" and {more} more" if more else "")
            )
        else:
            texts.append(f"{both} were solved with the same settings")
    if first.resolution and second.resolution and first.resolution != second.resolution:
        texts.append(
            f"{both} have different meshes ({first.resolution}, {second.resolution}), which shows in every difference"
        )
    versions = [_version(subject.result.run) for subject in (first, second)]
    if versions[0] != versions[1]:
        texts.append(f"{both} were solved by different versions of facetgap ({versions[0]}, {versions[1]})")
    return texts + _places(first, second)


def _places(first: Subject, second: Subject) -> list[str]:
    """Return which sections, and which places of common sections, only one of two runs has."""
    texts = []
    held = [_sections(subject.noisy.values) for subject in (first, second)]
    for own, other, has, lacks in ((0, 1, first, second), (1, 0, second, first)):
        for section, places in held[own].items():
            missing = [place for place in places if place not in held[other].get(section, {})]
            if section not in held[other]:
                texts.append(f"{lacks.label} holds no {section or 'totals'}, which cannot be compared")
            elif missing:
                shown = ", ".join(missing[:_SETTINGS_SHOWN])
                more = len(missing) - _SETTINGS_SHOWN
                texts.append(
                    f"only {has.label} holds {section} {shown}" + (f" and {more} more" if more > 0 else "")
                )
    return texts


def _sections(values: Mapping[str, Value]) -> dict[str, dict[str, None]]:
    found: dict[str, dict[str, None]] = {}
    for value in values.values():
        if value.section:
            found.setdefault(value.section, {})[value.place] = None
    return found


def _version(run: Mapping[str, Any]) -> str:
    versions = run.get("versions", {})
    return str(versions.get("facetgap", "not known")) if isinstance(versions, Mapping) else "not known"


def noise_sentences(comparison: Comparison) -> list[str]:
    """Return where the noise floors of a comparison come from: runs they are measured on, or the known shares."""
    texts: dict[str, list[str]] = {}
    for pair in comparison.pairs:
        both = [comparison.subjects[number] for number in (pair.first, pair.second)]
        for kind in KINDS:
            texts.setdefault(_noise_of(kind, both), []).append(kind)
    return [f"{' and '.join(dict.fromkeys(kinds))}: {text}" for text, kinds in texts.items()]


def _noise_of(kind: Kind, both: Sequence[Subject]) -> str:
    names = f"{both[0].label} and {both[1].label}"
    found = [(own.label, c.result.path) for own in both for c in own.companions if c.kind == kind]
    where = ", ".join(str(path) for _, path in found)
    if len(found) == len(both):
        return f"measured for {names} on {where}"
    if found:
        return f"measured on {where} for {found[0][0]}; the other is taken to move as much"
    return (
        f"default, as known from other cases, not measured for {names} "
        "(--measure-noise measures it, --noise RESULT names runs that tell it)"
    )
