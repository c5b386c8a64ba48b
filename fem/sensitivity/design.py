"""Where in the ranges of its inputs a model is asked: Morris trajectories, so that a longer design holds a shorter."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from fem.arrays import FloatArray, frozen
from fem.errors import MissingToolError

#: Levels of the grid; each step crosses two thirds of a range.
LEVELS: Final = 4
#: Trajectories among which those farthest from each other are chosen.
_POOL: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Trajectories (r, k + 1, k) of shares of each input's range; one input moves from each point to the next."""

    shares: FloatArray

    @property
    def trajectories(self) -> int:
        """How many."""
        return len(self.shares)

    @property
    def points(self) -> list[tuple[float, ...]]:
        """Return all points, trajectory after trajectory."""
        return [tuple(float(share) for share in point) for one in self.shares for point in one]

    def moved(self) -> list[list[int]]:
        """Return which input moves in each step of each trajectory."""
        return [[int(np.argmax(np.abs(step))) for step in np.diff(one, axis=0)] for one in self.shares]


def design(inputs: int, trajectories: int, seed: int) -> Design:
    """Return trajectories that lie far from each other.

    Notes
    -----
    Sampled by SALib; out of a pool of them the next is always the one farthest from those chosen (the distance of
    Campolongo et al. 2007, one at a time), so that a longer design of the same seed begins with the shorter one and its
    runs are used again.
    """
    pool = sampled(inputs, max(_POOL, trajectories), seed)
    return Design(frozen(pool[_far_apart(pool, trajectories)]))


def sampled(inputs: int, count: int, seed: int) -> FloatArray:
    """Return `count` Morris trajectories (count, inputs + 1, inputs) on a grid of `LEVELS` in [0, 1].

    Raises
    ------
    MissingToolError
        Where SALib is not installed.
    """
    try:
        from SALib.sample import morris
    except ModuleNotFoundError as error:
        raise missing(error) from None
    found = morris.sample(problem(inputs), count, num_levels=LEVELS, seed=seed)
    return np.asarray(found, dtype=np.float64).reshape(count, inputs + 1, inputs)


def problem(inputs: int) -> dict[str, Any]:
    """Return the unit cube in the words of SALib."""
    names = [f"x{number}" for number in range(inputs)]
    return {"num_vars": inputs, "names": names, "bounds": [[0.0, 1.0]] * inputs}


def missing(error: ModuleNotFoundError) -> MissingToolError:
    """Return the error that says how to get what is not installed."""
    package = (error.name or "SALib").partition(".")[0]
    return MissingToolError(
        f"the Python package '{package}' is not installed; install it with: pip install 'facetgap[sensitivity]'"
    )


def _far_apart(pool: FloatArray, count: int) -> list[int]:
    from scipy.spatial.distance import cdist

    chosen = [0]
    squared = np.zeros(len(pool))
    while len(chosen) < count:
        last = pool[chosen[-1]]
        squared += np.array([cdist(last, other).sum() for other in pool]) ** 2
        squared[chosen] = -1.0
        chosen.append(int(np.argmax(squared)))
    return chosen
