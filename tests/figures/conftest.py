"""One small run with film, solved once: what figures, pages and ParaView are shown."""

from pathlib import Path

import pytest

from fem.runner import RunRequest, run_case
from oracles.spines import RECIPE

CASE = f"""version: 1
title: L4 is thrust and twisted within 20 ms
spine: {{anatomy: {RECIPE}, resolution: coarse, levels: L4-L5, thorax: absent}}
target: L4-L5 left
film: {{}}
solver: {{largest_step: 0.5}}
phases:
  - {{name: settle}}
  - name: hold
    loads: [{{kind: moment, on: L4, motion: axial rotation left, value: 2 N m}}]
  - name: thrust
    kind: dynamic
    duration: 40 ms
    loads:
      - {{kind: thrust, on: L4, landmark: spinous process, direction: [0.35, -0.9, -0.25], preload: 20 N, peak: 80 N,
          time_to_peak: 20 ms}}
"""


@pytest.fixture(scope="session")
def thrust(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result folder of a thrust at L4-L5 with film."""
    folder = tmp_path_factory.mktemp("shown")
    case = folder / "small_thrust.yaml"
    case.write_text(CASE)
    return run_case(RunRequest(case, (), folder / "result")).folder


@pytest.fixture(scope="session")
def bend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result folder of a static moment on L4-L5 without muscles and film."""
    folder = tmp_path_factory.mktemp("shown")
    case = folder / "small_bend.yaml"
    case.write_text(f"""version: 1
title: L4 bends
spine: {{anatomy: {RECIPE}, resolution: coarse, levels: L4-L5, thorax: absent}}
phases:
  - name: bend
    loads: [{{kind: moment, on: L4, motion: flexion, value: 3 N m}}]
""")
    return run_case(RunRequest(case, (), folder / "result")).folder
