"""Disc meshes: counts, quality, orientation, names, symmetry, and endplates in their planes."""

from dataclasses import replace

import numpy as np
import pytest

from fem.anatomy.disc_shape import DiscShape, NucleusPlace
from fem.anatomy.endplate_outline import outline_area
from fem.anatomy.frames import sagittal_frame
from fem.anatomy.recipe import Recipe
from fem.anatomy.vertebra_shape import EndplateContour
from fem.anatomy.vocabulary import LEVELS, RESOLUTIONS
from fem.errors import MeshError
from fem.mesh.build import build_spine_mesh
from fem.mesh.generate.disc import build_disc
from fem.mesh.quality import boundary_faces, cell_volume, inspect
from fem.mesh.tagged_mesh import SpineMesh, TaggedMesh

CELLS = {"coarse": (450, 750), "standard": (1200, 2000), "fine": (3500, 5000)}


@pytest.fixture(scope="module", params=RESOLUTIONS)
def mesh(request: pytest.FixtureRequest, recipe: Recipe) -> SpineMesh:
    return build_spine_mesh(recipe, request.param, with_bones=False)


def _edges(disc: TaggedMesh) -> tuple[np.ndarray, ...]:
    corner = disc.points[disc.cells]
    return tuple(corner[:, i] - corner[:, 0] for i in (1, 3, 4))


def test_size_and_quality(mesh: SpineMesh) -> None:
    low, high = CELLS[mesh.resolution]
    assert tuple(mesh.discs) == LEVELS
    for disc in mesh.discs.values():
        quality = inspect(disc)
        assert quality.sound
        assert low <= quality.cells <= high
        assert quality.smallest_jacobian >= 0.4


def test_cells_are_right_handed_and_run_round_inwards_and_up(mesh: SpineMesh) -> None:
    for level, disc in mesh.discs.items():
        frame = mesh.spine.discs[level].frame
        around, inwards, up = _edges(disc)
        assert (np.sum(np.cross(around, inwards) * up, axis=1) > 0.0).all()
        assert (up @ frame.axes[:, 2] > 0.0).all()
        rings = disc.cell_data["lamella"] >= 0
        middle = frame.to_local(disc.points[disc.cells].mean(axis=1))
        middle[:, 0] -= frame.to_local(disc.points[disc.nodes["outer"]])[:, 0].mean()
        tangent = np.column_stack([-middle[:, 1], middle[:, 0], 0.0 * middle[:, 0]]) @ frame.axes.T
        radial = np.column_stack([middle[:, 0], middle[:, 1], 0.0 * middle[:, 0]]) @ frame.axes.T
        assert (np.sum(around * tangent, axis=1)[rings] > 0.0).all()
        assert (np.sum(inwards * radial, axis=1)[rings] < 0.0).all()


def test_lamella_depth_azimuth_and_height_fraction(mesh: SpineMesh) -> None:
    for level, disc in mesh.discs.items():
        lamella, depth, azimuth = (disc.cell_data[k] for k in ("lamella", "lamella_depth", "azimuth"))
        annulus = disc.part == disc.part_names.index("annulus")
        assert (annulus == (lamella >= 0)).all()
        rings = int(lamella.max()) + 1
        assert rings >= 5
        assert depth[annulus] == pytest.approx((lamella[annulus] + 0.5) / rings)
        local = mesh.spine.discs[level].frame.to_local(disc.points[disc.cells].mean(axis=1))
        assert (np.sign(local[annulus, 1]) == np.sign(azimuth[annulus])).all()
        assert local[annulus & (np.abs(azimuth) < 0.3), 0].min() > 5.0
        fraction = disc.point_data["height_fraction"]
        assert fraction[disc.nodes["lower endplate"]] == pytest.approx(0.0)
        assert fraction[disc.nodes["upper endplate"]] == pytest.approx(1.0)


