"""How the solver got over what failed, told from the solves of a march in their order."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from fem.solver.report import NewtonReport

#: Stages of recovery, first the mildest.
STAGES: Final = ("line_searches", "restarts", "shorter_steps", "load_back_offs")


class Recovered(NamedTuple):
    """One stage of recovery that was gone through: one of `STAGES`, and what was done."""

    stage: str
    words: str


@dataclass(slots=True)
class Recovery:
    """Listens to a march; `dynamic` names the phases in which rates matter.

    Notes
    -----
    Within a solve a step that overshoots, or turns a cell inside out, is shortened: the line search. A solve that
    fails from where the motion was expected to be starts again from the last converged state. One that fails from there
    too goes back to that state and on by a quarter: in a dynamic phase that is a shorter step in time, in a static one
    the loads are backed off and brought in by less.
    """

    dynamic: Collection[str] = ()
    _failed: tuple[str, float] | None = field(default=None, init=False)

    def hear(self, phase: str, time: float, report: NewtonReport) -> Iterator[Recovered]:
        """Yield what was done since the solve before, given one that ended at a time [s] of a phase."""
        failed, self._failed = self._failed, None if report.converged else (phase, time)
        if failed is not None and failed[0] == phase:
            yield self._again(phase, failed[1], time)
        short = [length for length in report.lengths if length < 1.0]
        if short:
            words = (
                f"line search shortened {len(short)} of {len(report.lengths)} iterations, to {min(short):.2g}"
            )
            yield Recovered("line_searches", f"{words} of a step at least")

    def _again(self, phase: str, before: float, time: float) -> Recovered:
        if time == before:
            return Recovered("restarts", f"t = {time:.6g} s again, from the last converged state")
        if phase in self.dynamic:
            return Recovered(
                "shorter_steps", f"a shorter step in time, to t = {time:.6g} s instead of {before:.6g} s"
            )
        return Recovered(
            "load_back_offs", f"loads backed off to those of t = {time:.6g} s instead of {before:.6g} s"
        )
