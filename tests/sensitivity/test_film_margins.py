"""Margins replayed with other films: what they are, and that they are kept until something changes."""

from pathlib import Path

import numpy as np
import pytest

from fem.literature import load
from fem.literature.draws import Band
from fem.results.film_motion import write_motion
from fem.sensitivity.inputs import Input, film_input
from fem.sensitivity.replays import at_an_end, margins
from oracles.motions import opening

POINTS = np.array([[0.0], [1.0]])


@pytest.fixture
def volume() -> Input:
    """The recess, from 20 to 150 mm³."""
    return film_input(load("film").datum("recess.volume"), Band("recess.volume", 20.0, 150.0))


def test_a_larger_recess_is_farther_from_a_pop_and_answers_are_kept(
    tmp_path: Path, volume: Input, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = tmp_path / "replays" / "one.json"
    write_motion(tmp_path, opening([0.4, 0.8]))
    found = margins(tmp_path, "joint 1", (volume,), POINTS, keep)
    small, large = found["margin"]
    assert small > large
    assert np.isnan(found["margin_since_rest"]).all()  # nothing was positioned

    def solve_nothing(*given: object) -> float:
        raise AssertionError("the film was replayed again")

    with monkeypatch.context() as changed:
        changed.setattr("fem.sensitivity.replays._margin", solve_nothing)
        assert margins(tmp_path, "joint 1", (volume,), POINTS, keep)["margin"] == [small, large]
        write_motion(tmp_path, opening([0.4, 0.7]))
        with pytest.raises(AssertionError, match="again"):
            margins(tmp_path, "joint 1", (volume,), POINTS, keep)
    assert margins(tmp_path, "joint 1", (volume,), POINTS, keep)["margin"][0] < small


def test_a_joint_that_stays_shut_stands_at_the_end_of_the_scale(tmp_path: Path, volume: Input) -> None:
    write_motion(tmp_path, opening([0.01]))
    shut = margins(tmp_path, "joint 0", (volume,), POINTS, tmp_path / "one.json")["margin"]
    assert all(at_an_end(value) for value in shut)
    assert not at_an_end(-0.7)


def test_a_file_that_was_cut_off_is_replaced(tmp_path: Path, volume: Input) -> None:
    keep = tmp_path / "one.json"
    keep.write_text('{"version": 1, "asked"')
    write_motion(tmp_path, opening([0.6]))
    assert len(margins(tmp_path, "joint 0", (volume,), POINTS, keep)["margin"]) == 2
    assert '"margin"' in keep.read_text()
