"""The largest effects on each answer as a figure."""

from fem.figures.drawing import Drawing
from fem.figures.sensitivity import Bar, BarPanel, draw_effects
from fem.sensitivity.analysis import Analysis, Answer


def picture(told: Analysis, most: int, name: str) -> Drawing:
    """Return figure `name` of the `most` largest effects on each answer."""
    return draw_effects([_panel(told, answer, most) for answer in told.answers], name)


def _panel(told: Analysis, answer: Answer, most: int) -> BarPanel:
    bars = [
        Bar(
            told.inputs[one.number].meaning,
            one.mu_star,
            one.interval,
            one.sigma,
            told.inputs[one.number].band is not None,
        )
        for one in answer.effects[:most]
    ]
    return BarPanel(answer.output.meaning, f"mu* [{answer.output.unit}]", tuple(bars))
