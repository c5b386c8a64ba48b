"""TOML text into a table, and where a key of it stands: the parser of the standard library keeps no positions."""

import re
import tomllib
from dataclasses import replace
from typing import Any

from fem.errors import DataFileError, Problem


def read_toml(file: str, text: str) -> dict[str, Any]:
    """Return the table that TOML `text` holds; DataFileError with line and column where it is none."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise DataFileError(file, [Problem("nested too deeply")]) from None
    except ValueError as error:  # TOMLDecodeError is one, and so is a number of thousands of digits
        place = re.search(r"\(at line (\d+), column (\d+)\)$", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (None, None)
        said = str(error)[: place.start()].strip() if place else str(error)
        raise DataFileError(file, [Problem(f"not valid TOML: {said}", line=line, column=column)]) from None


def placed(problem: Problem, text: str) -> Problem:
    """Return the problem with the place of its key: the line that begins with it, under its table's header."""
    header, wanted = "", problem.key
    found: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if bare.startswith("[") and bare.endswith("]") and "=" not in bare:
            header = bare.strip("[] ").replace('"', "")
            here = header
        else:
            key = bare.partition("=")[0].strip().replace('"', "")
            here = f"{header}.{key}" if header else key
        if here and (wanted == here or wanted.startswith(f"{here}.")):
            found = number, len(line) - len(line.lstrip()) + 1
            if wanted == here:
                break
    return problem if found is None else replace(problem, line=found[0], column=found[1])
