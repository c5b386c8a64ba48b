"""Damaged input files by the thousand: each must be read or refused in words, soon, and in bounded memory.

    python benchmarks/fuzz.py                       # 20,000 inputs, one core, ten minutes
    python benchmarks/fuzz.py --count 300           # what the tests do
    python benchmarks/fuzz.py --only recipe --seed 7 --first 4200 --count 1    # one input again

Inputs are made from shipped files by random damage (see `oracles.damage`). A case, its recipe, a guarding pattern, a
force table and a data file are read as ``facetgap check`` reads them; nothing is solved. What raises anything but an
error of the program, runs beyond its time or gives a message that does not fit a screen is a failure, and its input
is written to ``benchmarks/fuzz_failures``.
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from oracles.fuzz import KINDS, fuzz  # noqa: E402 - it is found only now

FAILURES = ROOT / "benchmarks" / "fuzz_failures"


def main() -> int:
    """Fuzz every kind of input file, say what came of it, and return 1 if anything failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=20_000, help="inputs in all")
    parser.add_argument("--first", type=int, default=0, help="number of the first input of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=list(KINDS), help="one kind of file")
    parser.add_argument("--patience", type=float, default=30.0, help="seconds that one input may take")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    kinds = [asked.only] if asked.only else list(KINDS)
    share = -(-asked.count // len(kinds))
    reports = []
    for kind in kinds:
        say = None if asked.json else lambda text: print(text, file=sys.stderr)
        reports.append(fuzz(kind, share, asked.seed, asked.first, asked.patience, FAILURES, say))
        if not asked.json:
            print(reports[-1].line(), flush=True)
    if asked.json:
        print(json.dumps({"version": 1, "kinds": [report.document() for report in reports]}, indent=2))
    else:
        failed = sum(len(report.failures) for report in reports)
        print(f"{sum(report.inputs for report in reports)} inputs, {failed} failures")
    return 1 if any(report.failures for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
