"""The table of cases/README.md: what the cases with synovial film ask, what came out, and what the text says.

    python benchmarks/case_table.py RESULTS [--write]     from finished runs, RESULTS/<case>/ each
    python benchmarks/case_table.py --check               is the page still of these cases and questions? (no runs)

The runs are made with `facetgap run cases/manipulation/CASE.yaml --set spine.resolution=coarse -o RESULTS/CASE`, one or
two minutes each. Verdicts, numbers and words of agreement come from the runs by the rules of case_claims.py; a case
without a finished run says so in its row. Returns 1 where the page is out of date or a run is missing.
"""

import argparse
import hashlib
import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from case_claims import AGREES, COMPARING, DISAGREES, OPEN, RULES, Judgement, Run, likelihood
from ruamel.yaml import YAML

from fem.case.read import CaseFile, read_case
from fem.case.resolved import resolved_settings
from fem.results.read import read_result, read_table

ROOT = Path(__file__).resolve().parents[1]
CASES, PAGE = ROOT / "cases" / "manipulation", ROOT / "cases" / "README.md"
QUESTIONS = Path(__file__).with_name("case_questions.toml")
FIRST, LAST = "<!-- table cases -->", "<!-- end cases -->"
#: Sections in which a key that only one of two versions has makes a difference, and what makes none.
WHOLE = ("phases", "film", "muscles", "supports", "follower_load", "repeat")
UNASKED = ("spine.resolution", "spine.anatomy", "title", "description", "expect")
#: Levels and joints of the two twists that stand beside each other.
TWISTS = ("self_twist_fast", "self_twist_restricted")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the text about a case, the rule by which a run answers it, and the case it is held against."""

    sentence: str
    rule: str
    than: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A case with its question and claims; `key` changes with what the case file or one that it extends says."""

    name: str
    question: str
    claims: tuple[Claim, ...]
    key: str


def asked() -> list[Asked]:
    """Return the cases with their questions; ValueError where file and folder do not fit."""
    data = tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))
    shipped = {path.stem: read_case(path) for path in sorted(CASES.glob("*.yaml"))}
    wet = {name for name, case_file in shipped.items() if case_file.case.has_film}
    if odd := wet.symmetric_difference(data["cases"]):
        raise ValueError(f"cases with film and {QUESTIONS.name} differ in {', '.join(sorted(odd))}")
    found = []
    for name, entry in data["cases"].items():
        claims = tuple(
            Claim(data["sentences"][claim["sentence"]], claim["rule"], claim.get("than"))
            for claim in entry["claims"]
        )
        for claim in claims:
            if claim.rule not in RULES or (claim.rule in COMPARING) != (claim.than in data["cases"]):
                raise ValueError(f"{name}: no such rule, or nothing to hold it against: {claim}")
        found.append(Asked(name, entry["question"], claims, case_key(shipped[name])))
    return found


def case_key(case_file: CaseFile) -> str:
    """Return eight letters that stand for everything that a case and those it extends say, but for remarks."""
    given = {".".join(map(str, path)) for path in case_file.document.source.values}
    values = {key: value for key, value in _flat(resolved_settings(case_file)).items() if key in given}
    said = {key: values.get(key, "") for key in given if not key.startswith(("extends", *UNASKED))}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:8]


def changed(folder: Path, case_file: CaseFile) -> list[str]:
    """Return the keys, but for the mesh, in which the case of a finished run and the case as it is differ."""
    then, now = (
        _flat(YAML(typ="safe").load(folder / "case.resolved.yaml")),
        _flat(resolved_settings(case_file)),
    )
    mentioned = {key for key in then.keys() | now.keys() if key.startswith(WHOLE)} | then.keys() & now.keys()
    return sorted(key for key in mentioned if not key.startswith(UNASKED) and then.get(key) != now.get(key))


def _flat(values: Any, key: str = "") -> dict[str, str]:
    if not isinstance(values, Mapping | list | tuple):
        return {key: str(values)}
    items = values.items() if isinstance(values, Mapping) else enumerate(values)
    parts = (_flat(value, f"{key}.{name}" if key else str(name)) for name, value in items)
    return {name: value for part in parts for name, value in part.items()}


def finished(folder: Path) -> Run | None:
    """Return a finished run; None where there is none."""
    if not (folder / "summary.json").is_file() or read_result(folder).status != "complete":
        return None
    summary = read_result(folder).summary
    turns: dict[str, float] = {}
    for row in read_table(folder, "levels"):
        turns[row["level"]] = max(turns.get(row["level"], 0.0), abs(float(row["axial_rotation_deg"])))
    return Run(summary, turns)


def page(cases: list[Asked], runs: Mapping[str, Run | None]) -> list[str]:
    """Return the lines between the marks of the page."""
    rows = [_claim_row(case, claim, runs) for case in cases for claim in case.claims]
    return [
        "| case | question | verdict on the target | first joint to pop | ligament nearest to its limit |",
        "|---|---|---|---|---|",
        *(f"| `{case.name}` | {case.question} | {' | '.join(_outcome(runs[case.name]))} |" for case in cases),
        "",
        _count(rows),
        "",
        "| the text says | case | rule | by | the model |",
        "|---|---|---|---|---|",
        *rows,
        "",
        *_twists(runs),
        "",
        f"<!-- of {', '.join(f'{case.name} {case.key}' for case in cases)} -->",
    ]


