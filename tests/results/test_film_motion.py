"""The recorded motion of the joints: it survives being written, and a damaged file says so."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from fake_spine import fake_info, fill

from fem.errors import UsageError
from fem.film.laws import OpenRim
from fem.results.film_motion import MOTION_FILE, read_motion, write_motion
from fem.results.folder import claim
from oracles.motions import opening


def test_a_motion_comes_back_as_it_was_written(tmp_path: Path) -> None:
    motion = opening([1.0, -0.1])
    motion = replace(motion, gap=np.where(motion.cover < 0.5, np.nan, motion.gap)).with_gas(
        np.array([0.1, 0.0])
    )
    motion = replace(motion, inputs=replace(motion.inputs, gas=((0.0, 0.05, 0.2), (0.0,))))
    write_motion(tmp_path, motion)
    found = read_motion(tmp_path)
    for item in fields(motion):
        if item.name not in ("laws", "inputs", "joints", "order"):
            assert np.array_equal(getattr(found, item.name), getattr(motion, item.name), equal_nan=True), (
                item.name
            )
    assert (found.joints, found.order, found.inputs) == (motion.joints, motion.order, motion.inputs)
    assert found.laws.fluid == motion.laws.fluid
    assert found.laws.cavitation.conserving is True
    assert np.array_equal(found.laws.recess.gas, [0.1, 0.0])
    assert np.array_equal(found.films().constants, motion.films().constants)


def test_an_open_rim_survives_too_and_takes_no_gas(tmp_path: Path) -> None:
    motion = opening([1.0])
    rimmed = replace(motion, laws=replace(motion.laws, recess=OpenRim(0.01)))
    write_motion(tmp_path, rimmed)
    assert read_motion(tmp_path).laws.recess == OpenRim(0.01)
    with pytest.raises(ValueError, match="no recess"):
        rimmed.with_gas(0.1)


def test_a_missing_a_damaged_and_a_newer_file_say_what_to_do(tmp_path: Path, monkeypatch) -> None:
    with pytest.raises(UsageError, match="only a run with facets and a dynamic phase"):
        read_motion(tmp_path)
    file = write_motion(tmp_path, opening([1.0]))
    whole = file.read_bytes()
    for broken in (whole[: len(whole) // 2], b"", b"no zip at all"):
        file.write_bytes(broken)
        with pytest.raises(UsageError, match=r"cut off or damaged.*--force"):
            read_motion(tmp_path)
    monkeypatch.setattr("fem.results.film_motion._VERSION", 2)
    write_motion(tmp_path, opening([1.0]))
    monkeypatch.undo()
    with pytest.raises(UsageError, match="newer facetgap"):
        read_motion(tmp_path)


def test_a_run_keeps_its_motion_and_the_next_one_clears_it(tmp_path: Path) -> None:
    folder = claim(tmp_path / "run", fake_info())
    assert folder is not None
    fill(folder)
    folder.keep_motion(opening([1.0]))
    folder.finish("failed", "for a test")
    assert read_motion(folder.path).joints == ("joint 0",)
    claim(tmp_path / "run", fake_info())
    assert not (tmp_path / "run" / MOTION_FILE).exists()
