"""Closest points on biquadratic patches: against plain minimisation, and derivatives by differences."""

import numpy as np
import pytest
from scipy.optimize import minimize

from fem.elements.patch import gaps
from fem.elements.patch_kernels import rim_weights, surface_forces
from fem.elements.surface_block import nodal_areas, patch_points, unit_disc_mesh

GRID = np.array([[u, v] for u in (-1.0, 0.0, 1.0) for v in (-1.0, 0.0, 1.0)])


def patch_of(kind: str) -> np.ndarray:
    """Return a control net (9, 3) [mm] with its normal upwards: half widths 8 and 6 mm."""
    x, y = 8.0 * GRID[:, 0], 6.0 * GRID[:, 1]
    height = {
        "plane": 0.1 * x - 0.2 * y,
        "cylinder": x**2 / 40.0,
        "paraboloid": (x**2 + y**2) / 60.0,
        "dome": -(x**2 + 0.5 * y**2) / 40.0,
        "saddle": (x**2 - y**2) / 50.0 + 0.01 * x * y,
    }[kind]
    return np.stack([x, y, height], axis=-1)


KINDS = ("plane", "cylinder", "paraboloid", "dome", "saddle")


def closest(points: np.ndarray, control: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count = len(points)
    gap, coordinate, normal = np.empty(count), np.empty((count, 2)), np.empty((count, 3))
    gaps(points, np.tile(control, (count, 1, 1)), gap, coordinate, normal)
    return gap, coordinate, normal


def points_near(control: np.ndarray, generator: np.random.Generator, count: int, reach: float) -> np.ndarray:
    """Return points up to 2 mm off the patch, over |u|, |v| < reach."""
    uv = generator.uniform(-reach, reach, size=(count, 2))
    return patch_points(control.reshape(3, 3, 3), uv) + generator.uniform(-2.0, 2.0, size=(count, 3))


@pytest.mark.parametrize("kind", KINDS)
def test_gap_against_minimisation(kind: str, generator: np.random.Generator) -> None:
    control = patch_of(kind)
    points = points_near(control, generator, 8, 0.9)
    gap, coordinate, normal = closest(points, control)
    for s, point in enumerate(points):

        def distance(uv: np.ndarray, point: np.ndarray = point) -> float:
            return float(np.sum((patch_points(control.reshape(3, 3, 3), uv[None])[0] - point) ** 2))

        starts = [np.array([u, v]) for u in (-0.6, 0.6) for v in (-0.6, 0.6)]
        best = min((minimize(distance, uv, method="BFGS", options={"gtol": 1e-9}) for uv in starts),
                   key=lambda found: found.fun)  # fmt: skip
        # BFGS on the squared distance: gradient 1e-7 gives the distance itself to 1e-8 or better.
        assert abs(gap[s]) == pytest.approx(np.sqrt(best.fun), abs=1e-6)
        foot = patch_points(control.reshape(3, 3, 3), coordinate[s : s + 1])[0]
        np.testing.assert_allclose(foot + gap[s] * normal[s], point, atol=1e-11)
        assert normal[s, 2] > 0.0


def test_gap_over_a_plane_is_exact(generator: np.random.Generator) -> None:
    control = patch_of("plane")
    points = points_near(control, generator, 50, 1.3)
    normal = np.array([-0.1, 0.2, 1.0]) / np.linalg.norm([-0.1, 0.2, 1.0])
    gap, _, found = closest(points, control)
    np.testing.assert_allclose(gap, points @ normal, atol=1e-13)
    np.testing.assert_allclose(found, np.tile(normal, (50, 1)), atol=1e-14)


def test_paraboloid_is_represented_exactly(generator: np.random.Generator) -> None:
    uv = generator.uniform(-1.5, 1.5, size=(40, 2))
    found = patch_points(patch_of("paraboloid").reshape(3, 3, 3), uv)
    x, y = 8.0 * uv[:, 0], 6.0 * uv[:, 1]
    np.testing.assert_allclose(found, np.stack([x, y, (x**2 + y**2) / 60.0], axis=-1), atol=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_every_point_near_a_facet_finds_its_foot(kind: str, generator: np.random.Generator) -> None:
    control = patch_of(kind)
    gap, _, _ = closest(points_near(control, generator, 2000, 1.4), control)
    assert np.isfinite(gap).all()
    assert (gap > 0.0).any()
    assert (gap < 0.0).any()


def test_a_point_far_aside_is_off_the_surface() -> None:
    gap, _, _ = closest(np.array([[60.0, 0.0, 0.0]]), patch_of("plane"))
    assert gap[0] == np.inf


@pytest.mark.parametrize("kind", KINDS)
def test_gap_gradient_against_differences(kind: str, generator: np.random.Generator) -> None:
    """With ψ = 0 and ψ' = 1 the force is the gradient of the gap itself, for the point and its control points."""
    control = patch_of(kind)
    points = points_near(control, generator, 6, 0.6)
    nets = np.tile(control, (6, 1, 1)) + 0.05 * generator.normal(size=(6, 9, 3))
    force, none = np.empty((6, 30)), np.empty((0, 30, 30))
    response = np.tile([0.0, 1.0, 0.0], (6, 1))
    surface_forces(points, nets, np.ones(6), response, 0.2, force, none)
    local = np.concatenate([points[:, None], nets], axis=1).reshape(6, 30)

    def gap_of(flat: np.ndarray) -> np.ndarray:
        nodes = flat.reshape(-1, 10, 3)
        gap, coordinate, normal = np.empty(6), np.empty((6, 2)), np.empty((6, 3))
        gaps(nodes[:, 0].copy(), nodes[:, 1:].copy(), gap, coordinate, normal)
        return gap

    differences = np.stack(
        [(gap_of(local + 1e-5 * d) - gap_of(local - 1e-5 * d)) / 2e-5 for d in np.eye(30)], axis=-1
    )
    np.testing.assert_allclose(force, differences, atol=1e-8)
    np.testing.assert_allclose(force.reshape(6, 10, 3).sum(axis=1), 0.0, atol=1e-12)


def test_rim_weight_fades_smoothly() -> None:
    margin = 0.25
    radius = np.linspace(0.0, 1.5, 301)
    coordinate = np.stack([radius * np.cos(0.4), radius * np.sin(0.4)], axis=-1)
    weight = np.empty(301)
    rim_weights(coordinate, margin, weight)
    assert (weight[radius <= 1.0] == 1.0).all()
    assert (weight[radius >= 1.0 + margin] == 0.0).all()
    assert (np.diff(weight) <= 0.0).all()
    q = 0.5  # half way in u² + v²
    middle = np.array([[np.sqrt(1.0 + q * ((1.0 + margin) ** 2 - 1.0)), 0.0]])
    half = np.empty(1)
    rim_weights(middle, margin, half)
    assert half[0] == pytest.approx(0.5, abs=1e-14)


def test_the_disc_mesh_covers_the_disc() -> None:
    """Areas of inscribed polygons converge with the square of the spoke's angle: (2π/n)²/6 relative."""
    for rings, spokes in ((3, 16), (6, 32)):
        mesh = unit_disc_mesh(rings, spokes)
        points = np.concatenate([mesh.p, np.zeros((1, mesh.p.shape[1]))]).T
        area = nodal_areas(points, mesh.t.T)
        polygon = 0.5 * spokes * np.sin(2.0 * np.pi / spokes)
        assert area.sum() == pytest.approx(polygon, rel=1e-12)
        assert (area > 0.0).all()
        mirrored = {tuple(np.round(p * [-1, 1], 9) + 0.0) for p in mesh.p.T}
        assert mirrored == {tuple(np.round(p, 9) + 0.0) for p in mesh.p.T}


def test_nodal_areas_of_a_tilted_rectangle() -> None:
    points = np.array([[0.0, 0, 0], [3.0, 0, 4.0], [3.0, 2.0, 4.0], [0.0, 2.0, 0.0]])
    area = nodal_areas(points, np.array([[0, 1, 2, 3]]))
    np.testing.assert_allclose(area, 2.5, rtol=1e-14)  # 5 mm by 2 mm, shared by four
