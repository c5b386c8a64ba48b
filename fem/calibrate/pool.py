"""Trials one after another, or several at once in processes of their own."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from fem.calibrate.store import Solve
from fem.calibrate.trial import respond

_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")


@contextmanager
def solver(jobs: int) -> Iterator[Solve]:
    """Give what solves trials, up to `jobs` at once."""
    if jobs < 2:
        yield lambda trials: map(respond, trials)
        return
    share = max(1, (os.cpu_count() or 1) // jobs)
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (share,)) as pool:
        try:
            yield lambda trials: pool.map(respond, trials)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _begin(threads: int) -> None:
    """Set up a worker before numerical packages load: its share of the cores; interrupts are the parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in _THREADS:
        os.environ.setdefault(name, str(threads))
