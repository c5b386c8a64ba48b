"""Every law in the registry of solids, found through the registry: a new law is tested unasked."""

import numpy as np
import pytest

from fem.errors import ParameterError
from fem.materials.invariants import EnergyDerivatives, scalars_of, to_isochoric
from fem.materials.solid import INVARIANT_LAWS, Hyperelastic, LinearElastic, no_fibres
from fem.parameters import check_parameters, parameters_of
from oracles.differences import invariant_law_errors, solid_law_errors
from oracles.samples import random_rotation, sample, samples_at_the_ends, stretched_fibres

#: Central differences reach 1e-9 or so; a wrong term shows at 1e-2.
DIFFERENCES = 1e-7
names = pytest.mark.parametrize("name", sorted(INVARIANT_LAWS))


class FullQuadratic:
    """ψ = g·s + ½ (s − s0)·H (s − s0) with every entry of g and H at work, J included unless isochoric."""

    def __init__(self, isochoric: bool, wrong_sign: bool = False) -> None:
        generator = np.random.default_rng(3)
        self.isochoric = isochoric
        self.wrong_sign = wrong_sign
        root = generator.normal(size=(5, 5))
        self.H, self.g = root @ root.T, generator.normal(size=5)
        if isochoric:
            self.H[2, :] = self.H[:, 2] = self.g[2] = 0.0

    def derivatives(self, scalars: np.ndarray) -> EnergyDerivatives:
        shift = scalars - np.array([3.0, 3.0, 1.0, 1.0, 1.0])
        bent = shift @ self.H
        energy = shift @ self.g + 0.5 * np.sum(bent * shift, axis=-1)
        second = np.broadcast_to(self.H, (*scalars.shape, 5)).copy()
        return EnergyDerivatives(energy, self.g + bent, -second if self.wrong_sign else second)


@names
def test_derivatives_follow_from_the_energy(name: str, generator: np.random.Generator) -> None:
    law = sample(INVARIANT_LAWS[name])
    F, fibres = stretched_fibres(generator, 8)
    scalars = scalars_of(F, fibres)
    seen = to_isochoric(scalars) if law.isochoric else scalars
    first, second = invariant_law_errors(law, seen)
    assert first <= DIFFERENCES
    assert second <= DIFFERENCES


@names
def test_stress_and_tangent_follow_from_the_energy(name: str, generator: np.random.Generator) -> None:
    F, fibres = stretched_fibres(generator, 6)
    stress, tangent = solid_law_errors(Hyperelastic((sample(INVARIANT_LAWS[name]),)), F, fibres)
    assert stress <= DIFFERENCES
    assert tangent <= DIFFERENCES


@names
def test_isochoric_laws_do_not_feel_volume(name: str, generator: np.random.Generator) -> None:
    law = sample(INVARIANT_LAWS[name])
    F, fibres = stretched_fibres(generator, 6)
    small, large = (Hyperelastic((law,)).respond(c * F, fibres) for c in (1.0, 1.3))
    kirchhoff = small.pk1 @ np.swapaxes(F, -1, -2)
    trace = np.abs(np.trace(kirchhoff, axis1=-2, axis2=-1)).max() / np.abs(kirchhoff).max()
    same = np.allclose(small.energy, large.energy, rtol=1e-12, atol=0.0)
    assert law.isochoric == same
    assert law.isochoric == bool(trace <= 1e-12)


@names
def test_no_stress_at_rest(name: str) -> None:
    F = np.tile(np.eye(3), (1, 1, 1, 1))
    fibres = np.array([[[[1.0, 0.0, 0.0], [0.0, 0.6, 0.8]]]])
    response = Hyperelastic((sample(INVARIANT_LAWS[name]),)).respond(F, fibres)
    assert np.abs(response.pk1).max() <= 1e-14
    assert np.abs(response.energy).max() <= 1e-14


@names
def test_parameters_are_checked(name: str) -> None:
    law = sample(INVARIANT_LAWS[name])
    check_parameters(law)
    first = next(iter(parameters_of(type(law))))
    broken = type(law)(**{key: getattr(law, key) for key in parameters_of(type(law))} | {first: np.nan})
    with pytest.raises(ParameterError, match=first):
        check_parameters(broken)


@names
def test_every_legal_end_of_a_range_gives_finite_answers(name: str, generator: np.random.Generator) -> None:
    F, fibres = stretched_fibres(generator, 4)
    for parameter, law in samples_at_the_ends(INVARIANT_LAWS[name]):
        solid = Hyperelastic((law,))
        here = solid.respond(F, fibres)
        for values in (here.energy, here.pk1, here.tangent):
            assert np.isfinite(values).all(), parameter
        retained = solid.retain(F, fibres)
        if retained is not None:
            assert np.isfinite(solid.renew(F, fibres, retained, 0.01 * F)).all(), parameter


