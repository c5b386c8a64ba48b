"""Run a case again on the ligaments that it left behind, and test how far the spine moves before and after."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fem.arrays import FloatArray
from fem.case.build import build_specimen
from fem.case.problem import Problem
from fem.case.read import CaseFile
from fem.elements.layout import State, positions, reference_state
from fem.errors import NotConvergedError
from fem.materials.damage import DamageLaw, StrandDamage
from fem.observe.checkpoints import Checkpoints
from fem.observe.flexibility import FlexibilityTest
from fem.observe.memory import kept_repetitions, repetitions_of
from fem.observe.settling import Heard, settled, settles
from fem.observe.tables import bundle_rows
from fem.observe.undisturbed import undisturbed
from fem.parameters import check_parameters
from fem.results.folder import ResultFolder
from fem.results.repetitions import BundleCost, Flexibility, Repetitions
from fem.solver.linear import LinearSolver
from fem.solver.march import march
from fem.structures.ligaments import StrandGroup

#: Damage [1] that changes by less over a repetition has not changed: the next one would be the same again.
_SAME = 1e-6


class PeakStrains:
    """The largest strain of every strand over the converged states of one run, group by group.

    Parameters
    ----------
    before : (f,) each, of a run that goes on: what it had come to.
    """

    def __init__(self, problem: Problem, before: Sequence[FloatArray] | None = None) -> None:
        self._problem = problem
        none = [np.full(len(group.strand), -np.inf) for group in problem.model.strands]
        self.groups: tuple[FloatArray, ...] = tuple(none if before is None else before)

    def add(self, state: State) -> None:
        """Take a converged state into account."""
        x = positions(self._problem.model.layout, state)
        pairs = zip(self._problem.model.strands, self.groups, strict=True)
        self.groups = tuple(np.maximum(peak, group.strains(x)) for group, peak in pairs)


@dataclass(frozen=True, slots=True)
class Wear:
    """What has become of the strands, group by group: greatest strains so far (f,), and the damage they mean."""

    peaks: tuple[FloatArray, ...]
    damage: tuple[StrandDamage, ...]

    def same_as(self, other: "Wear") -> bool:
        """Whether nothing has been added since."""
        changes = [
            np.abs(np.subtract(getattr(mine, name), getattr(others, name))).max(initial=0.0)
            for mine, others in zip(self.damage, other.damage, strict=True)
            for name in ("unrecovered", "lost")
        ]
        return max(changes, default=0.0) <= _SAME


class RepeatedRun:
    """Repeats a case whose first run is done.

    Notes
    -----
    Damage is taken from each strand's greatest strain when a repetition is over, and acts from the next one on. Every
    repetition starts from the neutral posture with everything but its ligaments as at first: films are at rest, muscles
    balanced anew.

    Parameters
    ----------
    problem : as built, its muscles not balanced yet.
    checkpoints : keep every repetition that is done; the run goes on after those that they hold.
    """

    def __init__(
        self, case_file: CaseFile, problem: Problem, folder: ResultFolder, checkpoints: Checkpoints
    ) -> None:
        assert case_file.case.repeat is not None
        self._case_file, self._problem, self._folder = case_file, problem, folder
        self._checkpoints = checkpoints
        self._law = damage_law(problem)
        self._wear = self._before = worn(self._law, problem.model.strands, PeakStrains(problem).groups, None)
        specimen = build_specimen(case_file, problem.model.mesh, problem.sets)
        self._test = FlexibilityTest(specimen, problem.sets["flexibility"])
        self._record = Repetitions(case_file.case.repeat)

    def follow(
        self, first: PeakStrains, solver: LinearSolver, heard: Heard, listen: Callable[[str], None]
    ) -> None:
        """Go on from the strains of the first run to the last repetition, keeping each as it is done."""
        intact = self._wear
        if not self._goes_on():
            listen("range of motion and neutral zone before the repetitions")
            self._record = replace(self._record, before=self._tested(intact))
            self._keep(first)
        while len(self._record.costs) < self._record.asked:
            number = len(self._record.costs) + 1
            if self._wear.same_as(self._before):
                self._keep_the_same_again()
                break
            listen(f"repetition {number} of {self._record.asked}")
            self._keep(self._repeat(number, solver, heard))
        listen("range of motion and neutral zone after the repetitions")
        after = self._record.before if self._wear.same_as(intact) else self._tested(self._wear)
        self._record = replace(self._record, after=after)
        self._write()

    def _goes_on(self) -> bool:
        """Take up the repetitions that were done before, if there were any."""
        found = self._checkpoints["repeated"]
        if found is None:
            return False
        self._record = repetitions_of(found["record"])
        strands = self._problem.model.strands
        self._wear, self._before = (
            worn(self._law, strands, found[name], None) for name in ("wear", "before")
        )
        self._write()
        return True

    def _tested(self, wear: Wear) -> Flexibility | None:
        """Return the flexibility with ligaments so worn; None, with a warning, for a specimen that finds no balance."""
        try:
            return self._test.measure(wear.damage)
        except NotConvergedError as error:
            self._folder.warn(f"range of motion and neutral zone could not be tested: {error}")
            return None

    def _repeat(self, number: int, solver: LinearSolver, heard: Heard) -> PeakStrains:
        """Solve the case once more on the ligaments as they are."""
        pairs = zip(self._problem.model.strands, self._wear.damage, strict=True)
        problem = self._problem.with_strands(tuple(group.damaged(left) for group, left in pairs))
        state, phases = reference_state(problem.model.layout), problem.phases
        peaks = PeakStrains(problem)
        try:
            if settles(self._case_file.case):
                state, problem = settled(self._case_file, problem, solver, heard, self._folder.log)
                phases = phases[1:]
            peaks.add(state)
            for step in march(problem.system, solver, state, phases, heard):
                peaks.add(step.state)
        except NotConvergedError as error:
            raise NotConvergedError(f"repetition {number} of {self._record.asked}: {error}") from error
        return peaks

    def _keep(self, peaks: PeakStrains) -> None:
        strands = self._problem.model.strands
        wear = worn(self._law, strands, peaks.groups, self._wear)
        costs = bundle_costs(strands, peaks.groups, self._wear.damage, wear.damage)
        self._wear, self._before = wear, self._wear
        self._record = replace(
            self._record, solved=self._record.solved + 1, costs=(*self._record.costs, costs)
        )
        self._write()
        kept = {"wear": self._wear.peaks, "before": self._before.peaks}
        self._checkpoints.repeated({"record": kept_repetitions(self._record), **kept})

    def _keep_the_same_again(self) -> None:
        """Fill up with the last repetition: it has left the ligaments as it found them."""
        left = self._record.asked - len(self._record.costs)
        self._record = replace(self._record, costs=(*self._record.costs, *([self._record.costs[-1]] * left)))
        self._folder.log(
            f"repetitions still to do: {left}; they are the last one again, which left the ligaments as it found them"
        )

    def _write(self) -> None:
        with undisturbed():
            self._folder.keep_repetitions(self._record)


def damage_law(problem: Problem) -> DamageLaw:
    """Return the law of a problem's set ``damage``."""
    data = problem.sets["damage"]
    law = DamageLaw(data.number("law.unrecovered_share"), data.number("law.stiffness_loss"))
    check_parameters(law)
    return law


