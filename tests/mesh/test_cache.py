"""Remembered meshes: equal to built ones, never out of date, never half written, harmless where they fail."""

import numpy as np
import pytest

from fem.mesh import cache as cache_module
from fem.mesh.cache import remembered
from fem.mesh.tagged_mesh import TaggedMesh


def a_mesh(size: float) -> TaggedMesh:
    corners = np.array(
        [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]]
    )
    return TaggedMesh(
        size * corners.astype(float),
        np.arange(8)[None, :],
        np.zeros(1, dtype=np.int64),
        ("body",),
        nodes={"upper endplate": np.arange(4, 8)},
        surfaces={"outer": np.array([[4, 5, 6, 7]])},
        point_data={"height": corners[:, 2].astype(float)},
    )


class Counter:
    def __init__(self, size: float) -> None:
        self.size, self.built = size, 0

    def __call__(self) -> TaggedMesh:
        self.built += 1
        return a_mesh(self.size)


def test_the_second_time_it_is_read_and_equal(tmp_path):
    build = Counter(2.0)
    first = remembered(tmp_path, "L4", {"width": 2.0}, build)
    second = remembered(tmp_path, "L4", {"width": 2.0}, build)
    assert build.built == 1
    assert second.part_names == first.part_names
    np.testing.assert_array_equal(second.points, first.points)
    np.testing.assert_array_equal(second.surfaces["outer"], first.surfaces["outer"])
    np.testing.assert_array_equal(second.nodes["upper endplate"], first.nodes["upper endplate"])
    np.testing.assert_array_equal(second.point_data["height"], first.point_data["height"])


@pytest.mark.parametrize("changed", [{"width": 2.0000001}, {"depth": 2.0}, [2.0], np.array([2.0])])
def test_any_other_input_builds_anew(tmp_path, changed):
    build = Counter(2.0)
    remembered(tmp_path, "L4", {"width": 2.0}, build)
    remembered(tmp_path, "L4", changed, build)
    assert build.built == 2


def test_changed_generators_build_anew(tmp_path, monkeypatch):
    build = Counter(2.0)
    remembered(tmp_path, "L4", 1, build)
    monkeypatch.setattr(cache_module, "_generators", lambda: b"another source")
    remembered(tmp_path, "L4", 1, build)
    assert build.built == 2


def test_a_damaged_file_is_built_again(tmp_path):
    build = Counter(2.0)
    remembered(tmp_path, "L4", 1, build)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:100])
    mesh = remembered(tmp_path, "L4", 1, build)
    assert build.built == 2
    np.testing.assert_array_equal(mesh.points, a_mesh(2.0).points)


def test_a_place_that_cannot_be_written_only_builds(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert remembered(blocked, "L4", 1, Counter(2.0)).part_names == ("body",)
    assert remembered(None, "L4", 1, Counter(2.0)).part_names == ("body",)