def all_laws() -> Hyperelastic:
    return Hyperelastic(tuple(sample(law) for law in INVARIANT_LAWS.values()))


def test_all_laws_together(generator: np.random.Generator) -> None:
    F, fibres = stretched_fibres(generator, 6)
    stress, tangent = solid_law_errors(all_laws(), F, fibres)
    assert stress <= DIFFERENCES
    assert tangent <= DIFFERENCES


@pytest.mark.parametrize("isochoric", [True, False])
def test_the_chain_rule_with_every_entry_at_work(isochoric: bool, generator: np.random.Generator) -> None:
    F, fibres = stretched_fibres(generator, 6)
    stress, tangent = solid_law_errors(Hyperelastic((FullQuadratic(isochoric),)), F, fibres)
    assert stress <= DIFFERENCES
    assert tangent <= DIFFERENCES


def test_frame_indifference_and_symmetry(generator: np.random.Generator) -> None:
    F, fibres = stretched_fibres(generator, 6)
    Q = random_rotation(generator)
    here, turned = all_laws().respond(F, fibres), all_laws().respond(Q @ F, fibres)
    np.testing.assert_allclose(turned.energy, here.energy, rtol=1e-12)
    np.testing.assert_allclose(turned.pk1, Q @ here.pk1, rtol=0.0, atol=1e-12 * np.abs(here.pk1).max())
    scale = np.abs(here.tangent).max()  # sums taken in two orders differ in the last digit
    np.testing.assert_allclose(here.tangent, np.swapaxes(here.tangent, -1, -2), rtol=0, atol=1e-14 * scale)
    cauchy = here.pk1 @ np.swapaxes(F, -1, -2)
    skewness = np.abs(cauchy - np.swapaxes(cauchy, -1, -2)).max()
    assert skewness <= 1e-12 * np.abs(cauchy).max()


def test_turning_the_reference_turns_the_fibres(generator: np.random.Generator) -> None:
    F, fibres = stretched_fibres(generator, 6)
    Q = random_rotation(generator)
    here, turned = all_laws().respond(F, fibres), all_laws().respond(F @ Q.T, fibres @ Q.T)
    np.testing.assert_allclose(turned.energy, here.energy, rtol=1e-12)


def test_scalars_against_plain_numpy(generator: np.random.Generator) -> None:
    F, fibres = stretched_fibres(generator, 5)
    C = np.swapaxes(F, -1, -2) @ F
    eigen = np.linalg.eigvalsh(C)
    pairs = eigen[..., 0] * eigen[..., 1] + eigen[..., 1] * eigen[..., 2] + eigen[..., 2] * eigen[..., 0]
    I4 = np.einsum("eqmi,eqij,eqmj->eqm", fibres, C, fibres)
    expected = np.concatenate([np.stack([eigen.sum(-1), pairs, np.linalg.det(F)], -1), I4], -1)
    np.testing.assert_allclose(scalars_of(F, fibres), expected, rtol=1e-13)


def test_linear_elasticity_follows_from_its_energy(generator: np.random.Generator) -> None:
    F, fibres = stretched_fibres(generator, 4)
    law = LinearElastic(30.0, 0.4)
    stress, tangent = solid_law_errors(law, F, fibres)
    assert stress <= DIFFERENCES
    assert tangent <= DIFFERENCES
    pull = np.diag([1.01, 1.0 - 0.004, 1.0 - 0.004])[None, None]
    np.testing.assert_allclose(law.respond(pull, no_fibres(pull)).pk1[0, 0], np.diag([0.3, 0, 0]), atol=1e-13)


def test_slack_fibres_carry_nothing(generator: np.random.Generator) -> None:
    """Below stretch 1 along an aligned family the fibre term vanishes with both derivatives."""
    law = INVARIANT_LAWS["fibre_exponential"](1.0, 5.0, 0.0)
    F = np.diag([0.9, 1.0 / np.sqrt(0.9), 1.0 / np.sqrt(0.9)])[None, None]
    response = Hyperelastic((law,)).respond(F, np.array([[[[1.0, 0.0, 0.0]]]]))
    assert response.energy[0, 0] == 0.0
    assert not response.pk1.any()
    assert not response.tangent.any()


def test_the_checker_catches_a_wrong_tangent(generator: np.random.Generator) -> None:
    F, fibres = stretched_fibres(generator, 4)
    _, tangent = solid_law_errors(Hyperelastic((FullQuadratic(False, wrong_sign=True),)), F, fibres)
    assert not tangent <= DIFFERENCES


def test_the_checker_refuses_an_inactive_state() -> None:
    law = INVARIANT_LAWS["fibre_exponential"](1.0, 5.0, 0.0)
    F = np.diag([0.9, 1.1, 1.1])[None, None]
    with pytest.raises(AssertionError, match="nothing was tested"):
        solid_law_errors(Hyperelastic((law,)), F, np.array([[[[1.0, 0.0, 0.0]]]]))
