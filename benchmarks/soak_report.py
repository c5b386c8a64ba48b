"""The figures of a soak: how many converged, what failed how, what broke, and whether memory stayed flat."""

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np
from soak_cases import ranges

Record = dict[str, Any]
#: Cases of a process after which its memory counts: kernels are loaded, caches filled.
_WARM = 10


def report(records: Sequence[Record]) -> list[str]:
    """Return the lines of a Markdown table and what is to be looked into."""
    outcomes = Counter(record["outcome"] for record in records)
    legal = [record for record in records if record["outcome"] != "refused"]
    rows = [
        ("cases run", str(len(records))),
        ("refused as input", str(outcomes["refused"])),
        (
            "converged",
            f"{outcomes['converged']} of {len(legal)} ({_share(outcomes['converged'], len(legal))})",
        ),
        ("failed cleanly (exit code 3, last good state opens)", str(_clean(legal))),
        ("other ends", _counted(outcomes, ("bug", "too long", "too much memory", "died"))),
        ("runs that break an invariant", str(sum(bool(record["broken"]) for record in records))),
        ("with films, with muscles, static", _kinds(legal)),
        ("segments 1 to 5", _segments(legal)),
        ("energy not accounted for: median, 99 %, largest", _spread(legal, "energy_error", 100.0, " %")),
        ("imbalance of forces within a structure, largest", _largest(legal, "unbalanced")),
        ("imbalance of the whole, largest", _largest(legal, "equilibrium")),
        ("cartilage squeezed by, largest", _largest(legal, "squeezed")),
        ("runs warned that cartilage is beyond the end of its law", str(_warned(legal, "squeezed"))),
        ("solves that failed and were recovered from", str(_recovered(legal))),
        ("growth of memory", f"{growth(records):+.2f} MB per case"),
        ("peak memory of a case: median, largest", _peaks(legal)),
        ("processor time", f"{sum(record.get('cpu_s', 0.0) for record in records) / 60.0:.0f} min"),
    ]
    lines = ["| figure | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
    odd = [record for record in records if record["broken"] or record["outcome"] != "converged"]
    return [*lines, *(_odd(record) for record in odd), *bars_missed(records)]


def bars_missed(records: Sequence[Record]) -> list[str]:
    """Return a sentence for every bar that the records miss."""
    bars, found = ranges()["bars"], []
    legal = [record for record in records if record["outcome"] != "refused"]
    converged = sum(record["outcome"] == "converged" for record in legal)
    if legal and not converged >= bars["converged"] * len(legal):
        found.append(
            f"MISSED: {converged} of {len(legal)} converge, fewer than {100 * bars['converged']:g} %"
        )
    broken = [record["seed"] for record in records if record["broken"]]
    if broken:
        found.append(f"MISSED: seeds {', '.join(map(str, broken))} break what must hold")
    if not growth(records) <= bars["growth_MB_per_case"]:
        found.append(f"MISSED: memory grows by {growth(records):.2f} MB per case")
    return found


def growth(records: Sequence[Record]) -> float:
    """Return the slope [MB] of resident memory over cases of the process that ran most, once warm (Theil-Sen).

    The median of the slopes between all pairs: single large cases that leave memory to the allocator do not tilt it.
    """
    runs = Counter(record["process"] for record in records if "process" in record)
    if not runs:
        return 0.0
    longest = runs.most_common(1)[0][0]
    sizes = np.array([record["rss_MB"] for record in records if record.get("process") == longest][_WARM:])
    if len(sizes) < 3:
        return 0.0
    first, second = np.triu_indices(len(sizes), 1)
    return float(np.median((sizes[second] - sizes[first]) / (second - first)))


def _clean(legal: Sequence[Record]) -> int:
    return sum(record["outcome"] == "not converged" and not record["broken"] for record in legal)


def _share(part: int, whole: int) -> str:
    return f"{100.0 * part / whole:.1f} %" if whole else "none"


def _counted(outcomes: Counter[str], names: Sequence[str]) -> str:
    return ", ".join(f"{outcomes[name]} {name}" for name in names if outcomes[name]) or "none"


def _kinds(legal: Sequence[Record]) -> str:
    counts = [sum(bool(record.get(key)) for record in legal) for key in ("film", "muscles")]
    return f"{counts[0]}, {counts[1]}, {sum(not record.get('dynamic', True) for record in legal)}"


def _segments(legal: Sequence[Record]) -> str:
    names = ("L1", "L2", "L3", "L4", "L5", "S1")
    counts: Counter[int] = Counter()
    for record in legal:
        upper, _, lower = record.get("levels", "").partition("-")
        if lower:
            counts[names.index(lower) - names.index(upper)] += 1
    return ", ".join(str(counts[number]) for number in range(1, 6))


def _values(records: Sequence[Record], key: str) -> list[float]:
    return [record[key] for record in records if record.get(key) is not None]


def _spread(records: Sequence[Record], key: str, factor: float, unit: str) -> str:
    values = factor * np.array(_values(records, key))
    if not len(values):
        return "none"
    return ", ".join(
        f"{value:.2g}{unit}" for value in (median(values), np.quantile(values, 0.99), values.max())
    )


def _warned(records: Sequence[Record], word: str) -> int:
    return sum(any(word in text for text in record.get("warnings", ())) for record in records)


def _largest(records: Sequence[Record], key: str) -> str:
    values = _values(records, key)
    return f"{max(values):.1e}" if values else "none"


def _recovered(legal: Sequence[Record]) -> str:
    runs = [record for record in legal if record["outcome"] == "converged" and record.get("failed_solves")]
    return f"{sum(record['failed_solves'] for record in runs)} in {len(runs)} runs"


def _peaks(legal: Sequence[Record]) -> str:
    values = _values(legal, "peak_MB")
    return f"{median(values):.0f} MB, {max(values):.0f} MB" if values else "none"


def _odd(record: Record) -> str:
    what = "; ".join(
        [*record["broken"], record.get("message", "").splitlines()[-1] if record.get("message") else ""]
    )
    return f"- seed {record['seed']} ({record.get('levels', '?')}): {record['outcome']}: {what}"
