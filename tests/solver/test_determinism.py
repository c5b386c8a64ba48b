"""The same input twice gives the same bits; threads change the last digits only."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from fem.solver.static import solve_static
from fem.system.system import build_system
from fem.terms.curve import ramp
from fem.terms.loads import MomentTerm
from oracles.columns import disc_column


def bent_column() -> np.ndarray:
    """Return all positions of a small bent column."""
    column = disc_column(levels=2, cells=(2, 2))
    moment = MomentTerm("moment", column.bodies[-1], np.array([500.0, 1000.0, 300.0]), ramp(0.0, 1.0))
    step = solve_static(build_system(column.layout(), (*column.discs, moment)))
    return np.concatenate([step.state.nodes, step.state.origins])


def test_twice_the_same_bits() -> None:
    np.testing.assert_array_equal(bent_column(), bent_column())


def test_one_and_two_threads(tmp_path: Path) -> None:
    tests = Path(__file__).parents[1]
    answers = []
    for threads in ("1", "2"):
        file = tmp_path / f"{threads}.npy"
        environment = {**os.environ, "NUMBA_NUM_THREADS": threads}
        environment["PYTHONPATH"] = os.pathsep.join([str(tests), str(tests.parent)])
        subprocess.run([sys.executable, __file__, str(file)], check=True, env=environment, timeout=300)
        answers.append(np.load(file))
    assert np.abs(answers[0] - np.load(tmp_path / "1.npy")).max() == 0.0
    # Sums over cells are gathered in a fixed order, so even the threads of the solver leave 1e-10 mm.
    np.testing.assert_allclose(answers[1], answers[0], atol=1e-10)


if __name__ == "__main__":
    np.save(sys.argv[1], bent_column())
