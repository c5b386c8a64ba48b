import json
import os

import numpy as np
import pytest

from fem.errors import NonFiniteError
from fem.results import atomic


def test_a_failure_in_the_middle_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    file = atomic.write_text(tmp_path / "summary.json", "old")

    def killed(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        atomic.write_text(file, "new, and cut off")
    assert file.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["summary.json"]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), np.float64("nan"), np.array([1.0, np.nan])])
def test_json_refuses_what_is_not_finite_and_says_where(tmp_path, bad):
    file = atomic.write_json(tmp_path / "run.json", {"a": 1})
    with pytest.raises(NonFiniteError, match=r"facets\.L4-L5 left\.gap_mean_mm"):
        atomic.write_json(file, {"facets": {"L4-L5 left": {"gap_mean_mm": bad}}})
    assert json.loads(file.read_text()) == {"a": 1}


def test_json_turns_numpy_into_plain_numbers():
    text = atomic.json_text({"n": np.int64(3), "x": np.float32(0.5), "flags": (np.bool_(True), None)})
    assert json.loads(text) == {"n": 3, "x": 0.5, "flags": [True, None]}


def test_json_refuses_an_object_it_cannot_hold():
    with pytest.raises(TypeError, match=r"a\[0\]"):
        atomic.json_text({"a": [object()]})
