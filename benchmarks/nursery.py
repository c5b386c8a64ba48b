"""A process that has imported facetgap and forks a run of it for each line it is told: saves a second a run.

Lines in are JSON, ``{"arguments": ["run", ...], "eager": true}``; lines out are the number of the process that runs
them, and then its exit code. An eager run keeps a checkpoint after each step.
"""

import json
import os
import sys
from contextlib import suppress
from typing import Any

import numpy as np

import fem.observe.simulation
import fem.system.compilation
from fem.cli.main import main as facetgap
from fem.results.checkpoint import Spacing


def run(order: dict[str, Any]) -> None:
    """Be a run of facetgap that says nothing; never returns."""
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(silence, stream)
    if order["eager"]:
        Spacing.least, Spacing.share = 0.0, np.inf
    code = 1
    with suppress(BaseException):
        code = facetgap(order["arguments"])
    os._exit(code)


def main() -> None:
    """Fork a run for every line until there are no more."""
    for line in sys.stdin:
        number = os.fork()
        if number == 0:
            run(json.loads(line))
        print(number, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]), flush=True)


if __name__ == "__main__":
    print(f"ready {fem.observe.simulation.__name__} {fem.system.compilation.__name__}", flush=True)
    main()