def _count(rows: list[str]) -> str:
    """Return how many claims the model agrees with, in words."""
    words = [row.rsplit("**", 2)[1] for row in rows]
    return (
        f"Of {len(words)} claims the model agrees with {words.count(AGREES)}, disagrees with {words.count(DISAGREES)} "
        f"and leaves {words.count(OPEN)} undetermined."
    )


def _outcome(run: Run | None) -> tuple[str, str, str]:
    if run is None:
        return "not run", "", ""
    name, strain, fraction = run.ligament
    nearest = run.verdicts[run.likeliest]
    first = run.first or f"none; likeliest {run.likeliest}, P {nearest['probability']:.2f}"
    return likelihood(run.verdict), first, f"{name} {100.0 * strain:.0f} %, {fraction:.2f} of its limit"


def _claim_row(case: Asked, claim: Claim, runs: Mapping[str, Run | None]) -> str:
    run, other = runs[case.name], runs[claim.than] if claim.than else None
    judged = Judgement("not run", "")
    if run is not None and (claim.than is None or other is not None):
        judged = RULES[claim.rule](run, other)
    rule = f"{claim.rule} than `{claim.than}`" if claim.rule == "less likely" else claim.rule
    rule = f"as likely as `{claim.than}`" if claim.rule == "as likely" else rule
    return f"| {claim.sentence} | `{case.name}` | {rule} | {judged.numbers} | **{judged.word}** |"


def _twists(runs: Mapping[str, Run | None]) -> Iterator[str]:
    """Yield the levels of a twist on a healthy and on a restricted target beside each other."""
    healthy, restricted = (runs[name] for name in TWISTS)
    if healthy is None or restricted is None:
        return
    yield f"| level | turned in `{TWISTS[0]}` [deg] | in `{TWISTS[1]}` [deg] | P, left joint | restricted |"
    yield "|---|---|---|---|---|"
    for level in healthy.turns:
        chances = [_chance(run.verdicts.get(f"{level} left")) for run in (healthy, restricted)]
        yield f"| {level} | {healthy.turns[level]:.2f} | {restricted.turns[level]:.2f} | {' | '.join(chances)} |"


def _chance(verdict: Mapping[str, Any] | None) -> str:
    return "" if verdict is None else f"{verdict['probability']:.2f}"


def stale(cases: list[Asked], text: str) -> list[str]:
    """Return what of the page is out of date without looking at runs: rows, questions, claims, keys of the cases."""
    inside = text.partition(FIRST)[2].partition(LAST)[0]
    missing = []
    for case in cases:
        if f"| `{case.name}` | {case.question} |" not in inside:
            missing.append(f"{case.name}: no row with its question")
        if f"{case.name} {case.key}" not in inside:
            missing.append(f"{case.name}: the row is of another version of the case")
        rows = inside.splitlines()
        missing += [
            f"{case.name}: no row for '{claim.sentence}' by '{claim.rule}'"
            for claim in case.claims
            if not any(row.startswith(f"| {claim.sentence} | `{case.name}` | {claim.rule}") for row in rows)
        ]
    return missing


def _usable(results: Path, cases: list[Asked]) -> tuple[dict[str, Run | None], list[str]]:
    """Return the finished runs of the cases as they are, and what is wrong with the others."""
    runs, faults = {}, []
    for case in cases:
        runs[case.name] = finished(results / case.name)
        if runs[case.name] is None:
            faults.append(f"{case.name}: no finished run")
        elif keys := changed(results / case.name, read_case(CASES / f"{case.name}.yaml")):
            runs[case.name] = None
            faults.append(f"{case.name}: the run is of another version of the case ({', '.join(keys)})")
    return runs, faults


def main() -> int:
    """Print or write the table, or say what of the page is out of date."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("results", type=Path, nargs="?", help="folder with one finished run a case")
    parser.add_argument("--write", action="store_true", help="put the table into cases/README.md")
    parser.add_argument("--check", action="store_true", help="say whether the page is of these cases")
    arguments = parser.parse_args()
    cases, text = asked(), PAGE.read_text(encoding="utf-8")
    if arguments.check or arguments.results is None:
        found = stale(cases, text)
        print("\n".join(found) or "the page is of these cases and questions")
        return 1 if found else 0
    runs, faults = _usable(arguments.results, cases)
    lines = page(cases, runs)
    print("\n".join(lines))
    if arguments.write:
        head, _, rest = text.partition(FIRST)
        tail = rest.partition(LAST)[2]
        PAGE.write_text("\n".join([f"{head}{FIRST}", *lines, f"{LAST}{tail}"]), encoding="utf-8")
    print("\n".join(faults), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
