"""Landmarks: mirrored pairs, on or near the bone they name, in anatomical order."""

import numpy as np
import pytest

from fem.anatomy.assemble import assemble_spine
from fem.anatomy.recipe import Recipe
from fem.mesh.build import build_spine_mesh

PAIRED = ("accessory process", "body side", "mammillary process", "transverse process", "upper endplate side")


def test_left_and_right_are_mirror_images(recipe: Recipe) -> None:
    for vertebra in assemble_spine(recipe).vertebrae.values():
        for name, point in vertebra.landmarks.items():
            if name.endswith(" left"):
                other = vertebra.landmarks[name.replace(" left", " right")]
                np.testing.assert_allclose(other, point * [1, -1, 1], atol=1e-9)
                assert point[1] > 0.0


@pytest.mark.parametrize("name", ["L1", "L2", "L3", "L4", "L5"])
def test_from_the_middle_outwards_as_in_the_body(recipe: Recipe, name: str) -> None:
    """Facet, mammillary, accessory, transverse process: each lies further to the side than the one before."""
    marks = assemble_spine(recipe).vertebrae[name].landmarks
    order = ["superior facet left", "accessory process left", "transverse process left"]
    lateral = [float(marks[mark][1]) for mark in order]
    assert lateral == sorted(lateral)
    assert (
        marks["mammillary process left"][0] < marks["accessory process left"][0] < marks["body side left"][0]
    )


def test_muscle_landmarks_lie_close_to_the_bone(recipe: Recipe) -> None:
    """Within 7 mm of the coarse surface: the mesh rounds the processes, landmarks name their tips."""
    mesh = build_spine_mesh(recipe, "coarse", ("L3", "L4"))
    for name in ("L3", "L4"):
        skin = mesh.bones[name].points[np.unique(mesh.bones[name].surfaces["outer"])]
        for mark in PAIRED:
            point = mesh.spine.vertebrae[name].landmarks[f"{mark} left"]
            assert np.linalg.norm(skin - point, axis=1).min() < 7.0, (name, mark)
