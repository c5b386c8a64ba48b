"""Fibre strains kept as unknowns of their own: at their own value they change nothing; they follow to first order."""

import numpy as np
import pytest

from fem.materials.solid import FibreExponential, Hyperelastic, LinearElastic, MooneyRivlin
from oracles.orders import mesh_orders
from oracles.samples import stretched_fibres

LAW = Hyperelastic((MooneyRivlin(0.2, 0.1), FibreExponential(1.5, 20.0, 0.1)))


def test_linearised_about_the_strains_of_f_it_is_the_law_itself(generator: np.random.Generator) -> None:
    F, fibres = stretched_fibres(generator, 6)
    retained = LAW.retain(F, fibres)
    assert retained is not None
    assert retained.min() > 0.0
    plain, linear = LAW.respond(F, fibres), LAW.linearise(F, fibres, retained)
    np.testing.assert_allclose(linear.pk1, plain.pk1, rtol=0, atol=1e-13 * np.abs(plain.pk1).max())
    np.testing.assert_allclose(
        linear.tangent, plain.tangent, rtol=0, atol=1e-13 * np.abs(plain.tangent).max()
    )


def test_retained_strains_follow_the_deformation_to_first_order(generator: np.random.Generator) -> None:
    """Halving the step quarters the difference from the strains of the new F: order 2."""
    F, fibres = stretched_fibres(generator, 6)
    step = 0.1 * generator.normal(size=F.shape)
    start = LAW.retain(F, fibres)
    assert start is not None
    errors = []
    for size in (2e-2, 1e-2, 5e-3):
        followed = LAW.renew(F, fibres, start, size * step)
        errors.append(float(np.abs(followed - LAW.retain(F + size * step, fibres)).max()))
    assert errors[0] > 1e-6
    np.testing.assert_allclose(mesh_orders(errors), 2.0, atol=0.15)


def test_slack_families_stay_slack_and_wake_up(generator: np.random.Generator) -> None:
    fibres = np.array([[[[1.0, 0.0, 0.0]]]])
    slack = np.diag([0.9, 1.05, 1.06])[None, None]
    retained = LAW.retain(slack, fibres)
    assert retained is not None
    assert not retained.any()
    still = LAW.renew(slack, fibres, retained, 0.01 * np.eye(3)[None, None] * [1.0, 0.0, 0.0])
    assert not still.any()
    awake = LAW.renew(slack, fibres, retained, 0.4 * np.eye(3)[None, None] * [1.0, 0.0, 0.0])
    assert awake.min() > 0.0


def test_a_law_without_fibres_retains_nothing() -> None:
    F = 1.1 * np.eye(3)[None, None]
    none = np.zeros((1, 1, 0, 3))
    assert Hyperelastic((MooneyRivlin(0.2, 0.1),)).retain(F, none) is None
    assert LinearElastic(1.0, 0.3).retain(F, none) is None


def test_two_stiffening_laws_in_one_solid_are_refused() -> None:
    """One set of retained strains serves one law; a second would silently take the first one's stress."""
    fibre = FibreExponential(1.0, 5.0, 0.0)
    with pytest.raises(ValueError, match="one stiffening law"):
        Hyperelastic((fibre, fibre))
