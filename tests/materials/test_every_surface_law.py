"""Every law of surfaces in contact."""

import numpy as np
import pytest

from fem.materials.surface import SURFACE_LAWS, CartilageLayers, LinearFoundation
from fem.parameters import check_parameters
from oracles.differences import relative, slope
from oracles.samples import sample, samples_at_the_ends

names = pytest.mark.parametrize("name", sorted(SURFACE_LAWS))


@names
def test_pressure_and_stiffness_follow_from_the_energy(name: str) -> None:
    law = sample(SURFACE_LAWS[name])
    check_parameters(law)
    thickness = getattr(law, "thickness", 1.0)
    gap = thickness * np.array([-0.95, -0.5, -0.2, -0.01, 0.3])[:, None]
    here = law.respond(gap)
    assert relative(-here.pressure, slope(lambda g: law.respond(g).energy, gap)[..., 0]) <= 1e-7
    assert relative(-here.stiffness, slope(lambda g: law.respond(g).pressure, gap)[..., 0]) <= 1e-7


@names
def test_nothing_is_carried_across_an_open_gap(name: str) -> None:
    """Infinite gaps are what points off the facing surface report."""
    here = sample(SURFACE_LAWS[name]).respond(np.array([0.0, 1e-9, 2.0, np.inf]))
    for values in (here.energy, here.pressure, here.stiffness):
        assert not values.any()


@names
def test_every_legal_end_of_a_range_gives_finite_answers(name: str) -> None:
    for parameter, law in samples_at_the_ends(SURFACE_LAWS[name]):
        here = law.respond(np.array([-3.0, -0.5, 0.0, 1.0]))
        for values in (here.energy, here.pressure, here.stiffness):
            assert np.isfinite(values).all(), parameter


def test_cartilage_closed_form_and_its_continuation() -> None:
    modulus, thickness, limit = 4.0, 1.6, 0.9
    law = CartilageLayers(modulus, thickness, limit)
    depth = np.array([0.1, 0.8])
    np.testing.assert_allclose(
        law.respond(-depth).pressure, -modulus * np.log(1.0 - depth / thickness), rtol=1e-13
    )
    edge = limit * thickness
    below, above = (law.respond(np.array([-edge + d])) for d in (1e-9, -1e-9))
    # Value, slope and bend continue, so both sides differ by what 2e-9 mm of the steepest derivative makes.
    assert above.pressure[0] - below.pressure[0] == pytest.approx(2e-9 * below.stiffness[0], rel=1e-3)
    assert above.stiffness[0] == pytest.approx(below.stiffness[0], rel=1e-6)
    through = law.respond(np.array([-1.5 * thickness]))
    assert np.isfinite(through.pressure).all()
    assert through.pressure[0] > above.pressure[0]


def test_thin_overclosure_is_the_linear_foundation() -> None:
    modulus, thickness = 4.0, 1.6
    gap = np.array([-1e-5 * thickness])
    layers = CartilageLayers(modulus, thickness, 0.9).respond(gap)
    plain = LinearFoundation(modulus / thickness).respond(gap)
    assert layers.pressure[0] == pytest.approx(plain.pressure[0], rel=1e-5)  # next term of the logarithm
