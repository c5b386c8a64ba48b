"""What a result rests on: data by set and kind, bands of the verdict, references, files, versions."""

from collections import Counter
from typing import Any

from fem.errors import UsageError
from fem.literature import load_sources
from fem.literature.datum import KINDS
from fem.report.tables import Table
from fem.results.film_motion import read_motion
from fem.results.read import Result


def kinds_table(result: Result) -> Table:
    """Return how many data of each kind the run used."""
    counts = Counter(str(entry["kind"]) for entry in result.run.get("literature", ()))
    rows = tuple((kind, str(counts[kind]), what) for kind, what in KINDS.items() if counts[kind])
    return Table("Numbers that the run used, by what they claim", ("Kind", "Count", "What that means"), rows)


def data_tables(result: Result) -> list[tuple[str, Table]]:
    """Return (heading, table) of every data set that the run used."""
    sets: dict[str, list[tuple[str, ...]]] = {}
    for entry in result.run.get("literature", ()):
        row = tuple(str(entry[key]) for key in ("key", "value", "kind", "source"))
        sets.setdefault(str(entry["set"]), []).append(row)
    head = ("Number", "Value", "Kind", "Source")
    return [
        (f"{name}: {_counted(rows)}", Table(f"Data set {name}", head, tuple(rows)))
        for name, rows in sorted(sets.items())
    ]


def _counted(rows: list[tuple[str, ...]]) -> str:
    counts = Counter(row[2] for row in rows)
    return ", ".join(f"{count} {kind}" for kind, count in counts.items())


def band_table(result: Result) -> Table:
    """Return the bands that the verdicts draw from; empty without films."""
    head = ("Input", "From", "To")
    caption = "Inputs of the verdicts that are drawn within bands (internal units: mm, N, MPa, s, tonne)"
    if not any("cavitation" in entry for entry in result.summary.get("facets", {}).values()):
        return Table(caption, head, ())
    try:
        bands = read_motion(result.path).inputs.bands
    except UsageError:
        return Table(caption, head, ())
    return Table(caption, head, tuple((band.name, f"{band.low:.4g}", f"{band.high:.4g}") for band in bands))


def references(result: Result) -> list[tuple[str, str]]:
    """Return (key, citation) of every source that the data cite, in the order of their keys."""
    known = load_sources()
    cited = {str(entry["source"]) for entry in result.run.get("literature", ())}
    return [(key, known[key].citation()) for key in sorted(cited) if key in known]


def file_table(result: Result) -> Table:
    """Return the input files with their hashes."""
    rows = tuple((str(e["role"]), str(e["path"]), str(e["sha256"])) for e in result.run.get("inputs", ()))
    return Table("Files the run was made from", ("Role", "Path", "SHA-256"), rows)


def version_table(result: Result) -> Table:
    """Return versions, machine and times."""
    run: dict[str, Any] = dict(result.run)
    pairs = [("run began", run.get("started", "")), ("run ended", run.get("finished", ""))]
    pairs += [(f"machine: {key}", value) for key, value in run.get("machine", {}).items()]
    pairs += [(f"version of {key}", value) for key, value in run.get("versions", {}).items()]
    pairs += [
        ("command", " ".join(run.get("command", ()))),
        ("hash of all inputs", run.get("input_hash", "")),
    ]
    return Table(
        "Versions and machine", ("What", "Value"), tuple((str(k), str(v)) for k, v in pairs if str(v))
    )
