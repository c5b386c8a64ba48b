"""Several cases, here or at once in processes of their own; an interrupt stops every one and keeps its result."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fem.errors import FacetgapError
    from fem.runner import RunOutcome, RunRequest

_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
_interrupted = False


def solve_in_workers(
    requests: Sequence["RunRequest"], workers: int
) -> Iterator[tuple["RunRequest", "RunOutcome | Exception"]]:
    """Yield each request with its outcome or its error, in the order given.

    Raises
    ------
    KeyboardInterrupt
        Once every worker has left its result in order; cases that had not begun are not run.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    share = max(1, (os.cpu_count() or 1) // workers)
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin, (share,)) as pool:
        pending = [(request, pool.submit(_work, request)) for request in requests]
        try:
            for request, future in pending:
                error = future.exception()
                if error is not None and not isinstance(error, Exception):
                    raise error
                yield request, future.result() if error is None else error
        except KeyboardInterrupt:
            _interrupt_workers()
            pool.shutdown(cancel_futures=True)
            raise


def solved(
    requests: Sequence["RunRequest"], workers: int
) -> Iterator[tuple["RunRequest", "FacetgapError | None"]]:
    """Yield each request with the reason why it failed, if it did; with one worker here, with a line of progress.

    Raises
    ------
    Exception
        What is not the input's or the solver's fault.
    """
    from fem.errors import FacetgapError

    if workers == 1:
        yield from ((request, _solve_here(request)) for request in requests)
        return
    for request, outcome in solve_in_workers(requests, workers):
        if isinstance(outcome, Exception) and not isinstance(outcome, FacetgapError):
            raise outcome
        yield request, outcome if isinstance(outcome, FacetgapError) else None


def _solve_here(request: "RunRequest") -> "FacetgapError | None":
    from fem.errors import FacetgapError
    from fem.results.progress import Progress
    from fem.runner import run_case

    progress = Progress(sys.stderr)
    try:
        run_case(request, lambda text: progress.update(f"{request.folder}: {text}"))
    except FacetgapError as error:
        return error
    finally:
        progress.close()
    return None


def _begin(threads: int) -> None:
    """Set up a worker before numerical packages load: its share of the cores, and deaf to Ctrl-C while idle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in _THREADS:
        os.environ.setdefault(name, str(threads))


def _work(request: "RunRequest") -> "RunOutcome":
    """Run one case; the first interrupt stops it, further ones let it finish its result."""
    from fem.runner import run_case

    if _interrupted:
        raise KeyboardInterrupt
    signal.signal(signal.SIGINT, _interrupt)
    try:
        return run_case(request)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _interrupted
    _interrupted = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def _interrupt_workers() -> None:
    """Pass an interrupt on: SIGTERM, or one typed elsewhere, reaches the parent only."""
    from multiprocessing import active_children

    for child in active_children():
        if child.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGINT)
