"""Margins that count positioning as well: what was done slowly before the motion is part of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fem.arrays import frozen
from fem.observe.refractory import side_by_side
from fem.observe.verdict import VerdictSettings, cavitation, margin, margin_since_rest, pops
from fem.results.film_motion import MOTION_FILE, FilmMotion, read_motion, write_motion
from oracles.motions import opening

QUICK = VerdictSettings(draws=8, halvings=8)


def positioned(whole: FilmMotion, count: int) -> FilmMotion:
    """Return a motion whose first `count` instants were those of positioning."""
    return replace(
        whole,
        times=frozen(whole.times[count:]),
        stretch=whole.stretch[count:],
        gap=frozen(whole.gap[count:]),
        cover=frozen(whole.cover[count:]),
        positioning_times=frozen(whole.times[:count]),
        positioning_gap=frozen(whole.gap[:count]),
        positioning_cover=frozen(whole.cover[:count]),
    )


def test_since_rest_a_positioned_motion_is_what_it_was_as_a_whole() -> None:
    """Two routes: the margin of one long motion, and of the same cut into positioning and the rest."""
    whole = opening([0.9, 0.4])
    cut = positioned(whole, 5)
    found = margin_since_rest(cut, QUICK)
    assert found is not None
    np.testing.assert_allclose(found, margin(whole, pops(whole), QUICK), atol=0.01)  # eight halvings: 0.006
    assert margin_since_rest(whole, QUICK) is None
    # The verdict itself counts from the end of positioning: less opening is left, so it is farther from a pop.
    told = cavitation(cut, QUICK).joints
    assert [joint.margin_since_rest for joint in told] == pytest.approx(list(found))
    assert all(joint.margin < since - 0.1 for joint, since in zip(told, found, strict=True))
    assert told[0].entry()["margin_since_rest"] == pytest.approx(float(found[0]))
    assert "margin_since_rest" not in cavitation(whole, QUICK).joints[0].entry()


def test_an_opening_in_positioning_alone_moves_only_the_margin_since_rest() -> None:
    """Held open from then on: nothing opens in the motion, and since rest all that positioning had opened counts."""
    whole = opening([0.8])
    held = positioned(
        replace(whole, gap=np.where(whole.times[:, None, None] > 0.2, whole.gap[8], whole.gap)), 8
    )
    joint = cavitation(held, QUICK).joints[0]
    assert joint.peak_separation == pytest.approx(0.0, abs=1e-12)
    assert joint.margin == pytest.approx(1.0 / QUICK.farthest - 1.0)
    assert joint.margin_since_rest > -0.2


def test_positioning_survives_being_written_and_a_file_without_it_is_read(tmp_path: Path) -> None:
    cut = positioned(opening([0.9, 0.4]), 5)
    write_motion(tmp_path, cut)
    found = read_motion(tmp_path).since_rest()
    assert found is not None
    np.testing.assert_array_equal(found.times, opening([0.9, 0.4]).times)
    np.testing.assert_array_equal(found.gap, opening([0.9, 0.4]).gap)
    with np.load(tmp_path / MOTION_FILE) as held:
        older = {name: held[name] for name in held.files if not name.startswith("positioning")}
    with (tmp_path / MOTION_FILE).open("wb") as file:
        np.savez(file, **older)
    assert read_motion(tmp_path).since_rest() is None


def test_one_joint_taken_out_takes_its_positioning_along() -> None:
    cut = positioned(opening([0.9, 0.4]), 5)
    alone = side_by_side(cut, "joint 1", 3)
    assert alone.positioning_gap.shape == (5, 3, alone.gap.shape[2])
    found = margin_since_rest(alone, QUICK)
    assert found is not None
    assert found[0] == pytest.approx(found[2])
    both = margin_since_rest(cut, QUICK)
    assert both is not None
    assert found[0] == pytest.approx(both[1], abs=0.01)
