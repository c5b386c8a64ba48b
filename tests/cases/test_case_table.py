"""The generated table of cases/README.md: of the cases as they are, and judged by rules that can say no."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NAMES = (
    "self_twist_slow", "self_twist_fast", "self_twist_restricted", "self_thrust_chair", "forced_self_twist",
    "hypermobile", "too_stable", "repeated_thrusts",
    "refractory_10min", "refractory_30min", "refractory_60min", "refractory_120min",
    "guarding_mild", "guarding_strong", "guarding_reflex", "thrust_prone_pa", "thrust_l45_fast", "thrust_l45_slow",
)  # fmt: skip


@pytest.fixture(scope="module")
def modules() -> Iterator[SimpleNamespace]:
    """Return the program and its rules, which lie outside of the package."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        yield SimpleNamespace(
            table=import_module("case_table"),
            claims=import_module("case_claims"),
            cases=import_module("case_table").asked(),
        )
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))


def run(claims: ModuleType, probability: float = 0.5, margin: float = 0.0, **changes: Any) -> Any:
    """Return a made-up run with a target that ends so, and two neighbours."""
    verdict = (
        "cavitates" if probability >= 0.9 else "does not cavitate" if probability <= 0.1 else "undetermined"
    )
    here = {"verdict": verdict, "probability": probability, "margin": margin, "mri_gapping_mm": 0.6}
    here |= {
        "peak_separation_mm": 0.6 - changes.pop("positioned", 0.1),
        "margin_since_rest": changes.pop("since", 1.0),
    }
    there = {"verdict": "undetermined", "probability": changes.pop("elsewhere", 0.2), "margin": -0.3}
    summary = {
        "target": "L4-L5 left",
        "facets": {"L4-L5 left": {"cavitation": here}, "L5-S1 left": {"cavitation": there}, "L1-L2 left": {}},
        "ligaments": {"L4-L5": {"CL left": {"peak_strain": 0.3, "limit_fraction": changes.pop("limit", 0.75)},
                                "PLL": {"peak_strain": -0.1, "limit_fraction": 0.0}}},
        "muscles": {"psoas left": {"fibre_strain": 0.1, "over_limit": changes.pop("over", 0)}},
        "first_to_cavitate": changes.pop("first", None),
        "repetitions": {"range_of_motion_rise": changes.pop("rise", 0.0), "elongation_mm": 0.1},
    }  # fmt: skip
    return claims.Run(summary, changes.pop("turns", {"L3-L4": 2.0, "L4-L5": 1.0, "L5-S1": 3.0}))


def test_every_case_that_was_asked_for_has_a_question_and_a_claim(modules: SimpleNamespace) -> None:
    assert {case.name for case in modules.cases} >= set(NAMES)
    assert all(case.claims and case.question.endswith("?") for case in modules.cases)
    assert {claim.rule for case in modules.cases for claim in case.claims} == set(modules.claims.RULES)


def test_the_page_is_of_the_cases_as_they_are(modules: SimpleNamespace) -> None:
    text = modules.table.PAGE.read_text(encoding="utf-8")
    assert modules.table.stale(modules.cases, text) == []
    inside = text.partition(modules.table.FIRST)[2].partition(modules.table.LAST)[0]
    rows = [line for line in inside.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in rows}) == 1
    words = [line.rsplit("**", 2)[1] for line in rows if line.endswith("** |")]
    assert len(words) == sum(len(case.claims) for case in modules.cases)
    assert set(words) <= {"agrees", "disagrees", "undetermined", "not run"}


def test_a_page_of_other_cases_is_found_stale(modules: SimpleNamespace) -> None:
    text, table = modules.table.PAGE.read_text(encoding="utf-8"), modules.table
    first = modules.cases[0]
    assert table.stale(modules.cases, text.replace(first.key, "00000000")) == [
        f"{first.name}: the row is of another version of the case"
    ]
    assert any(
        "no row with its question" in line
        for line in table.stale(modules.cases, text.replace(first.question, ""))
    )
    assert len(table.stale(modules.cases, "")) >= 3 * len(modules.cases)


