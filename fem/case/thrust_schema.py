"""How hard and how fast a thrust pushes, as written in a case file."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from fem.document import StrictModel
from fem.quantities import Length, PositiveLength, PositiveTime, Quantity
from fem.units import format_quantity

#: Shortest rise [s] of a thrust. A vertebra with its slice of the trunk (kilograms) on its discs (kN/mm) swings at
#: about 100 Hz, and the slice is lumped into one rigid mass: what happens within one such period is not resolved.
SHORTEST_RISE: Final = 0.01


def _pushes(value: float) -> float:
    if value == 0.0:
        raise ValueError(
            "a thrust with a peak of 0 N pushes nothing; give a force above 0 N, or leave it out"
        )
    if value < 0.0:
        given = format_quantity(value, "force")
        raise ValueError(f"a thrust pushes along its direction: turn the direction round instead of {given}")
    return value


def _travels(value: float) -> float:
    if not value > 0.0:
        given = format_quantity(value, "length")
        raise ValueError(f"a thrust of {given} goes nowhere; give a travel above 0 mm along the direction")
    return value


def too_fast(rise: float) -> str:
    """Return the sentence that refuses a thrust which rises or falls within `rise` [s]; empty if it may stand."""
    if rise >= SHORTEST_RISE:
        return ""
    given, least = (format_quantity(time, "time", "ms", 3) for time in (rise, SHORTEST_RISE))
    return (
        f"{given} is too short: the trunk's mass is lumped to one rigid slice per level, which swings on its discs "
        f"at about 100 Hz, so rises below {least} are not resolved; a manual thrust takes 50 to 200 ms"
    )


def _resolved(value: float) -> float:
    sentence = too_fast(value)
    if sentence:
        raise ValueError(sentence)
    return value


PeakForce = Annotated[float, Quantity("force"), AfterValidator(_pushes)]
Travel = Annotated[Length, AfterValidator(_travels)]
Rise = Annotated[PositiveTime, AfterValidator(_resolved)]


class ThrustTiming(StrictModel):
    """Size and course of a thrust: half a sine with a `peak` or a `displacement`, or a measured `table`."""

    preload: Annotated[float, Quantity("force", low=0.0)] | None = Field(
        None, description="force that is held before the thrust and under it; default none"
    )
    peak: PeakForce | None = Field(None, description="largest force, preload included")
    displacement: Travel | None = Field(
        None, description="travel of the hand from where the point is when the phase starts"
    )
    table: str | None = Field(
        None,
        description="file of measured forces with the header time_s,force_N; its first row starts the phase",
    )
    time_to_peak: Rise | None = Field(None, description="from the start of the phase to the peak")
    release: Rise | None = Field(None, description="from the peak back to the preload; default time_to_peak")
    patch: PositiveLength | None = Field(
        None, description="diameter of the hand's contact on the bones behind the landmark; default one point"
    )

    @model_validator(mode="after")
    def _one_course(self) -> "ThrustTiming":
        given = [name for name in ("peak", "displacement", "table") if getattr(self, name) is not None]
        if len(given) != 1:
            found = f"here are {' and '.join(given)}" if given else "here is none"
            raise ValueError(f"a thrust has exactly one of peak, displacement and table; {found}")
        if self.table is not None:
            self._only_a_table()
        elif self.time_to_peak is None:
            raise ValueError("the time_to_peak of the thrust is missing, for example time_to_peak: 150 ms")
        elif self.peak is not None and self.preload is not None and not self.peak > self.preload:
            peak, preload = (format_quantity(value, "force") for value in (self.peak, self.preload))
            raise ValueError(f"the peak of {peak} must lie above the preload of {preload}, which it includes")
        return self

    def _only_a_table(self) -> None:
        for name in ("preload", "time_to_peak", "release"):
            if getattr(self, name) is not None:
                raise ValueError(
                    f"the table says how the force runs, its first row the preload; leave out {name}"
                )

    @property
    def release_time(self) -> float:
        """Time [s] from the peak back to the preload; 0 for a table, which has its own times."""
        return self.release or self.time_to_peak or 0.0