def worn(
    law: DamageLaw, strands: Sequence[StrandGroup], peaks: Sequence[FloatArray], earlier: Wear | None
) -> Wear:
    """Return the wear after a run with these greatest strains, on strands that were worn before."""
    if earlier is not None:
        peaks = [np.maximum(now, before) for now, before in zip(peaks, earlier.peaks, strict=True)]
    pairs = zip(strands, peaks, strict=True)
    damage = tuple(law.after(peak, group.warning, group.failure) for group, peak in pairs)
    return Wear(tuple(peaks), damage)


def bundle_costs(
    strands: Sequence[StrandGroup],
    peaks: Sequence[FloatArray],
    before: Sequence[StrandDamage],
    after: Sequence[StrandDamage],
) -> tuple[BundleCost, ...]:
    """Return what one repetition did to every bundle."""
    costs = []
    for group, peak, old, new in zip(strands, peaks, before, after, strict=True):
        length = group.reference_length
        for (level, bundle), rows in bundle_rows(group).items():
            costs.append(
                BundleCost(
                    level,
                    bundle,
                    float(peak[rows].max()),
                    float(np.maximum(peak[rows] / group.warning[rows], 0.0).max()),
                    float((length * (new.unrecovered - old.unrecovered))[rows].max()),
                    float((length * new.unrecovered)[rows].max()),
                    float(1.0 - new.lost[rows].mean()),
                    int(new.torn[rows].sum()),
                )
            )
    return tuple(costs)
