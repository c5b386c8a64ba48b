"""Work along the way from one converged state to the next: ∫F·dx from what is known at the ends."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from fem.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Stretch:
    """One step's way.

    Attributes
    ----------
    duration : [s]
    motion : (d,) [mm, rad] from its start to its end.
    start, end : (d,) [N, N mm] force at both ends.
    """

    duration: float
    motion: FloatArray
    start: FloatArray
    end: FloatArray

    def reversed(self) -> "Stretch":
        """Return the way back."""
        return Stretch(self.duration, -self.motion, self.end, self.start)


def straight_work(stretch: Stretch) -> float:
    """Return the work [N mm] where force and place change evenly in time: the trapezoidal rule."""
    return float(0.5 * (stretch.start + stretch.end) @ stretch.motion)


def curved_work(before: Stretch, stretch: Stretch) -> float:
    """Return the work [N mm] along a stretch where force and place are parabolas in time through the one before.

    Notes
    -----
    With time s from the joint of the two, velocity a + b s and force f + c s + e s² through all three states:
    ∫ = f·(a h + b h²/2) + c·(a h²/2 + b h³/3) + e·(a h³/3 + b h⁴/4), h the duration. Third order, where the
    trapezoidal rule is of second.
    """
    h, whole = stretch.duration, before.duration + stretch.duration
    speed, speed_before = stretch.motion / h, before.motion / before.duration
    b = 2.0 * (speed - speed_before) / whole
    a = speed - 0.5 * h * b
    slope, slope_before = (stretch.end - stretch.start) / h, (before.end - before.start) / before.duration
    e = (slope - slope_before) / whole
    c = slope - h * e
    return float(
        stretch.start @ stretch.motion
        + c @ (a * h**2 / 2.0 + b * h**3 / 3.0)
        + e @ (a * h**3 / 3.0 + b * h**4 / 4.0)
    )


@dataclass(frozen=True, slots=True)
class WorkCount:
    """Work [N mm] so far, with the last stretch and whether a second one has followed in its phase.

    Static phases go in few large steps, so their work is counted along parabolas; the first step of a phase is
    counted straight, and again once the second one shows its curve. Dynamic phases go in many small steps; what
    their terms lose is counted straight, and so is their work.
    """

    work: float = 0.0
    phase: str = ""
    last: Stretch | None = None
    curved: bool = False

    def memory(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        last = (
            None
            if self.last is None
            else {item.name: getattr(self.last, item.name) for item in fields(Stretch)}
        )
        return {"work": self.work, "phase": self.phase, "last": last, "curved": self.curved}

    def after(self, stretch: Stretch, phase: str, static: bool) -> "WorkCount":
        """Return the count after one more stretch of a phase."""
        if not static:
            return WorkCount(self.work + straight_work(stretch), phase)
        if self.last is None or phase != self.phase:
            return WorkCount(self.work + straight_work(stretch), phase, stretch)
        work = self.work + curved_work(self.last, stretch)
        if not self.curved:
            work -= straight_work(self.last) + curved_work(stretch.reversed(), self.last.reversed())
        return WorkCount(work, phase, stretch, curved=True)


def count_of(memory: Mapping[str, Any]) -> WorkCount:
    """Return the count that `WorkCount.memory` kept."""
    last = None if memory["last"] is None else Stretch(**memory["last"])
    return WorkCount(memory["work"], memory["phase"], last, memory["curved"])
