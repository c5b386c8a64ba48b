"""The gas clock in words, as one JSON document and as a table for other programs."""

import math
import textwrap
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from fem.gas.clock import GasClock, Moment, PopAgain, residual_bubble
from fem.gas.inputs import GASES, used_numbers
from fem.literature import ParameterSet
from fem.results.grid import grid_lines
from fem.results.tables import cell_text, csv_text
from fem.units import from_internal

#: What the clock cannot say without a thrust; the key of the same name in the JSON document is null where it can.
NOT_ANSWERED: Final = (
    "how long until a thrust can pop the joint again: name a case with a target and a thrust in a dynamic phase, or "
    "the folder of its result"
)
_LISTED: Final = 4
_COLUMNS: Final = ("time_min", "volume_mm3", "volume_low_mm3", "volume_middle_mm3", "volume_high_mm3")


def clock_document(
    clock: GasClock,
    data: ParameterSet,
    marks: Sequence[float],
    case: str | None,
    again: PopAgain | None = None,
) -> dict[str, Any]:
    """Return everything the clock says as a JSON document; `marks` [s] are the times of its short table."""
    bubbles = clock.gas.bubbles
    return {
        "version": 1,
        "case": case,
        "bubbles": {
            "number": bubbles.number,
            "radius_mm": float(clock.life.radii[0]),
            "volume_mm3": float(clock.volume[0]),
            "shares": dict(zip(GASES, bubbles.shares.tolist(), strict=True)),
        },
        "undersaturation_kPa": from_internal(clock.gas.surroundings.undersaturation, "kPa"),
        "small_volume_mm3": clock.small_volume,
        "small_min": _moment_entry(clock.small),
        "gone_min": _moment_entry(clock.gone),
        "thrust_can_pop_again_min": None if again is None else _again_entry(again),
        "not_answered": NOT_ANSWERED if again is None else None,
        "table": [_row(clock, mark) for mark in marks],
        "curve": {name: column.tolist() for name, column in _curve(clock).items()},
        "draws": {"count": clock.settings.draws, "seed": clock.settings.seed, "quantiles": clock.settings.quantiles},
        "influences": [{"name": one.name, "rank_correlation": one.correlation} for one in clock.influences],
        "inputs": [data.datum(key).entry() for key in used_numbers(data)],
    }  # fmt: skip


def clock_table(
    clock: GasClock, marks: Sequence[float], width: int, case: str | None, again: PopAgain | None = None
) -> str:
    """Return what the clock says, at most `width` columns wide."""
    bubbles, settings = clock.gas.bubbles, clock.settings
    low, _, high = (f"{100 * one:g} %" for one in settings.quantiles)
    shares = ", ".join(f"{gas} {100 * share:.1f} %" for gas, share in zip(GASES, bubbles.shares, strict=True))
    header = ["time", "volume", low, high, "compliance", *GASES]
    units = ["[min]", "[mm3]", "[mm3]", "[mm3]", "[mm3/kPa]", *["[%]"] * len(GASES)]
    rows = [_cells(_row(clock, mark)) for mark in marks]
    lines = [
        "Gas left by a pop" + (f" in {case}" if case else ""),
        f"{clock.volume[0]:.3g} mm3 in bubbles of {clock.life.radii[0]:.3g} mm radius ({bubbles.number:.0f} of them)",
        f"gas without vapour: {shares}",
        f"tissue short of gas by {from_internal(clock.gas.surroundings.undersaturation, 'kPa'):.2f} kPa",
        "",
        *grid_lines(header, [units, *rows], width),
        "",
        _moment_line(f"small (at most {clock.small_volume:.3g} mm3)", clock.small, clock),
        _moment_line("gone", clock.gone, clock),
        *([] if again is None else [_again_line(again, clock)]),
        "",
        f"bands: {low} and {high} of {settings.draws} draws of the inputs (seed {settings.seed})",
        *_influence_lines(clock),
        "every number with its source: --json",
        *(["", "not answered: " + NOT_ANSWERED] if again is None else []),
    ]
    return "\n".join(_wrapped(lines, width)) + "\n"


