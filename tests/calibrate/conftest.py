"""A small plan that is solved by a formula instead of finite elements, so that its answer is known."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from fem.calibrate.trial import Response, Trial

CASES = Path(__file__).parents[2] / "cases"

PLAN = f"""
version = 1
title = "Made-up disc"

[sets.disc]
name = "disc/made_up"
start = "disc/gruber_2024"
scope = "nothing: a test"
against = "a formula"

[fit]
anchor = 0.0
digits = 6
tolerance = 1e-12

[[stages]]
title = "all"

[[stages.parameters]]
name = "ground"
keys = ["annulus.C10"]
change = "value"
start = "0.1351 MPa"
low = "0.03 MPa"
high = "0.4 MPa"
why = "a test"

[[stages.parameters]]
name = "fibres"
keys = ["annulus.fibre.anterior.k1", "annulus.fibre.lateral.k1"]
start = 1.0
low = 0.2
high = 4.0
why = "a test"

[[stages.data]]
case = "{CASES}/disc/flexion.yaml"
experiment = "experiments/heuer_2007"
group = "flexion"
quantity = "rotation"
weights = [0.5, 1.0, 1.0, 1.0]

[[stages.data]]
case = "{CASES}/disc/flexion.yaml"
experiment = "experiments/heuer_2007"
group = "flexion"
quantity = "pressure_rise"
weights = [1.0, 1.0, 1.0, 1.0]
"""


@pytest.fixture
def plan_path(tmp_path: Path) -> Path:
    """The plan as a file."""
    path = tmp_path / "made_up.toml"
    path.write_text(PLAN, encoding="utf-8")
    return path


class Formula:
    """Solves trials by a formula: a softer ground turns more, stiffer fibres raise the pressure."""

    def __init__(self) -> None:
        self.trials: list[Trial] = []

    def response(self, trial: Trial) -> Response:
        ground, fibres = trial.numbers
        rotation = tuple(0.001 * moment**0.5 * (0.1 / ground) ** 0.5 for moment in trial.moments)
        rise = tuple(4e-5 * moment * (0.5 + 0.5 * fibres) for moment in trial.moments)
        return Response(rotation, rise)

    def __call__(self, trials: Sequence[Trial]) -> Iterator[Response]:
        for trial in trials:
            self.trials.append(trial)
            yield self.response(trial)


@pytest.fixture
def formula() -> Formula:
    """The formula, with a record of what it was asked."""
    return Formula()
