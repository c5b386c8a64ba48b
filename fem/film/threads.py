"""Films of joints side by side: they share no unknowns, and compiled kernels may use several threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np


def share_out(kernel: Callable[..., Any], joints: int, *arguments: Any) -> None:
    """Call a kernel that releases the interpreter's lock with parts of the joints' numbers as its first argument."""
    numbers = np.arange(joints)
    count = min(int(numba.get_num_threads()), joints)
    if count < 2:
        kernel(numbers, *arguments)
        return
    # Neighbouring joints take alike many steps, so that every thread gets some of each.
    with ThreadPoolExecutor(count) as pool:
        jobs = [pool.submit(kernel, numbers[first::count].copy(), *arguments) for first in range(count)]
    for job in jobs:
        job.result()
