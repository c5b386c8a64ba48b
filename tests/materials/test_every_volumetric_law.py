"""Every volumetric law in the registry."""

import numpy as np
import pytest

from fem.materials.volumetric import VOLUMETRIC_LAWS, LogarithmicVolume, SwollenVolume
from fem.parameters import check_parameters
from oracles.differences import relative, slope
from oracles.samples import sample

THETA = np.array([0.9, 0.98, 1.0, 1.03, 1.2])


@pytest.mark.parametrize("name", sorted(VOLUMETRIC_LAWS))
def test_pressure_and_modulus_follow_from_the_energy(name: str) -> None:
    law = sample(VOLUMETRIC_LAWS[name])
    check_parameters(law)
    theta = THETA[:, None]
    # Central differences with step 1e-5: 1e-9 or better.
    assert relative(law.pressure(theta), slope(law.energy, theta)[..., 0]) <= 1e-8
    assert relative(law.modulus(theta), slope(law.pressure, theta)[..., 0]) <= 1e-8


def test_closed_forms() -> None:
    law = LogarithmicVolume(300.0)
    assert law.pressure(np.array([1.02]))[0] == pytest.approx(300.0 * np.log(1.02) / 1.02, rel=1e-14)
    assert law.modulus(np.array([1.0]))[0] == 300.0
    assert SwollenVolume(300.0, 0.1).pressure(np.array([1.0]))[0] == pytest.approx(-0.1, rel=1e-14)
