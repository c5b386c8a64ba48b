"""Spine meshes written for ParaView and read back."""

from pathlib import Path

import numpy as np
import pytest

from fem.anatomy.recipe import Recipe
from fem.errors import MeshError
from fem.mesh.build import build_spine_mesh
from fem.mesh.io import read_mesh, write_spine_mesh
from fem.mesh.vtu import VTK_QUAD, write_vtu


def test_a_written_disc_reads_back_with_names(recipe: Recipe, tmp_path: Path) -> None:
    mesh = build_spine_mesh(recipe, "coarse", ("L4", "L5"), with_bones=False)
    top = write_spine_mesh(tmp_path / "part.vtm", mesh)
    disc = mesh.discs["L4-L5"]
    found = read_mesh(tmp_path / "part" / "disc_L4-L5.vtu")
    assert np.array_equal(found.cells, disc.cells)
    assert np.array_equal(found.part, disc.part)
    assert found.part_names == ("annulus", "nucleus")
    assert np.abs(found.points - disc.points).max() < 1e-5  # single precision at 60 mm
    assert np.abs(found.cell_data["azimuth"] - disc.cell_data["azimuth"]).max() < 1e-6
    text = top.read_text()
    for name in ("disc L4-L5", "facets", "ligaments"):
        assert f'name="{name}"' in text


def test_bad_mesh_files_give_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MeshError, match="there is no mesh file"):
        read_mesh(tmp_path / "none.vtu")
    broken = tmp_path / "broken.vtu"
    broken.write_text("<VTKFile>")
    with pytest.raises(MeshError, match=r"broken\.vtu cannot be read as a mesh"):
        read_mesh(broken)
    unknown = tmp_path / "mesh.xyz123"
    unknown.write_text("nothing")
    with pytest.raises(MeshError, match="cannot be read as a mesh"):
        read_mesh(unknown)
    flat = write_vtu(tmp_path / "flat.vtu", np.eye(4, 3), [0, 1, 2, 3], [4], [VTK_QUAD])
    with pytest.raises(MeshError, match="no eight-node hexahedra"):
        read_mesh(flat)
