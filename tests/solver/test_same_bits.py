"""A whole run with films and a thrust: the same input gives the same bits, with one thread and with two."""

import csv
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
CASE = """version: 1
title: A short thrust on one segment with films
spine: {anatomy: lumbar.yaml, resolution: coarse, levels: L4-L5}
target: L4-L5 left
film: {}
supports: [{on: L4, translation: 5 N/mm, rotation: 0.2 N m/deg, damping: 50 ms}]
phases:
  - {name: settle}
  - {name: position, loads: [{kind: moment, on: L4, motion: axial rotation left, value: 3 N m}]}
  - name: thrust
    kind: dynamic
    duration: 20 ms
    steps: 3
    loads:
      - {kind: thrust, on: L4, landmark: spinous process, direction: [0.35, -0.9, -0.25], preload: 50 N, peak: 150 N,
         time_to_peak: 10 ms, patch: 30 mm}
"""
#: Entries of summaries that hold times of the clock.
CLOCK = ("wall_s", "seconds")
#: Files in which nothing but the numbers of the run stands.
NUMBERS = ("*.csv", "*.npz", "fields/*.vtm", "fields/*/*.vtu", "results.pvd", "case*.yaml")


def solve(folder: Path, threads: int) -> Path:
    """Run the case in a process with so many threads of every kind; return the result."""
    words = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **dict.fromkeys(words, str(threads))}
    command = [sys.executable, "-m", "fem", "run", "case.yaml", "-o", str(threads)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return folder / str(threads)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The case twice: with one thread, and with two."""
    folder = tmp_path_factory.mktemp("bits")
    (folder / "case.yaml").write_text(CASE)
    (folder / "lumbar.yaml").symlink_to(ROOT / "meshes" / "lumbar.yaml")
    return solve(folder, 1), solve(folder, 2)


def without_times(value: Any) -> Any:
    """Return a summary without what the clock says."""
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in CLOCK}
    return value


def numbers(file: Path) -> np.ndarray:
    """Return all numbers of a table, texts left out."""
    found = []
    with file.open(newline="") as lines:
        for cell in (cell for row in csv.reader(lines) for cell in row):
            with suppress(ValueError):
                found.append(float(cell))
    return np.array(found)


def test_one_and_two_threads_agree(runs: tuple[Path, Path]) -> None:
    one, two = runs
    tables = sorted(one.glob("*.csv"))
    assert {file.name for file in tables} >= {"film.csv", "history.csv", "strands.csv", "facets.csv"}
    for file in tables:
        first, second = numbers(file), numbers(two / file.name)
        np.testing.assert_allclose(
            second, first, rtol=1e-10, atol=1e-10 * np.abs(first).max(), err_msg=file.name
        )


def test_they_even_give_the_same_bits(runs: tuple[Path, Path]) -> None:
    """So does the same input twice: whatever depends on the order in which threads end would show here."""
    one, two = runs
    files = sorted(file.relative_to(one) for pattern in NUMBERS for file in one.glob(pattern))
    assert len(files) > 20
    assert not [str(file) for file in files if (one / file).read_bytes() != (two / file).read_bytes()]
    first, second = (json.loads((folder / "summary.json").read_text()) for folder in runs)
    assert without_times(first) == without_times(second)
    assert first["newton"]["iterations"] > 10
    assert first["facets"]["L4-L5 right"]["contact_force_N"] > 1.0  # what is compared takes part
