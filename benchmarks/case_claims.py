"""Sentences of a text held against finished runs: rules that say agrees, disagrees or undetermined, and by what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

from fem.anatomy.vocabulary import LEVELS
from fem.explain.judgement import PLACED

AGREES, DISAGREES, OPEN = "agrees", "disagrees", "undetermined"

#: Differences that count: of probabilities, one standard deviation of a share of one half among 200 draws; of margins,
#: one step of their search (four doublings of the motion in two directions, halved six times).
PROBABILITY: Final = sqrt(0.25 / 200)
MARGIN: Final = 0.02
#: Difference of margins since rest that counts: one step of their search at three times the motion needed.
MARGIN_SINCE_REST: Final = 0.13
#: A rise of the range of motion, as a share of it, that is none: two solutions of one problem.
ROUNDING: Final = 1e-6

Summary = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """What the rules look at: summary of a run, and each level's largest turn in any step, name -> [deg]."""

    summary: Summary
    turns: Mapping[str, float]

    @property
    def target(self) -> str:
        """Facet joint of interest."""
        return str(self.summary["target"])

    @property
    def verdicts(self) -> Mapping[str, Mapping[str, Any]]:
        """Joint -> what is said of its cavitation; joints that could not be judged are left out."""
        facets: Mapping[str, Mapping[str, Any]] = self.summary["facets"]
        return {name: joint["cavitation"] for name, joint in facets.items() if "cavitation" in joint}

    @property
    def verdict(self) -> Mapping[str, Any]:
        """What is said of the target."""
        return self.verdicts[self.target]

    @property
    def first(self) -> str | None:
        """The joint that pops first with the default inputs; None where none does."""
        return self.summary.get("first_to_cavitate")

    @property
    def likeliest(self) -> str:
        """The joint with the largest probability, of equal ones that with the largest margin."""
        return max(self.verdicts, key=lambda name: (_number(self.verdicts[name], "probability"),
                                                    _number(self.verdicts[name], "margin")))  # fmt: skip

    @property
    def ligament(self) -> tuple[str, float, float]:
        """The bundle that came nearest to its sub-failure limit: level and name, peak strain, fraction of the limit."""
        bundles = [
            (f"{level} {name}", float(entry["peak_strain"]), float(entry["limit_fraction"]))
            for level, entries in self.summary["ligaments"].items()
            for name, entry in entries.items()
        ]
        return max(bundles, key=lambda bundle: bundle[2])


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a run says to a claim, and the numbers it says it by."""

    word: str
    numbers: str


def pops(run: Run, other: Run | None) -> Judgement:
    """Agree where the target's verdict is `cavitates`, disagree where it is `does not cavitate`."""
    words = {"cavitates": AGREES, "does not cavitate": DISAGREES}
    return Judgement(words.get(run.verdict["verdict"], OPEN), likelihood(run.verdict))


def stays_shut(run: Run, other: Run | None) -> Judgement:
    """Agree where the target's verdict is `does not cavitate`, disagree where it is `cavitates`."""
    words = {"cavitates": DISAGREES, "does not cavitate": AGREES}
    return Judgement(words.get(run.verdict["verdict"], OPEN), likelihood(run.verdict))


def less_likely(run: Run, other: Run | None) -> Judgement:
    """Agree where probability or margin is smaller than the other run's and neither larger; disagree where none is."""
    sign, numbers = _against(run, other)
    return Judgement({-1: AGREES, None: OPEN}.get(sign, DISAGREES), numbers)


def as_likely(run: Run, other: Run | None) -> Judgement:
    """Agree where neither probability nor margin differs from the other run's."""
    sign, numbers = _against(run, other)
    return Judgement({0: AGREES, None: OPEN}.get(sign, DISAGREES), numbers)


def neighbours_turn_more(run: Run, other: Run | None) -> Judgement:
    """Agree where every level next to the target's turns more than it, disagree where none does."""
    level = run.target.rsplit(" ", 1)[0]
    at = LEVELS.index(level)
    beside = [name for name in LEVELS[max(at - 1, 0) : at + 2] if name != level and name in run.turns]
    more = [run.turns[name] > run.turns[level] for name in beside]
    numbers = ", ".join(f"{name} {run.turns[name]:.2f}°" for name in (level, *beside))
    return Judgement(AGREES if all(more) else OPEN if any(more) else DISAGREES, numbers)


