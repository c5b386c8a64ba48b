"""Work side by side: the same results and errors as one after another."""

import threading
import time
from collections.abc import Iterator

import numba
import pytest

from fem.threads import side_by_side


@pytest.fixture(params=[1, 2])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    if request.param > numba.config.NUMBA_NUM_THREADS:
        pytest.skip("this machine has one core")
    before = numba.get_num_threads()
    numba.set_num_threads(request.param)
    yield int(request.param)
    numba.set_num_threads(before)


def test_results_come_in_the_order_given(threads: int) -> None:
    def late(item: int) -> int:
        time.sleep(0.002 * (5 - item))
        return item**2

    assert side_by_side(late, range(5)) == [0, 1, 4, 9, 16]


def test_the_first_error_in_order_is_raised_once_all_are_done(threads: int) -> None:
    done: list[int] = []

    def fails(item: int) -> None:
        time.sleep(0.002 * (5 - item))
        if item in (1, 3):
            raise ValueError(f"item {item}")
        done.append(item)

    with pytest.raises(ValueError, match="item 1"):
        side_by_side(fails, range(5))
    if threads > 1:
        assert sorted(done) == [0, 2, 4]


def test_as_many_threads_as_the_program_may_use(threads: int) -> None:
    used: set[int] = set()

    def note(item: int) -> None:
        time.sleep(0.005)
        used.add(threading.get_ident())

    side_by_side(note, range(8))
    assert len(used) == threads
    assert (threading.get_ident() in used) == (threads == 1)
