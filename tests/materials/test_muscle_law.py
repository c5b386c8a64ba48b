"""Hill curves against their formulas; derivatives against differences; what the law must never do."""

from dataclasses import replace

import numpy as np
import pytest

from fem.errors import ParameterError
from fem.materials.muscle.hill import MuscleLaw, MuscleResponse
from fem.parameters import check_parameters, parameters_of
from oracles.differences import relative, slope

LAW = MuscleLaw(
    maximum_force=100.0,
    neutral_length=120.0,
    fibre_share=0.5,
    neutral_stretch=0.9,
    width=0.45,
    maximum_speed=10.0,
    curvature=0.25,
    eccentric_limit=1.4,
    short_range_factor=10.0,
    short_range_limit=0.3,
    passive_strain=0.6,
    passive_exponent=5.0,
)
#: Optimal fibre length: 0.5 x 120 / 0.9 mm; tendon 60 mm.
OPTIMAL, TENDON = 60.0 / 0.9, 60.0
#: Lengths from slack fibres to beyond the straight part of the passive curve (which begins at 156 mm).
LENGTHS = np.array([85.0, 110.0, 119.0, 121.0, 130.0, 150.0, 158.0, 170.0])
#: Speeds [mm/s] from faster than the unloaded speed (667 mm/s), over both branches.
SPEEDS = np.array([-900.0, -500.0, -60.0, -1.0, 1.0, 40.0, 300.0, 900.0])


def at(
    length: float, speed: float = 0.0, activation: float = 1.0, reference: float | None = None
) -> MuscleResponse:
    start = None if reference is None else np.array([reference])
    return LAW.respond(np.array([length]), np.array([speed]), np.array([activation]), start)


def test_active_force_follows_the_gaussian_of_the_fibre_stretch_behind_a_rigid_tendon() -> None:
    for stretch in (0.6, 0.9, 1.0, 1.3):
        length = TENDON + stretch * OPTIMAL
        assert at(length).active[0] == pytest.approx(
            100.0 * np.exp(-((stretch - 1.0) ** 2) / 0.45), rel=1e-12
        )
    assert at(TENDON + OPTIMAL).active[0] == pytest.approx(100.0, rel=1e-12)


def test_shortening_force_is_hills_hyperbola() -> None:
    best = TENDON + OPTIMAL
    for w in (-1.0, -0.6, -0.2, 0.0):
        force = at(best, w * 10.0 * OPTIMAL).active[0]
        assert force == pytest.approx(100.0 * (1.0 + w) / (1.0 - w / 0.25), abs=1e-9)
        # (F + a)(v + b) is constant: a = k F0, b = k v_max.
        assert (force + 25.0) * (-w + 0.25) == pytest.approx(125.0 * 0.25, rel=1e-12)
    assert at(best, -1.5 * 10.0 * OPTIMAL).active[0] == 0.0


def test_lengthening_force_rises_to_its_limit_without_a_kink() -> None:
    best, top = TENDON + OPTIMAL, 10.0 * OPTIMAL
    forces = [at(best, w * top).active[0] for w in (0.0, 0.02, 0.1, 1.0, 1e4)]
    assert forces == sorted(forces)
    assert forces[-1] == pytest.approx(140.0, rel=1e-4)
    below, above = (at(best, sign * 1e-9 * top).damping[0] for sign in (-1.0, 1.0))
    assert below == pytest.approx(above, rel=1e-6)
    assert below == pytest.approx(100.0 * (1.0 + 1.0 / 0.25) / top, rel=1e-6)  # Hill's slope at zero speed


def test_passive_force_starts_smoothly_in_neutral_and_reaches_the_isometric_force() -> None:
    assert at(120.0, activation=0.0).tension[0] == 0.0
    assert at(100.0, activation=0.0).tension[0] == 0.0
    assert at(120.0, activation=0.0).stiffness[0] == 0.0
    assert at(120.0 + 0.6 * 60.0, activation=0.0).tension[0] == pytest.approx(100.0, rel=1e-12)
    x = 5.0 * 0.3 / 0.6
    expected = 100.0 * (np.exp(x) - 1.0 - x) / (np.exp(5.0) - 6.0)
    assert at(120.0 + 0.3 * 60.0, activation=0.0).passive[0] == pytest.approx(expected, rel=1e-12)
    far = [at(length, activation=0.0).tension[0] for length in (160.0, 165.0, 170.0)]
    assert far[2] - far[1] == pytest.approx(far[1] - far[0], rel=1e-12)  # straight, so nothing overflows


def test_short_range_stiffness_is_q_times_force_over_length_and_saturates() -> None:
    length = TENDON + OPTIMAL  # where the force-length curve is level
    here = at(length, activation=0.4, reference=length)
    assert here.tension[0] - here.passive[0] == pytest.approx(40.0, rel=1e-12)
    active_stiffness = here.stiffness[0] - at(length, activation=0.0).stiffness[0]
    assert active_stiffness == pytest.approx(10.0 * 40.0 / length, rel=1e-9)
    still = at(150.0).active[0]
    assert at(150.0, reference=100.0).active[0] == pytest.approx(1.3 * still, rel=1e-6)
    assert at(100.0, reference=200.0).active[0] == pytest.approx(0.7 * at(100.0).active[0], rel=1e-6)


@pytest.mark.parametrize("reference", [None, np.full(8, 118.0)])
@pytest.mark.parametrize("activation", [0.0, 0.35])
def test_derivatives(reference: np.ndarray | None, activation: float) -> None:
    a = np.full(8, activation)
    reach = LENGTHS[:, None]

    def tension(x: np.ndarray, v: np.ndarray) -> np.ndarray:
        return LAW.respond(x, v, a, reference).tension

    here = LAW.respond(LENGTHS, SPEEDS, a, reference)
    assert relative(here.stiffness, slope(lambda x: tension(x[:, 0], SPEEDS), reach)[..., 0]) <= 1e-7
    energy = slope(lambda x: LAW.respond(x[:, 0], SPEEDS, a, reference).energy, reach)[..., 0]
    assert relative(here.passive, energy) <= 1e-8
    if activation > 0.0:
        damping = slope(lambda v: tension(LENGTHS, v[:, 0]), SPEEDS[:, None], 1e-3)[..., 0]
        assert relative(here.damping, damping) <= 1e-7


def test_tension_is_affine_in_activation_and_never_negative() -> None:
    length, speed = (grid.ravel() for grid in np.meshgrid(LENGTHS, SPEEDS))
    reference = np.full(length.shape, 120.0)
    responses = [LAW.respond(length, speed, np.full(length.shape, a), reference) for a in (0.0, 0.5, 1.0)]
    assert min(float(response.tension.min()) for response in responses) >= 0.0
    middle = 0.5 * (responses[0].tension + responses[2].tension)
    np.testing.assert_allclose(responses[1].tension, middle, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        responses[2].tension - responses[0].tension, responses[1].active, rtol=1e-9, atol=1e-9
    )


def test_activation_stiffens() -> None:
    """Short-range stiffness makes an active fascicle stiffer: a term that Newton cannot see would be inert."""
    assert (
        at(120.0, activation=0.8, reference=120.0).stiffness[0]
        > at(120.0, activation=0.1, reference=120.0).stiffness[0]
        > 0
    )


@pytest.mark.parametrize("name", sorted(parameters_of(MuscleLaw)))
def test_an_illegal_parameter_is_refused(name: str) -> None:
    check_parameters(LAW)
    with pytest.raises(ParameterError, match=name):
        check_parameters(replace(LAW, **{name: -1.0}))
