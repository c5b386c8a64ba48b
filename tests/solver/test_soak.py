"""The soak in short: a few random cases of benchmarks/soak.py, and checks that can say no."""

import json
import re
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fem.case.anatomy import checked_spine
from fem.case.read import read_case
from fem.terms.cable import CableTerm
from fem.terms.term import Configuration

ROOT = Path(__file__).parents[2]
#: Seeds of one segment: two static cases, and a thrust with films.
SEEDS = (20, 28, 19)


@pytest.fixture(scope="module")
def soak() -> Iterator[SimpleNamespace]:
    """Return the modules of the benchmark, which lie outside of the package."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        names = ("soak", "soak_cases", "soak_checks", "soak_report", "soak_worker")
        yield SimpleNamespace(**{name: import_module(name) for name in names})
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))


def test_a_few_random_cases_keep_what_must_hold(soak: SimpleNamespace) -> None:
    bars = soak.soak_cases.ranges()["bars"]
    records = [soak.soak_worker.run_seed(seed, bars) for seed in SEEDS]
    assert soak.soak_report.bars_missed(records) == []
    assert [record["outcome"] for record in records] == ["converged"] * len(SEEDS)
    assert [record["film"] for record in records] == [False, False, True]
    assert all(0.0 < record["unbalanced"] < 1e-12 for record in records)  # the watch has seen forces
    assert all(0.0 < record["equilibrium"] < 1e-7 for record in records)
    assert "| converged | 3 of 3 (100.0 %) |" in soak.soak_report.report(records)


def test_every_drawn_case_is_legal_and_a_seed_gives_one_case(soak: SimpleNamespace, tmp_path: Path) -> None:
    texts = []
    for seed in (*range(100, 106), 100):
        case = soak.soak_cases.write_case(seed, tmp_path)
        checked_spine(read_case(case, ()))
        texts.append(case.read_text() + (tmp_path / "recipe.yaml").read_text())
    assert texts[0] == texts[-1]
    assert len(set(texts)) == 6
    shapes = [json.loads(text.partition('{"version": 1, "name"')[0]) for text in texts]
    assert len({shape["spine"]["levels"] for shape in shapes}) > 2
    assert {len(shape["phases"]) for shape in shapes} >= {2, 3}


@pytest.fixture(scope="module")
def result(soak: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result of a static case of the soak."""
    from fem.cli.main import main

    folder = tmp_path_factory.mktemp("soak")
    case = soak.soak_cases.write_case(SEEDS[0], folder)
    assert main(["run", str(case), "-o", str(folder / "result")]) == 0
    return folder / "result"


def change(file: Path, pattern: str, by: str) -> None:
    text, count = re.subn(pattern, by, file.read_text(), count=1)
    assert count == 1
    file.write_text(text)


@pytest.mark.parametrize(
    ("file", "pattern", "by", "found"),
    [
        ("levels.csv", r"(?m)-?\d\.\d+(e-\d+)?$", "nan", "levels.csv: not finite in translation_z_mm"),
        (
            "summary.json",
            r'"peak_strain": [^,]+',
            '"peak_strain": NaN',
            "summary.json: ligaments.*not finite",
        ),
        ("summary.json", r'"balance_error": [^,\n]+', '"balance_error": 0.2', "20 % of the energy"),
        ("strands.csv", r"(,CL left,3,[^,]+,)[^,]+", r"\g<1>-2.5", "CL left carries -2.5 N"),
        ("strands.csv", r"(?m)(,ALL,0,)[^,]+", r"\g<1>-0.1", "ALL carries .* N"),
    ],
)
def test_what_is_broken_is_found(
    soak: SimpleNamespace, result: Path, tmp_path: Path, file: str, pattern: str, by: str, found: str
) -> None:
    bars = soak.soak_cases.ranges()["bars"]
    assert soak.soak_checks.broken(result, bars, None) == []
    spoilt = tmp_path / "spoilt"
    shutil.copytree(result, spoilt)
    change(spoilt / file, pattern, by)
    told = soak.soak_checks.broken(spoilt, bars, None)
    assert re.search(found, "\n".join(told))