def clock_csv(clock: GasClock) -> str:
    """Return the curve as CSV: time, volume, its band, and the content of every gas."""
    curve = _curve(clock)
    rows = zip(*curve.values(), strict=True)
    return csv_text(
        [tuple(curve), *([cell_text(float(value), "gas clock") for value in row] for row in rows)]
    )


def _curve(clock: GasClock) -> dict[str, Any]:
    columns = (in_minutes(clock.times), clock.volume, *clock.band)
    gases = {f"{gas}_N_mm": clock.contents[:, place] for place, gas in enumerate(GASES)}
    return {**dict(zip(_COLUMNS, columns, strict=True)), **gases}


def in_minutes(seconds: Any) -> Any:
    """Return times in minutes."""
    return seconds * from_internal(1.0, "min")


def _row(clock: GasClock, mark: float) -> dict[str, Any]:
    place = int(np.argmin(np.abs(clock.times - mark)))
    left = residual_bubble(float(clock.times[place]), clock.gas, transient=clock.settings.transient)
    low, middle, high = (float(value) for value in clock.band[:, place])
    return {
        "time_min": in_minutes(mark),
        "volume_mm3": left.volume,
        "volume_band_mm3": [low, middle, high],
        "compliance_mm3_per_kPa": from_internal(left.compliance, "mm^3/kPa"),
        "contents_N_mm": dict(zip(GASES, left.bubbles.contents.tolist(), strict=True)),
        "shares": dict(zip(GASES, left.bubbles.shares.tolist(), strict=True)),
    }


def _cells(row: dict[str, Any]) -> list[str]:
    numbers = (row["volume_mm3"], row["volume_band_mm3"][0], row["volume_band_mm3"][2])
    shares = row["shares"].values()
    empty = row["volume_mm3"] == 0.0
    return [
        f"{row['time_min']:g}",
        *(f"{number:.3f}" for number in numbers),
        f"{row['compliance_mm3_per_kPa']:.5f}",
        *("-" if empty else f"{100 * share:.1f}" for share in shares),
    ]


def _moment_entry(moment: Moment) -> dict[str, Any]:
    return {"value": _minutes(moment.time), "band": [_minutes(time) for time in moment.band]}


def _again_entry(again: PopAgain) -> dict[str, Any]:
    moment = again.moment
    entry = {"value": None, "band": None} if moment is None else _moment_entry(moment)
    return {"joint": again.joint, "most_gas_mm3": again.volume, **entry}


def _again_line(again: PopAgain, clock: GasClock) -> str:
    if again.volume is None or again.moment is None:
        return f"the thrust does not pop {again.joint}, even without gas"
    what = f"the thrust can pop {again.joint} again, with at most {again.volume:.3g} mm3 of gas left"
    return _moment_line(what, again.moment, clock)


def _minutes(time: float | None) -> float | None:
    return None if time is None else float(in_minutes(time))


def _moment_line(what: str, moment: Moment, clock: GasClock) -> str:
    later = f"later than {in_minutes(clock.settings.horizon):g} min"
    value, low, high = (
        later if time is None else f"{in_minutes(time):.1f} min"
        for time in (moment.time, moment.band[0], moment.band[2])
    )
    return f"{what}: {value} (band {low} to {high})"


def _influence_lines(clock: GasClock) -> list[str]:
    # Ranks of unrelated inputs correlate by chance with a spread of 1/√draws.
    chance = 2.0 / math.sqrt(clock.settings.draws)
    strong = [one for one in clock.influences if abs(one.correlation) > chance][:_LISTED]
    if not strong:
        return [f"no input stands out from chance in so few draws (rank correlation below {chance:.2f})"]
    return [
        f"inputs that decide the time until small (rank correlation; chance gives up to {chance:.2f}):",
        *(f"  {one.name:<24} {one.correlation:+.2f}" for one in strong),
    ]


def _wrapped(lines: Sequence[str], width: int) -> list[str]:
    return [
        part
        for line in lines
        for part in (textwrap.wrap(line, width, subsequent_indent="  ") if len(line) > width else [line])
    ]
