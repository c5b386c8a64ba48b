"""Independent work side by side on the threads the program may use; results and errors as if done one after another."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import numba

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return `function` of each item, in order; of several errors the first item's is raised.

    Worth it for functions that spend their time in compiled code which releases the interpreter's lock. `function` must
    not call this function itself: its threads would wait for each other.
    """
    count = int(numba.get_num_threads())
    if count < 2 or len(items) < 2:
        return [function(item) for item in items]
    jobs = [_pool(count).submit(function, item) for item in items]
    errors = [
        job.exception() for job in jobs
    ]  # waits for all: none may still work on what the caller goes on with
    for error in errors:
        if error is not None:
            raise error
    return [job.result() for job in jobs]


@cache
def _pool(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="terms")
