"""The whole spine's meshes together: bones and discs share endplates, facets and strands lie on their bones."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from fem.anatomy.recipe import Recipe
from fem.anatomy.vocabulary import VERTEBRAE, level_vertebrae
from fem.arrays import FloatArray
from fem.mesh.build import build_spine_mesh, named_parts
from fem.mesh.dimensions import dimensions
from fem.mesh.quality import boundary_faces, inspect
from fem.mesh.tagged_mesh import SpineMesh, TaggedMesh


@pytest.fixture(scope="module")
def mesh(recipe: Recipe) -> SpineMesh:
    return build_spine_mesh(recipe, "coarse")


def test_every_bone_and_disc_is_sound(mesh: SpineMesh) -> None:
    assert tuple(mesh.bones) == VERTEBRAE
    for name, part in named_parts(mesh).items():
        quality = inspect(part)
        assert quality.sound, (name, quality.faults)
        assert quality.smallest_jacobian >= 0.3, name


def test_bones_and_discs_meet_node_by_node(mesh: SpineMesh) -> None:
    for level, disc in mesh.discs.items():
        above, below = level_vertebrae(level)
        for bone, ours, theirs in (
            (above, "upper endplate", "lower endplate"),
            (below, "lower endplate", "upper endplate"),
        ):
            plate = mesh.bones[bone].points[mesh.bones[bone].nodes[theirs]]
            nodes = disc.points[disc.nodes[ours]]
            assert len(plate) == len(nodes), (level, bone)
            assert cKDTree(plate).query(nodes)[0].max() < 1e-6, (level, bone)


def test_bodies_are_within_a_tenth_of_the_recipe_and_facets_in_their_places(
    mesh: SpineMesh, recipe: Recipe
) -> None:
    found = dimensions(mesh, recipe)
    assert {row.part for row in found} == set(named_parts(mesh))
    assert sum("facet" in row.measure for row in found) == 2 * 2 * 10
    for row in found:
        if row.measure.endswith("place"):
            assert row.built < 3.0, row
        elif row.measure.endswith("plane"):
            assert row.built < 10.0, row
        else:
            assert row.built == pytest.approx(row.asked, rel=0.1), row


def _skin(mesh: TaggedMesh) -> FloatArray:
    """Points on the surface of a mesh: a 5 by 5 grid on each of its boundary faces."""
    share = np.linspace(0.0, 1.0, 5)
    u, v = (axis.ravel() for axis in np.meshgrid(share, share))
    weights = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], axis=1)
    return (weights @ mesh.points[boundary_faces(mesh.cells)]).reshape(-1, 3)


def test_strands_end_on_their_bones(mesh: SpineMesh) -> None:
    """Within 4 mm of its surface; a capsule grips its process by up to its reach."""
    skins = {name: _skin(bone) for name, bone in mesh.bones.items()}
    for bundle in mesh.spine.ligaments:
        near = 6.0 if bundle.name.startswith("CL") else 4.0
        for points, bone in ((bundle.start, bundle.upper), (bundle.end, bundle.lower)):
            apart = cKDTree(skins[bone]).query(points)[0]
            assert apart.max() < near, (bundle.name, bundle.level, bone)
