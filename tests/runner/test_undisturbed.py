"""Signals wait until what must be whole has been written."""

import signal
import threading

import pytest

from fem.observe.undisturbed import undisturbed


def interrupted_twice(seen: list[str]) -> None:
    with undisturbed():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        seen.append("whole")


def interrupted_inside(seen: list[str]) -> None:
    with undisturbed():
        with undisturbed():
            signal.raise_signal(signal.SIGINT)
            seen.append("inner")
        seen.append("outer")


def test_an_interrupt_waits_for_the_end_of_the_block() -> None:
    seen: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted_twice(seen)
    assert seen == ["whole"]


def test_blocks_may_stand_inside_each_other() -> None:
    seen: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted_inside(seen)
    assert seen == ["inner", "outer"]


def test_handlers_are_put_back_also_after_an_error() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(ValueError, match="odd"), undisturbed():
        raise ValueError("odd")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_another_thread_goes_on_as_it_is() -> None:
    seen = []

    def work() -> None:
        with undisturbed():
            seen.append("done")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == ["done"]
