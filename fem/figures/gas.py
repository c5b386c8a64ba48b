"""Gas clock: how long the bubbles of a pop stay, with the gas data as shipped or of the case."""

from collections.abc import Sequence

import numpy as np

from fem.figures.data import ResultData
from fem.figures.drawing import COLOURS, Drawing, legend, panels
from fem.results.tables import Cell

_FLOOR = 1e-3


def draw_gas(data: Sequence[ResultData]) -> list[Drawing]:
    """Draw the volume of the bubbles against the time since a pop, with the gas data of the first result's case."""
    from fem.gas.clock import ClockSettings, gas_clock
    from fem.literature import load

    case = data[0].case
    inputs = load("gas") if case is None else case.parameter_sets().get("gas", load("gas"))
    found = gas_clock(inputs, ClockSettings())
    figure, (panel,) = panels(1, 55.0)
    minutes = found.times / 60.0
    floor = _FLOOR * float(found.volume[0])
    low, _, high = found.settings.quantiles
    band = np.maximum(found.band, floor)
    label = f"{100 * low:g} to {100 * high:g} % of {found.settings.draws} draws of the inputs"
    panel.fill_between(minutes, band[0], band[2], color=COLOURS[0], alpha=0.2, linewidth=0.0, label=label)
    panel.plot(minutes, np.maximum(found.volume, floor), color=COLOURS[0], label="default inputs")
    panel.axhline(
        found.small_volume, color="black", linewidth=0.8, linestyle="--", label="small: hinders no pop"
    )
    panel.set(xlabel="time since the pop [min]", ylabel="volume of the bubbles [mm³]", yscale="log",
              xlim=(0.0, float(minutes[-1])), ylim=(floor, None))  # fmt: skip
    legend(panel)
    says = "Volume of the bubbles that a pop leaves against the time since it, with the gas data of the case."
    rows: list[tuple[Cell, ...]] = [
        tuple(float(v) for v in row)
        for row in zip(minutes, found.volume, found.band[0], found.band[2], strict=True)
    ]
    header = ("time_min", "volume_mm3", f"quantile_{low:g}_mm3", f"quantile_{high:g}_mm3")
    return [Drawing("gas", "gas", figure, says, header, rows)]
