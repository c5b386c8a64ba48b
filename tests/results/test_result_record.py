from dataclasses import replace

import numpy as np
import pytest
from fake_spine import fake_parts, fake_record

from fem.errors import NonFiniteError
from fem.results.record import PartFields, check_fields


@pytest.fixture
def bone():
    return fake_parts()[0]


def test_a_part_is_read_only_and_its_own_copy(bone):
    with pytest.raises(ValueError, match="read-only"):
        bone.points[0, 0] = 1.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "bones"}, "called one of"),
        ({"offsets": np.array([8, 17])}, "offsets must grow"),
        ({"connectivity": np.full(16, 16)}, "outside 0 … 15"),
        ({"points": np.zeros((16, 2))}, r"points must be \(n, 3\)"),
        ({"cell_data": {"level": np.zeros(3)}}, "expected 2 rows"),
    ],
)
def test_a_sabotaged_part_is_refused(bone, change, words):
    with pytest.raises(ValueError, match=words):
        replace(bone, **change)


def test_a_point_that_is_not_finite_is_refused(bone):
    points = bone.points.copy()
    points[3, 1] = np.nan
    with pytest.raises(NonFiniteError, match="points of part bone"):
        replace(bone, points=points)


def test_good_fields_pass_and_bad_ones_are_named(bone):
    good = fake_record(1).fields["bone"]
    check_fields(bone, good)
    with pytest.raises(ValueError, match="displacement of part bone"):
        check_fields(bone, PartFields(good.displacement[:-1]))
    with pytest.raises(NonFiniteError, match="'stress'"):
        check_fields(bone, PartFields(good.displacement, cell_data={"stress": np.array([1.0, np.inf])}))
