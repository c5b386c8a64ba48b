"""Draw bubble volume against time with its band. The only module of the results that loads Matplotlib."""

import io
from pathlib import Path
from typing import Final

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from fem.arrays import FloatArray
from fem.errors import UsageError
from fem.gas.clock import GasClock
from fem.gas.inputs import GASES
from fem.literature import ParameterSet
from fem.results.atomic import write_text
from fem.results.gas_clock import clock_csv, in_minutes

#: Endings that may be asked for.
FORMATS: Final = (".svg", ".pdf", ".png")
_DATES: Final = {".svg": "Date", ".pdf": "CreationDate"}
#: Colours that the colour-blind tell apart (Okabe and Ito); lines also differ in dashes.
_BLUE, _ORANGE, _GREEN, _GREY = "#0072B2", "#D55E00", "#009E73", "#999999"
_GAS_STYLES: Final = ((_ORANGE, "--"), (_GREEN, "-."), (_GREY, ":"))
_LEAST_SHARE: Final = 1e-3


def check_figure_name(file: Path) -> None:
    """Raise `UsageError` for a file whose ending is none of `FORMATS`."""
    if file.suffix.lower() not in FORMATS:
        raise UsageError(
            f"a figure cannot be written as '{file.name}'; end its name with {', '.join(FORMATS)}"
        )


def draw_gas_clock(clock: GasClock, data: ParameterSet, file: Path) -> tuple[Path, Path]:
    """Write the figure and, beside it, its data as CSV; return both files."""
    check_figure_name(file)
    image = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "facetgap", "svg.fonttype": "none", "font.size": 10}):
        # Without a date the same clock gives the same file.
        undated = {_DATES[file.suffix.lower()]: None} if file.suffix.lower() in _DATES else {}
        _figure(clock, data).savefig(image, format=file.suffix[1:].lower(), dpi=160, metadata=undated)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(image.getvalue())
    return file, write_text(file.with_suffix(".csv"), clock_csv(clock))


def _figure(clock: GasClock, data: ParameterSet) -> Figure:
    figure = Figure(figsize=(7.2, 4.6), layout="constrained")
    axes = figure.add_subplot()
    minutes = in_minutes(clock.times)
    floor = _LEAST_SHARE * float(clock.volume[0])
    low, _, high = clock.settings.quantiles
    band = np.maximum(clock.band, floor)
    axes.fill_between(minutes, band[0], band[2], color=_BLUE, alpha=0.2, linewidth=0.0,
                      label=f"{100 * low:g} % to {100 * high:g} % of {clock.settings.draws} draws")  # fmt: skip
    axes.plot(
        minutes, _above(clock.volume, floor), color=_BLUE, linewidth=2.2, label="all gas, default inputs"
    )
    whole = clock.contents.sum(axis=1)
    for place, (gas, (colour, dashes)) in enumerate(zip(GASES, _GAS_STYLES, strict=True)):
        share = np.divide(clock.contents[:, place], whole, out=np.zeros_like(whole), where=whole > 0.0)
        part = _above(clock.volume * share, floor)
        axes.plot(minutes, part, color=colour, linestyle=dashes, linewidth=1.2, label=f"of which {gas}")
    axes.axhline(clock.small_volume, color=_GREY, linewidth=0.8)
    axes.annotate("small", (1.0, clock.small_volume), xycoords=("axes fraction", "data"), xytext=(-4, 3),
                  textcoords="offset points", ha="right", color="black", fontsize=9)  # fmt: skip
    _published(axes, data)
    axes.set(xlabel="time since the pop [min]", ylabel="volume of the bubbles [mm³]", yscale="log",
             xlim=(0.0, float(minutes[-1])), ylim=(floor, None))  # fmt: skip
    axes.legend(loc="upper right", fontsize=8, framealpha=0.9)
    return figure


def _published(axes: "matplotlib.axes.Axes", data: ParameterSet) -> None:
    """Mark the published refractory times, which nothing was fitted to."""
    lumbar, fingers = data.datum("record.refractory.lumbar"), data.datum("record.refractory.fingers")
    if lumbar.low is not None and lumbar.high is not None:
        ends = in_minutes(lumbar.low), in_minutes(lumbar.high)
        axes.axvspan(*ends, color=_GREY, alpha=0.15, linewidth=0.0, label="refractory, lumbar, recalled")
    axes.axvline(in_minutes(fingers.value), color="black", linewidth=0.9, linestyle=(0, (1, 2)),
                 label="refractory, finger joints, published")  # fmt: skip


def _above(values: FloatArray, floor: float) -> FloatArray:
    # A logarithmic axis cannot show what is gone: the line ends at the floor.
    return np.where(values > 0.0, np.maximum(values, floor), np.nan)
