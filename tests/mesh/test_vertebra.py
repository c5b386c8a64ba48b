"""Bones grown from the recipe: sound, well-shaped, symmetric, where the recipe wants them."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from fem.anatomy.assemble import Blueprint, draw_blueprint
from fem.anatomy.facets import surface_normal, surface_point
from fem.anatomy.recipe import read_recipe
from fem.anatomy.spine import ArticularSurface
from fem.anatomy.vertebra_shape import SacrumShape, VertebraShape
from fem.anatomy.vocabulary import VERTEBRAE
from fem.arrays import FloatArray
from fem.errors import MeshError
from fem.mesh.generate.endplate import endplate_layout, endplate_surface
from fem.mesh.generate.sacrum import build_sacrum
from fem.mesh.generate.vertebra import MEAN_NUCLEUS, build_vertebra
from fem.mesh.quality import cell_volume, inspect
from fem.mesh.tagged_mesh import TaggedMesh

MIRROR = np.array([1.0, -1.0, 1.0])
FINE = pytest.param("fine", marks=pytest.mark.verification)


@cache
def blueprint() -> Blueprint:
    return draw_blueprint(read_recipe(Path(__file__).parents[2] / "meshes" / "lumbar.yaml").model)


@cache
def bone(name: str, resolution: str = "coarse") -> TaggedMesh:
    shape = blueprint().bone(name)
    return (
        build_sacrum(shape, resolution)
        if isinstance(shape, SacrumShape)
        else build_vertebra(shape, resolution)
    )


def lumbar(name: str) -> VertebraShape:
    shape = blueprint().bone(name)
    assert isinstance(shape, VertebraShape)
    return shape


def nearest(points: FloatArray, place: FloatArray) -> float:
    return float(np.linalg.norm(points - place, axis=1).min())


@pytest.mark.parametrize("resolution", ["coarse", "standard", FINE])
@pytest.mark.parametrize("name", VERTEBRAE)
def test_bone_is_sound_and_no_corner_is_poor(name: str, resolution: str) -> None:
    quality = inspect(bone(name, resolution))
    assert quality.sound, quality.faults
    assert quality.smallest_jacobian >= 0.3
    assert {"coarse": 1000, "standard": 3000, "fine": 6000}[resolution] <= quality.cells
    assert quality.cells <= {"coarse": 2500, "standard": 6000, "fine": 25000}[resolution]


@pytest.mark.parametrize("name", VERTEBRAE)
def test_bone_is_one_piece(name: str) -> None:
    """Spreading a mark from one cell to the cells that share a node with it reaches all of them."""
    mesh = bone(name)
    marked = np.zeros(len(mesh.points), dtype=bool)
    marked[mesh.cells[0]] = True
    for _ in range(len(mesh.cells)):
        before = marked.sum()
        marked[mesh.cells[marked[mesh.cells].any(axis=1)]] = True
        if marked.sum() == before:
            break
    assert marked.all()


@pytest.mark.parametrize("name", VERTEBRAE)
def test_bone_is_its_own_mirror_image(name: str) -> None:
    points = bone(name).points
    order = np.lexsort(np.round(points, 6).T)
    image = points * MIRROR
    mirrored = np.lexsort(np.round(image, 6).T)
    assert np.abs(points[order] - image[mirrored]).max() < 1e-9


@pytest.mark.parametrize("name", VERTEBRAE)
def test_outer_surface_is_closed_and_looks_outwards(name: str) -> None:
    """The volume inside it (divergence theorem, on triangles) is that of the cells, to the warp of their faces."""
    mesh = bone(name)
    quads = mesh.points[mesh.surfaces["outer"]]
    a, b, c = quads[:, [0, 0]], quads[:, [1, 2]], quads[:, [2, 3]]
    enclosed = float(np.einsum("qti,qti->", a, np.cross(b, c)) / 6.0)
    assert enclosed == pytest.approx(float(cell_volume(mesh.points, mesh.cells).sum()), rel=2e-3)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("kind", ["superior", "inferior"])
@pytest.mark.parametrize("name", VERTEBRAE)
def test_bone_beneath_a_facet_lies_one_cartilage_thickness_under_it(name: str, kind: str, side: str) -> None:
    if name == "S1" and kind == "inferior":
        pytest.skip("a sacrum has no inferior facets")
    shape, mesh = blueprint().bone(name), bone(name, "standard")
    process = shape.superior_process if kind == "superior" else shape.inferior_process  # type: ignore[union-attr]
    quads = mesh.points[mesh.surfaces[f"{kind} facet {side}"]] * (1.0 if side == "left" else MIRROR)
    centre, normal = whole_facet(process.facet)
    area = (
        0.5
        * np.cross(quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1])
        * (1.0 if side == "left" else -1.0)
    )
    mean_normal = area.sum(axis=0) / np.linalg.norm(area.sum(axis=0))
    weight = np.linalg.norm(area, axis=1)
    middle = (weight[:, None] * quads.mean(axis=1)).sum(axis=0) / weight.sum()
    assert np.linalg.norm(middle - (centre - shape.cartilage_thickness * normal)) < 3.0
    assert np.degrees(np.arccos(mean_normal @ normal)) < 10.0
    inner = np.unique(mesh.surfaces[f"{kind} facet {side}"], return_counts=True)
    points = mesh.points[inner[0][inner[1] == 4]] * (1.0 if side == "left" else MIRROR)
    depth = np.array([depth_under(process.facet, point) for point in points])
    assert depth == pytest.approx(shape.cartilage_thickness, abs=0.05)


def whole_facet(facet: ArticularSurface) -> tuple[FloatArray, FloatArray]:
    origin = np.zeros(())
    return surface_point(facet, origin, origin), surface_normal(facet, origin, origin)


def depth_under(facet: ArticularSurface, point: FloatArray) -> float:
    """Return how far `point` lies beneath the surface, along the normal of the nearest of 201² points on it."""
    u, v = np.meshgrid(np.linspace(-1, 1, 201), np.linspace(-1, 1, 201), indexing="ij")
    away = surface_point(facet, u, v) - point
    place = np.unravel_index(np.argmin(np.sum(away**2, axis=-1)), u.shape)
    return float(away[place] @ surface_normal(facet, u[place], v[place]))


@pytest.mark.parametrize("name", VERTEBRAE[:-1])
def test_processes_reach_their_tips(name: str) -> None:
    """Tips are measured on scans; the smooth surface rounds them off by less than 4 mm."""
    shape, points = lumbar(name), bone(name, "standard").points
    tips = {
        "transverse": shape.transverse_process.tip,
        "superior": shape.superior_process.tip,
        "inferior": shape.inferior_process.tip,
        "spinous": 0.5 * (shape.spinous_process.upper_corner + shape.spinous_process.lower_corner),
        "lamina": shape.lamina.upper_edge,
    }
    apart = {kind: nearest(points, tip) for kind, tip in tips.items()}
    assert max(apart.values()) < 4.0, apart
    # the back of the process follows the recipe's facet, which ends a little before the scanned bone does
    assert nearest(points, shape.mammillary) < 6.0


def test_endplates_are_those_of_the_layout() -> None:
    shape, mesh = lumbar("L3"), bone("L3")
    layout = endplate_layout("coarse")
    for name, contour, into_body in (
        ("upper endplate", shape.upper_endplate, -1.0),
        ("lower endplate", shape.lower_endplate, 1.0),
    ):
        wanted = endplate_surface(layout, contour, MEAN_NUCLEUS, into_body)
        nodes = mesh.points[mesh.nodes[name]]
        assert len(nodes) == len(wanted)
        assert max(nearest(nodes, point) for point in wanted) < 1e-12


def test_body_is_drawn_in_between_its_endplates() -> None:
    straight = build_vertebra(replace(lumbar("L3"), waist=0.0), "coarse")
    waisted = build_vertebra(replace(lumbar("L3"), waist=3.0), "coarse")

    def half_width(mesh: TaggedMesh) -> float:
        front = mesh.points[(np.abs(mesh.points[:, 2]) < 3.0) & (mesh.points[:, 0] > -5.0)]
        return float(front[:, 1].max())

    assert 2.0 < half_width(straight) - half_width(waisted) < 3.0


def test_a_longer_spinous_process_only_moves_what_is_near_it() -> None:
    shape = lumbar("L3")
    back = np.array([-8.0, 0.0, 0.0])
    spine = shape.spinous_process
    longer = replace(spine, upper_corner=spine.upper_corner + back, lower_corner=spine.lower_corner + back)
    before, after = bone("L3"), build_vertebra(replace(shape, spinous_process=longer), "coarse")
    moved = np.linalg.norm(after.points - before.points, axis=1)
    assert before.points[:, 0].min() - after.points[:, 0].min() == pytest.approx(8.0, abs=1.0)
    assert moved[before.points[:, 0] > -15.0].max() < 1.0  # what relaxation passes on


def test_the_same_shape_gives_the_same_mesh() -> None:
    first, second = bone("L5"), build_vertebra(lumbar("L5"), "coarse")
    assert np.array_equal(first.points, second.points)
    assert np.array_equal(first.cells, second.cells)


def test_unknown_resolution_is_refused() -> None:
    with pytest.raises(MeshError, match="'rough' is not one of coarse, standard, fine"):
        build_vertebra(lumbar("L1"), "rough")
