"""Compiled kernels: whether they are at hand, and how their threads wait for each other."""

from pathlib import Path
from typing import Any

import numba

from fem.elements.patch_kernels import surface_forces
from fem.elements.solid_kernels import stiffness
from fem.materials.invariant_kernels import chain_rule
from fem.system.pattern import _gather
from fem.system.reduction import _reduce_stiffness

_KERNELS = (stiffness, surface_forces, chain_rule, _gather, _reduce_stiffness)


def wait_asleep() -> None:
    """Let threads of the kernels sleep while they wait, unless the user has chosen a threading layer.

    Numba's first choice, OpenMP, spins: on a machine that is busy with other work a run then takes three times as long.
    Only the first call before any kernel has run has an effect.
    """
    if numba.config.THREADING_LAYER == "default":
        numba.config.THREADING_LAYER = "workqueue"


def kernels_compiled() -> bool:
    """Return whether every large kernel is in Numba's cache on disk, newer than its source."""
    return all(_cached(kernel) for kernel in _KERNELS)


def _cached(kernel: Any) -> bool:
    source = Path(kernel.py_func.__code__.co_filename)
    found = Path(kernel.stats.cache_path).glob(f"{source.stem}.{kernel.py_func.__name__}-*.nbi")
    return any(index.stat().st_mtime >= source.stat().st_mtime for index in found)
