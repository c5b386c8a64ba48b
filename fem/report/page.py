"""Put the page together."""

from pathlib import Path
from typing import Any, Final

from fem.errors import UsageError
from fem.figures.data import ResultData, open_results
from fem.report import answer, sources, tables
from fem.report.pictures import curves, spine_pictures
from fem.results.atomic import write_text
from fem.results.energy import energy_sentence
from fem.results.takeover import RESOLVED_FILE

REPORT_FILE: Final = "report.html"


def write_report(folder: Path, output: Path | None = None, *, pictures: bool = True) -> Path:
    """Write the page of a result, by default beside it; return its path.

    Parameters
    ----------
    pictures : whether to draw the spine, which takes some seconds and PyVista.
    """
    (one,) = open_results([folder])
    file = output or one.result.path / REPORT_FILE
    if file.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"a report is written as .html; {file} has another ending")
    file.parent.mkdir(parents=True, exist_ok=True)
    return write_text(file, report_text(one, pictures=pictures))


def report_text(one: ResultData, *, pictures: bool = True) -> str:
    """Return the page of a result."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("fem.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(**_content(one, pictures))


def _content(one: ResultData, pictures: bool) -> dict[str, Any]:
    result, summary = one.result, one.result.summary
    drawn, missing = spine_pictures(one) if pictures else ([], "they were not asked for (--no-pictures)")
    figures, refused = curves(one)
    return {
        "title": str(result.run.get("title", result.path.name)),
        "name": one.label,
        "status": result.status,
        "answer": answer.answer(one),
        "professional": answer.PROFESSIONAL,
        "can_say": answer.CAN_SAY,
        "cannot_say": answer.CANNOT_SAY,
        "pictures": drawn,
        "no_pictures": missing,
        "curves": figures,
        "refused": refused,
        "ligaments": tables.ligament_table(one),
        "facets": tables.facet_table(summary),
        "cavitation": tables.cavitation_table(summary),
        "order": list(summary.get("order_of_cavitation", ())),
        "levels": tables.level_table(summary),
        "muscles": tables.muscle_table(summary),
        "energies": tables.energy_table(summary),
        "energy_sentence": energy_sentence(summary["energy"]) if "energy" in summary else "",
        "convergence": _convergence(one),
        "warnings": list(result.run.get("warnings", ())),
        "expected": tables.expectation_table(summary),
        "kinds": sources.kinds_table(result),
        "bands": sources.band_table(result),
        "data": sources.data_tables(result),
        "references": sources.references(result),
        "files": sources.file_table(result),
        "versions": sources.version_table(result),
        "resolved": _resolved(result.path),
    }


def _convergence(one: ResultData) -> list[str]:
    summary, history = one.result.summary, one.table("history")
    lines = [f"{one.result.run.get('steps', 0)} states were recorded up to t = {one.end:.4g} s."]
    if "newton" in summary:
        newton = summary["newton"]
        lines.append(
            f"{newton['iterations']} Newton iterations, {newton['median_per_step']:g} in the median step."
        )
    if len(history):
        lines.append(f"Largest relative residual that was accepted: {history.numbers('residual').max():.1e}.")
    if "dof" in summary:
        cells = sum(one.result.run.get("mesh_sizes", {}).values())
        lines.append(f"{summary['dof']} unknowns; {cells} hexahedra in the meshes of discs and bones.")
    if "wall_s" in summary:
        lines.append(f"Solved in {summary['wall_s']:.0f} s of wall time, with what was written meanwhile.")
    return lines


def _resolved(folder: Path) -> str:
    file = folder / RESOLVED_FILE
    return file.read_text(encoding="utf-8") if file.is_file() else ""
