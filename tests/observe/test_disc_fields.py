"""Strain, stress and pressure of disc cells against formulas of their own, under one deformation for the whole disc."""

import numpy as np
import pytest

from fem.anatomy.vocabulary import level_vertebrae
from fem.observe.fields import disc_cell_fields
from fem.structures.discs import DiscModel, fibre_field
from fem.tensors import rotation_matrix
from oracles.spines import spine_problem

#: Stretched up, squeezed and sheared: fibres of one family pull, those of the other are slack in places.
MIXED = np.array([[0.97, 0.02, 0.01], [0.0, 0.98, -0.03], [0.015, 0.0, 1.06]])
SQUEEZED = np.diag([1.02, 1.02, 0.955])


def deviator(tensor: np.ndarray) -> np.ndarray:
    return np.asarray(tensor - np.trace(tensor, axis1=-2, axis2=-1)[..., None, None] * np.eye(3) / 3.0)


def disc_and_sets() -> tuple[DiscModel, object]:
    problem = spine_problem(structures=("disc",))
    return problem.model.discs[0], problem.sets["disc"]


def expected_stress(disc: DiscModel, data: object, F: np.ndarray) -> np.ndarray:
    """Return von Mises stress (e,), written down from the energies of the literature set, annulus and nucleus."""
    J = np.linalg.det(F)
    B = F @ F.T * J ** (-2 / 3)
    invariant = np.trace(B)
    out = np.zeros(len(disc.mesh.cells))
    for part in ("annulus", "nucleus"):
        rows = disc.mesh.part == disc.mesh.part_names.index(part)
        C10, C01 = (data.number(f"{part}.{key}", "stress") for key in ("C10", "C01"))
        ground = 2.0 / J * ((C10 + invariant * C01) * deviator(B) - C01 * deviator(B @ B))
        if part == "nucleus":
            out[rows] = np.sqrt(1.5 * np.sum(ground**2))
            continue
        fibres = disc.annulus.block.fibres  # (e, q, m, 3)
        depth, azimuth = (disc.mesh.cell_data[name][rows] for name in ("lamella_depth", "azimuth"))
        k1, k2 = (fibre_field(data, name, depth, azimuth)[:, None, None] for name in ("k1", "k2"))
        kappa = data.number("annulus.dispersion")
        pulled = fibres @ F.T * J ** (-1 / 3)
        strain = kappa * (invariant - 3.0) + (1.0 - 3.0 * kappa) * (np.sum(pulled**2, axis=-1) - 1.0)
        assert (strain > 0.0).any()
        taut = np.maximum(strain, 0.0)
        slope = k1 * taut * np.exp(k2 * taut**2)
        structure = kappa * B + (1.0 - 3.0 * kappa) * pulled[..., :, None] * pulled[..., None, :]
        stress = ground + 2.0 / J * np.sum(slope[..., None, None] * deviator(structure), axis=2)
        mises = np.sqrt(1.5 * np.sum(stress**2, axis=(-2, -1)))
        weight = disc.annulus.block.weight
        out[rows] = np.sum(weight * mises, axis=1) / weight.sum(axis=1)
    return out


@pytest.mark.parametrize("F", [MIXED, SQUEEZED], ids=["mixed", "squeezed"])
def test_cell_fields_of_a_uniform_deformation_follow_the_formulas(F: np.ndarray) -> None:
    disc, data = disc_and_sets()
    problem_points = disc.mesh.points @ F.T + [3.0, -2.0, 5.0]
    x = np.zeros((disc.points.max() + 1, 3))
    x[disc.points] = problem_points
    found = disc_cell_fields(disc, x)
    strain = np.linalg.eigvalsh(0.5 * (F.T @ F - np.eye(3))).max()
    # Where the two largest agree, their closed form keeps half of the digits; fields are written in single precision.
    np.testing.assert_allclose(found["strain"], strain, rtol=1e-6)
    J = np.linalg.det(F)
    for part in ("annulus", "nucleus"):
        rows = disc.mesh.part == disc.mesh.part_names.index(part)
        pressure = -data.number(f"{part}.bulk_modulus", "stress") * np.log(J) / J
        np.testing.assert_allclose(found["pressure"][rows], pressure, rtol=1e-9)
    np.testing.assert_allclose(found["stress"], expected_stress(disc, data, F), rtol=1e-8)


def test_turning_the_disc_as_a_whole_strains_nothing() -> None:
    disc, _ = disc_and_sets()
    x = np.zeros((disc.points.max() + 1, 3))
    x[disc.points] = disc.mesh.points @ rotation_matrix(np.array([0.3, 1.1, -0.6])).T + 40.0
    found = disc_cell_fields(disc, x)
    assert np.abs(found["strain"]).max() < 1e-12
    assert np.abs(found["stress"]).max() < 1e-10
    assert np.abs(found["pressure"]).max() < 1e-9


def test_fibre_constants_are_the_tabulated_ones_at_the_tabulated_places() -> None:
    _, data = disc_and_sets()
    for region in ("anterior", "lateral", "posterior"):
        azimuth = data.number(f"annulus.azimuth.{region}", "angle")
        layers = list(data.series("annulus.depth.layer").values())
        for name in ("k1", "k2", "angle"):
            table = list(data.series(f"annulus.fibre.{region}.{name}").values())
            for sign in (1.0, -1.0):  # the two sides are alike
                found = fibre_field(data, name, np.array(layers), np.full(len(layers), sign * azimuth))
                np.testing.assert_allclose(found, table, rtol=1e-12)
    middle = fibre_field(
        data,
        "k1",
        np.array([layers[0]]),
        np.array(
            [
                0.5
                * sum(data.number(f"annulus.azimuth.{region}", "angle") for region in ("anterior", "lateral"))
            ]
        ),
    )
    ends = [
        next(iter(data.series(f"annulus.fibre.{region}.k1").values())) for region in ("anterior", "lateral")
    ]
    assert middle[0] == pytest.approx(0.5 * sum(ends))


def test_endplate_nodes_ride_on_the_bones_above_and_below() -> None:
    problem = spine_problem(structures=("disc",))
    model = problem.model
    disc = model.discs[0]
    upper, lower = (model.bodies[name] for name in level_vertebrae(disc.level))
    carried = model.layout.body[disc.points]
    np.testing.assert_array_equal(carried[disc.mesh.nodes["upper endplate"]], upper)
    np.testing.assert_array_equal(carried[disc.mesh.nodes["lower endplate"]], lower)
    assert np.sum(carried == upper) == len(disc.mesh.nodes["upper endplate"])
    assert np.sum(carried < 0) > 100
    np.testing.assert_array_equal(model.layout.reference[disc.points], disc.mesh.points)