@pytest.mark.parametrize(
    ("share", "told", "found"),
    [
        (0.89, False, ""),
        (0.93, False, "squeezed by 93 % of its thickness, and nobody is told"),
        (0.93, True, ""),
        (1.0, True, "pass through each other"),
        (float("nan"), True, "pass through each other"),
    ],
)
def test_joints_that_are_squeezed_too_far_are_seen(
    soak: SimpleNamespace, result: Path, tmp_path: Path, share: float, told: bool, found: str
) -> None:
    bars = soak.soak_cases.ranges()["bars"]
    spoilt = tmp_path / "spoilt"
    shutil.copytree(result, spoilt)
    if told:
        change(
            spoilt / "run.json",
            r'"warnings": \[\]',
            '"warnings": ["the cartilage of L4-L5 left is squeezed"]',
        )
    watch = SimpleNamespace(unbalanced=0.0, worst="", equilibrium=0.0, squeezed=share, limit=0.9)
    said = "\n".join(soak.soak_checks.broken(spoilt, bars, watch))
    assert found in said
    assert bool(said) == bool(found)


def test_forces_without_a_reaction_are_seen(soak: SimpleNamespace) -> None:
    points = np.array([[0.0, 0.0, 0.0], [10.0, 0.0, 0.0]])
    cable = CableTerm("cable", np.array([[0, 1]]), SimpleNamespace())  # type: ignore[arg-type]
    here = Configuration(points, np.zeros((0, 3)), np.zeros((0, 3, 3)), 0.0)
    pull = np.array([[-3.0, 0.0, 0.0, 3.0, 0.0, 0.0]])
    part: Any = SimpleNamespace(force=pull)
    assert soak.soak_checks.imbalance(cable, part, here) == 0.0
    part.force = pull + np.array([[0.0, 0.0, 0.0, 0.006, 0.0, 0.0]])
    assert soak.soak_checks.imbalance(cable, part, here) == pytest.approx(1e-3, rel=1e-2)
    part.force = np.array([[0.0, -3.0, 0.0, 0.0, 3.0, 0.0]])  # no net force, but a moment
    assert soak.soak_checks.imbalance(cable, part, here) == pytest.approx(0.3 / 6.0)


def test_a_process_that_dies_or_takes_too_long_costs_its_case_only(soak: SimpleNamespace) -> None:
    worker = soak.soak.Worker(2.0, None)
    assert worker.run(-1, 60.0)["outcome"] == "died"  # no case has this seed
    assert worker.run(SEEDS[0], 0.01)["outcome"] == "too long"
    assert worker.generation == 2


def test_seeds_with_a_line_are_not_run_again(
    soak: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: list[int] = []

    class Quick:
        def __init__(self, *given: Any) -> None: ...

        def run(self, seed: int, limit: float) -> dict[str, Any]:
            run.append(seed)
            return {"seed": seed, "outcome": "converged", "broken": [], "cpu_s": 30.0}

        def end(self) -> None: ...

    monkeypatch.setattr(soak.soak, "Worker", Quick)
    file = tmp_path / "soak.jsonl"
    file.write_text(
        '{"seed": 1, "outcome": "converged", "broken": []}\n{"seed": 2, "outco'
    )  # killed while it wrote
    options = Namespace(first=0, count=4, results=file, keep=None, memory=1.0, limit=1.0, minutes=60.0)
    soak.soak.soak(options)
    assert run == [0, 2, 3]
    soak.soak.soak(options)
    assert run == [0, 2, 3]
    soak.soak.soak(Namespace(**{**vars(options), "count": 9, "minutes": 0.9}))
    assert run == [0, 2, 3, 4, 5]  # the second case crosses the budget, and is the last


def test_memory_that_grows_is_a_missed_bar(soak: SimpleNamespace) -> None:
    flat = [
        {"seed": n, "outcome": "converged", "broken": [], "process": 1, "rss_MB": 400.0 + n % 3}
        for n in range(40)
    ]
    assert soak.soak_report.bars_missed(flat) == []
    grown = [{**record, "rss_MB": record["rss_MB"] + 2.0 * n} for n, record in enumerate(flat)]
    assert any("memory grows by 2.0" in sentence for sentence in soak.soak_report.bars_missed(grown))
    lost = [{**record, "outcome": "not converged"} if n < 2 else record for n, record in enumerate(flat)]
    assert any("38 of 40 converge" in sentence for sentence in soak.soak_report.bars_missed(lost))