def test_the_key_of_a_case_follows_what_it_says_and_what_it_extends(
    modules: SimpleNamespace, tmp_path: Path
) -> None:
    from fem.case.read import read_case

    shipped = ROOT / "cases" / "manipulation" / "thrust_l45_fast.yaml"

    def key(text: str, base: Path = shipped) -> str:
        (tmp_path / "case.yaml").write_text(f"version: 1\ntitle: T\nextends: {base}\n{text}")
        return str(modules.table.case_key(read_case(tmp_path / "case.yaml")))

    plain = key("")
    assert key("# a remark\n\n\ndescription: words\n") == plain
    assert key("repeat: 3\n") != key("repeat: 5\n") != plain
    assert key("film: {thickness: 0.1 mm}\n") != plain
    longer = shipped.read_text().replace("\nversion", "\n# a remark in what it extends\nversion")
    (tmp_path / "base.yaml").write_text(
        longer.replace("thrust_l45_relaxed", str(shipped.with_name("thrust_l45_relaxed")))
    )
    assert key("", tmp_path / "base.yaml") == plain
    (tmp_path / "base.yaml").write_text(
        (tmp_path / "base.yaml").read_text().replace("peak: 400 N", "peak: 401 N")
    )
    assert key("", tmp_path / "base.yaml") != plain


@pytest.mark.parametrize(
    ("rule", "changes", "word"),
    [
        ("pops", {"probability": 0.95}, "agrees"),
        ("pops", {"probability": 0.05}, "disagrees"),
        ("pops", {"probability": 0.5}, "undetermined"),
        ("stays shut", {"probability": 0.95}, "disagrees"),
        ("stays shut", {"probability": 0.05}, "agrees"),
        ("stays shut", {"probability": 0.5}, "undetermined"),
        ("less likely", {"probability": 0.4}, "agrees"),
        ("less likely", {"probability": 0.5, "margin": -0.1}, "agrees"),
        ("less likely", {"probability": 0.6}, "disagrees"),
        ("less likely", {"probability": 0.52, "margin": 0.01}, "disagrees"),
        ("less likely", {"probability": 0.4, "margin": 0.1}, "undetermined"),
        ("less likely", {"probability": 0.6, "positioned": 0.02, "since": 0.5}, "undetermined"),
        ("less likely", {"probability": 0.4, "positioned": 0.02, "since": 0.5}, "agrees"),
        ("less likely", {"probability": 0.6, "positioned": 0.02, "since": 1.05}, "disagrees"),
        ("less likely", {"probability": 0.6, "positioned": 0.08, "since": 0.5}, "disagrees"),
        ("as likely", {"probability": 0.52, "margin": 0.01}, "agrees"),
        ("as likely", {"probability": 0.6}, "disagrees"),
        ("as likely", {"probability": 0.4, "margin": 0.1}, "undetermined"),
        ("neighbours turn more", {}, "agrees"),
        ("neighbours turn more", {"turns": {"L3-L4": 2.0, "L4-L5": 2.5, "L5-S1": 3.0}}, "undetermined"),
        ("neighbours turn more", {"turns": {"L3-L4": 2.0, "L4-L5": 3.5, "L5-S1": 3.0}}, "disagrees"),
        ("another joint first", {"first": "L5-S1 left"}, "agrees"),
        ("another joint first", {"first": "L4-L5 left"}, "disagrees"),
        ("another joint first", {"elsewhere": 0.7}, "agrees"),
        ("another joint first", {"elsewhere": 0.52}, "undetermined"),
        ("another joint first", {"elsewhere": 0.1}, "disagrees"),
        ("ligament over its limit", {"limit": 1.01}, "agrees"),
        ("ligament over its limit", {"limit": 0.99}, "disagrees"),
        ("muscle over its limit", {"over": 2}, "agrees"),
        ("muscle over its limit", {}, "disagrees"),
        ("range of motion grew", {"rise": 2e-6}, "agrees"),
        ("range of motion grew", {"rise": 5e-7}, "disagrees"),
    ],
)  # fmt: skip
def test_a_rule_says_what_the_numbers_say(
    modules: SimpleNamespace, rule: str, changes: dict[str, Any], word: str
) -> None:
    claims = modules.claims
    judged = claims.RULES[rule](run(claims, **changes), run(claims))
    assert judged.word == word
    assert judged.numbers


def test_the_ligament_in_the_table_is_the_one_nearest_to_its_limit(modules: SimpleNamespace) -> None:
    assert run(modules.claims).ligament == ("L4-L5 CL left", 0.3, 0.75)


def test_a_run_of_another_version_of_a_case_is_told(modules: SimpleNamespace, tmp_path: Path) -> None:
    from fem.case.read import read_case
    from fem.case.resolved import resolved_text

    path = ROOT / "cases" / "manipulation" / "self_twist_fast.yaml"
    for override, keys in (
        ("spine.resolution=coarse", []),
        ("follower_load.value=400 N", ["follower_load.value"]),
    ):
        (tmp_path / "case.resolved.yaml").write_text(resolved_text(read_case(path, (override,))))
        assert modules.table.changed(tmp_path, read_case(path)) == keys