def test_surfaces_are_the_whole_boundary_and_face_outwards(mesh: SpineMesh) -> None:
    for disc in mesh.discs.values():
        named = np.vstack(list(disc.surfaces.values()))
        boundary = boundary_faces(disc.cells)
        assert {frozenset(face) for face in named} == {frozenset(face) for face in boundary}
        assert len(named) == len(boundary)
        # divergence theorem: outward faces enclose the mesh's volume
        corner = disc.points[named]
        centre = corner.mean(axis=1)
        normal = 0.5 * np.cross(corner[:, 2] - corner[:, 0], corner[:, 3] - corner[:, 1])
        enclosed = np.sum(centre * normal) / 3.0
        assert enclosed == pytest.approx(cell_volume(disc.points, disc.cells).sum(), rel=1e-3)


def test_endplate_nodes_lie_in_the_tilted_planes(mesh: SpineMesh, recipe: Recipe) -> None:
    for level, disc in mesh.discs.items():
        for name in ("lower endplate", "upper endplate"):
            points = disc.points[disc.nodes[name]]
            _, size, axes = np.linalg.svd(points - points.mean(axis=0))
            assert size[2] < 1e-9 * size[0]
            wedge = (0.5 if name == "lower endplate" else -0.5) * recipe.discs.rows[level].wedge
            frame = sagittal_frame(np.zeros(3), wedge)
            normal = mesh.spine.discs[level].frame.axes @ frame.axes[:, 2]
            assert abs(axes[2] @ normal) == pytest.approx(1.0, abs=1e-9)


def test_discs_are_mirror_symmetric(mesh: SpineMesh) -> None:
    disc = mesh.discs["L4-L5"]
    order = np.lexsort(np.round(disc.points * [1.0, 1.0, 1.0], 6).T)
    image = np.lexsort(np.round(disc.points * [1.0, -1.0, 1.0], 6).T)
    assert np.abs(disc.points[order] - disc.points[image] * [1.0, -1.0, 1.0]).max() < 1e-6


def _flat(width: float, depth: float, height: float, tilt: float = 0.0) -> EndplateContour:
    return EndplateContour(np.array([0.0, 0.0, height]), tilt, width, depth, -1.0, 0.0)


def _plain(upper: EndplateContour) -> DiscShape:
    frame = sagittal_frame(np.array([1.0, 0.0, 2.0]), 0.3)
    return DiscShape("L4-L5", frame, _flat(50.0, 38.0, -6.0), upper, NucleusPlace(0.45, -2.5), 0.0)


def test_a_straight_disc_has_the_volume_of_its_prism() -> None:
    shape = _plain(_flat(50.0, 38.0, 6.0))
    volume = [
        cell_volume(d.points, d.cells).sum() for d in (build_disc(shape, "coarse"), build_disc(shape, "fine"))
    ]
    exact = 12.0 * outline_area(shape.upper)
    errors = [1.0 - v / exact for v in volume]
    # chords of n = 24 and 48 cut off 1 - sin(2π/n) n/2π of the area: a factor of 4
    assert errors[0] == pytest.approx(0.0114, rel=0.1)
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.1)


def test_bulge_only_moves_the_annulus_outwards() -> None:
    shape = _plain(_flat(50.0, 38.0, 6.0))
    straight, bulged = build_disc(shape, "standard"), build_disc(replace(shape, bulge=1.5), "standard")
    moved = np.linalg.norm(bulged.points - straight.points, axis=1)
    assert moved.max() == pytest.approx(1.5)
    nucleus = np.unique(straight.cells[straight.part == 1])
    assert moved[nucleus].max() < 1e-12
    for name in ("lower endplate", "upper endplate"):
        assert moved[straight.nodes[name]].max() < 1e-12


def test_crossing_endplates_are_refused() -> None:
    with pytest.raises(MeshError, match="disc L4-L5: its endplates cross"):
        build_disc(_plain(_flat(50.0, 38.0, -2.0, tilt=-0.4)), "coarse")
