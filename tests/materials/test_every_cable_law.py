"""Every cable law in the registry: derivatives, slack, breaks, legal parameters."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from fem.errors import ParameterError
from fem.materials.cable import (
    CABLE_LAWS,
    ConstantTension,
    ExponentialLinear,
    LinearCable,
    ToeLinear,
    TrilinearWindows,
)
from fem.parameters import check_parameters, parameters_of
from oracles.differences import relative, slope
from oracles.samples import sample, samples_at_the_ends

names = pytest.mark.parametrize("name", sorted(CABLE_LAWS))
#: Laws whose slope has no jump at the end of the toe; tables of windows jump by construction.
SMOOTH = ("toe_linear", "exponential_linear")


def breaks(law: Any) -> list[float]:
    """Return the lengths at which a law changes branch: rest, then every declared strain."""
    rest = getattr(law, "reference_length", None)
    if rest is None:
        return []
    strains = [getattr(law, key) for key in parameters_of(type(law)) if key.endswith("strain")]
    return [rest] + [rest * (1.0 + strain) for strain in strains]


def lengths_between(law: Any) -> np.ndarray:
    """Return lengths inside every branch, slack to far beyond the last break."""
    edges = [0.5, *(breaks(law) or [1.0]), 1.5 * (breaks(law) or [1.0])[-1]]
    return np.array([low + share * (high - low) for low, high in pairwise(edges) for share in (0.3, 0.8)])


@names
def test_tension_and_stiffness_follow_from_the_energy(name: str) -> None:
    law = sample(CABLE_LAWS[name])
    length = lengths_between(law)[:, None]
    here = law.respond(length)
    assert relative(here.tension, slope(lambda x: law.respond(x).energy, length)[..., 0]) <= 1e-8
    if name == "constant_tension":
        assert not here.stiffness.any()
        return
    assert relative(here.stiffness, slope(lambda x: law.respond(x).tension, length)[..., 0]) <= 1e-8


@names
def test_tension_is_continuous_at_every_break(name: str) -> None:
    law = sample(CABLE_LAWS[name])
    for length in breaks(law):
        tiny = 1e-9 * length
        below, above = (law.respond(np.array([length + d])) for d in (-tiny, tiny))
        steepest = max(float(below.stiffness[0]), float(above.stiffness[0]))
        assert abs(above.tension[0] - below.tension[0]) <= 2.1 * tiny * steepest
        assert abs(above.energy[0] - below.energy[0]) <= 2.1 * tiny * max(float(above.tension[0]), 1e-9)


@pytest.mark.parametrize("name", SMOOTH)
def test_slope_is_continuous_where_toe_meets_line(name: str) -> None:
    law = sample(CABLE_LAWS[name])
    end = breaks(law)[-1]
    below, above = (law.respond(np.array([end * (1.0 + d)])).stiffness[0] for d in (-1e-9, 1e-9))
    assert above > 0.0
    assert below == pytest.approx(above, rel=1e-7)  # the toe's own slope changes by 1e-9 relative


@names
def test_slack_below_rest(name: str) -> None:
    law = sample(CABLE_LAWS[name])
    if isinstance(law, ConstantTension):
        return
    rest = law.reference_length
    slack = law.respond(np.array([0.3, 0.99, 1.0]) * rest)
    assert not slack.tension.any()
    assert not slack.stiffness.any()
    assert not slack.energy.any()
    assert law.respond(np.array([1.01 * rest])).tension[0] > 0.0


@names
def test_parameters_are_checked_and_may_differ_by_strand(name: str) -> None:
    law = sample(CABLE_LAWS[name])
    check_parameters(law)
    keys = list(parameters_of(type(law)))
    values = {key: getattr(law, key) for key in keys}
    with pytest.raises(ParameterError, match=keys[0]):
        check_parameters(type(law)(**values | {keys[0]: -1.0}))
    both = type(law)(**{key: np.array([value, 1.1 * value]) for key, value in values.items()})
    single = type(law)(**{key: 1.1 * value for key, value in values.items()})
    length = np.array([2.0, 2.0])
    assert both.respond(length).tension[1] == single.respond(length).tension[1]


@names
def test_every_legal_end_of_a_range_gives_finite_answers(name: str) -> None:
    for parameter, law in samples_at_the_ends(CABLE_LAWS[name]):
        here = law.respond(np.array([0.3, 0.6, 0.61, 2.0]))
        for values in (here.energy, here.tension, here.stiffness):
            assert np.isfinite(values).all(), parameter


def test_toe_linear_numbers() -> None:
    """Blankevoort: k ε²/(2 ε_t) in the toe, k (ε − ε_t/2) beyond."""
    k, end, rest = 1000.0, 0.06, 12.0
    law = ToeLinear(rest, k, end)
    strain = np.array([0.01, 0.03, 0.06, 0.10])
    exact = [k * e**2 / (2 * end) if e < end else k * (e - end / 2) for e in strain]
    np.testing.assert_allclose(exact, [0.83333, 7.5, 30.0, 70.0], atol=5e-6)
    np.testing.assert_allclose(law.respond(rest * (1.0 + strain)).tension, exact, rtol=1e-12)


def test_other_numbers() -> None:
    rest = 10.0
    windows = TrilinearWindows(rest, 2.0, 5.0, 9.0, 0.1, 0.2)
    assert windows.respond(np.array([13.0])).tension[0] == pytest.approx(2.0 * 1 + 5.0 * 1 + 9.0 * 1)
    capsule = ExponentialLinear(rest, 3.0, 0.5, 8.0, 0.3)
    toe_end = 3.0 * 0.5 / 8.0 * (np.exp(2.4) - 1.0)
    assert capsule.respond(np.array([13.0])).tension[0] == pytest.approx(toe_end, rel=1e-12)
    beyond = toe_end + 3.0 * 0.5 * np.exp(2.4) * 0.1
    assert capsule.respond(np.array([14.0])).tension[0] == pytest.approx(beyond, rel=1e-12)
    EA, P, L = 1000.0, 5.0, 20.0
    assert LinearCable(L * EA / (EA + P), EA).respond(np.array([L])).tension[0] == pytest.approx(P, rel=1e-12)


def test_the_checker_catches_a_forgotten_factor() -> None:
    class Forgotten(ToeLinear):
        def respond(self, length: np.ndarray) -> Any:
            whole = ToeLinear.respond(self, length)
            return type(whole)(whole.energy, whole.tension, whole.stiffness * self.reference_length)

    law = Forgotten(10.0, 1000.0, 0.06)
    length = np.array([[10.4], [11.0]])
    error = relative(law.respond(length).stiffness, slope(lambda x: law.respond(x).tension, length)[..., 0])
    assert not error <= 1e-8
