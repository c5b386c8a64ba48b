"""Compiled kernels: whether they are at hand."""

from pathlib import Path
from typing import Any

from fem.elements.patch_kernels import surface_forces
from fem.elements.solid_kernels import stiffness
from fem.materials.invariant_kernels import chain_rule
from fem.system.pattern import _gather
from fem.system.reduction import _reduce_stiffness

_KERNELS = (stiffness, surface_forces, chain_rule, _gather, _reduce_stiffness)


def kernels_compiled() -> bool:
    """Return whether every large kernel is in Numba's cache on disk, newer than its source."""
    return all(_cached(kernel) for kernel in _KERNELS)


def _cached(kernel: Any) -> bool:
    source = Path(kernel.py_func.__code__.co_filename)
    found = Path(kernel.stats.cache_path).glob(f"{source.stem}.{kernel.py_func.__name__}-*.nbi")
    return any(index.stat().st_mtime >= source.stat().st_mtime for index in found)
