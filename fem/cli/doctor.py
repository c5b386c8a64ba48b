"""``facetgap doctor``: what an installation has found, and whether it solves problems with known answers."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from fem.doctor.installation import Finding
    from fem.doctor.self_test import Outcome

EXIT_MISSED = 4
_WIDEST = 110


@click.command("doctor")
@click.option(
    "--results", type=click.Path(path_type=Path), default=Path("results"), show_default=True,
    help="Folder of results, to look for room in.",
)  # fmt: skip
@click.option("--no-self-test", is_flag=True, help="Say what was found; solve nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(results: Path, no_self_test: bool, as_json: bool) -> int:
    """Say what this installation has found, and solve a few small problems whose answers are known.

    Takes about five seconds once the kernels are compiled. Exit code 4 when an answer is wrong.
    """
    import shutil

    from fem.doctor.installation import findings
    from fem.doctor.self_test import CHECKS, outcomes

    width = min(_WIDEST, shutil.get_terminal_size((100, 24)).columns)
    found = []
    for finding in findings(results):
        found.append(finding)
        if not as_json:
            click.echo("\n".join(_finding_lines(finding, width)))
    made = []
    if not no_self_test:
        click.echo("solving problems with known answers (the first time, kernels are compiled)", err=True)
        made = list(outcomes(CHECKS))
    failed = [one for one in made if not one.passed]
    if as_json:
        _print_json(found, made)
    else:
        click.echo("\n".join(_verdict(found, made, width)))
    return EXIT_MISSED if failed else 0


def _finding_lines(finding: "Finding", width: int) -> Iterator[str]:
    import textwrap

    head = f"{finding.about:15}"
    wrap = {
        "width": width,
        "subsequent_indent": " " * 15,
        "break_long_words": False,
        "break_on_hyphens": False,
    }
    yield from textwrap.wrap(finding.found, initial_indent=head, **wrap)  # type: ignore[arg-type]
    if finding.advice:
        yield from textwrap.wrap(finding.advice, initial_indent=f"{'':15}! ", **wrap)  # type: ignore[arg-type]


def _verdict(found: Sequence["Finding"], made: Sequence["Outcome"], width: int) -> Iterator[str]:
    from fem.results.grid import grid_lines

    if made:
        header = ("self-test", "verdict", "got", "known", "unit", "off by", "allowed")
        yield from ("", *grid_lines(header, [_row(one) for one in made], width), "")
        yield from (f"{one.name}: {one.error}" for one in made if one.error)
    wrong = sum(not one.passed for one in made)
    warned = sum(bool(finding.advice) for finding in found)
    solved = f"{len(made) - wrong} of {len(made)} answers right" if made else "nothing solved"
    time = f" in {sum(one.seconds for one in made):.1f} s" if made else ""
    yield f"{solved}{time}" + (f"; {warned} finding(s) marked ! to look at" if warned else "")
    if wrong:
        yield "this installation does not compute what it should; reinstall it, or report this output"


def _row(one: "Outcome") -> tuple[str, ...]:
    verdict = "ok" if one.passed else "FAILED"
    if one.answer is None:
        return one.name, verdict, "-", "-", "-", "-", "-"
    answer = one.answer
    return (
        one.name, verdict, f"{answer.got:.6g}", f"{answer.known:.6g}", answer.unit or "1", f"{one.deviation:.0e}",
        f"{answer.tolerance:.0e}",
    )  # fmt: skip


def _print_json(found: Sequence["Finding"], made: Sequence["Outcome"]) -> None:
    from dataclasses import asdict

    from fem.results.atomic import json_text

    tests: list[dict[str, Any]] = [
        {**asdict(one), "deviation": one.deviation, "passed": one.passed} for one in made
    ]
    passed = all(one.passed for one in made) if made else None
    document = {
        "version": 1, "findings": [asdict(finding) for finding in found], "self_test": tests, "passed": passed,
    }  # fmt: skip
    click.echo(json_text(document), nl=False)