def another_joint_first(run: Run, other: Run | None) -> Judgement:
    """Agree where another joint than the target pops first; where none pops, where another is likelier to."""
    if run.first is not None:
        return Judgement(DISAGREES if run.first == run.target else AGREES, f"{run.first} pops first")
    nearest = run.likeliest
    there, here = (_number(run.verdicts[name], "probability") for name in (nearest, run.target))
    numbers = f"none pops; likeliest {nearest}, P {there:.2f}"
    if nearest == run.target:
        return Judgement(DISAGREES, numbers)
    return Judgement(AGREES if there - here > PROBABILITY else OPEN, f"{numbers}, target {here:.2f}")


def ligament_over_limit(run: Run, other: Run | None) -> Judgement:
    """Agree where a bundle was stretched beyond its sub-failure limit."""
    name, strain, fraction = run.ligament
    word = AGREES if fraction >= 1.0 else DISAGREES
    return Judgement(word, f"{name} {100.0 * strain:.0f} %, {fraction:.2f} of its limit")


def muscle_over_limit(run: Run, other: Run | None) -> Judgement:
    """Agree where a muscle's fibres were stretched beyond their limit."""
    over = [name for name, entry in run.summary["muscles"].items() if entry["over_limit"] > 0]
    name, entry = max(run.summary["muscles"].items(), key=lambda item: float(item[1]["fibre_strain"]))
    numbers = f"largest {name} {100.0 * entry['fibre_strain']:.0f} %"
    return Judgement(AGREES if over else DISAGREES, numbers)


def range_grew(run: Run, other: Run | None) -> Judgement:
    """Agree where the range of motion of a level rose by more than rounding over the repetitions."""
    told = run.summary["repetitions"]
    rise = float(told["range_of_motion_rise"])
    numbers = f"by at most {100.0 * rise:.2g} %, ligaments longer by up to {told['elongation_mm']:.2g} mm"
    return Judgement(AGREES if rise > ROUNDING else DISAGREES, numbers)


Rule = Callable[[Run, Run | None], Judgement]

RULES: Final[Mapping[str, Rule]] = {
    "pops": pops,
    "stays shut": stays_shut,
    "less likely": less_likely,
    "as likely": as_likely,
    "neighbours turn more": neighbours_turn_more,
    "another joint first": another_joint_first,
    "ligament over its limit": ligament_over_limit,
    "muscle over its limit": muscle_over_limit,
    "range of motion grew": range_grew,
}
#: Rules that hold a run against another one.
COMPARING: Final = ("less likely", "as likely")


def likelihood(verdict: Mapping[str, Any]) -> str:
    """Return the verdict of a joint with its probability and margin."""
    numbers = f"P {_number(verdict, 'probability'):.2f}, margin {_number(verdict, 'margin'):+.2f}"
    return f"{verdict['verdict']} ({numbers})"


def _against(run: Run, other: Run | None) -> tuple[int | None, str]:
    """Return −1, 0 or 1: less, equally or more likely to pop than in the other run; None where the numbers disagree."""
    assert other is not None
    signs, words = set(), []
    for name, letter, least in (("probability", "P", PROBABILITY), ("margin", "margin", MARGIN)):
        here, there = _number(run.verdict, name), _number(other.verdict, name)
        signs.add(0 if abs(here - there) <= least else 1 if here > there else -1)
        words.append(f"{letter} {here:+.2f} against {there:+.2f}" if letter == "margin"
                     else f"{letter} {here:.2f} against {there:.2f}")  # fmt: skip
    if abs(_positioned(run) - _positioned(other)) > PLACED:
        here, there = (_number(one.verdict, "margin_since_rest") for one in (run, other))
        signs.add(0 if abs(here - there) <= MARGIN_SINCE_REST else 1 if here > there else -1)
        words.append(f"since rest {here:+.2f} against {there:+.2f}")
    here, there = _number(run.verdict, "mri_gapping_mm"), _number(other.verdict, "mri_gapping_mm")
    words.append(f"gap since rest {here:+.2f} against {there:+.2f} mm")
    apart = signs - {0}
    return (None if len(apart) == 2 else apart.pop() if apart else 0), ", ".join(words)


def _positioned(run: Run) -> float:
    """Return how far [mm] positioning alone had opened the target."""
    return _number(run.verdict, "mri_gapping_mm") - _number(run.verdict, "peak_separation_mm")


def _number(verdict: Mapping[str, Any], name: str) -> float:
    return float(verdict[name])
