"""A table of a result by column."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fem.arrays import FloatArray


@dataclass(frozen=True)
class Columns:
    """A table by column, as texts until asked for numbers."""

    columns: Mapping[str, NDArray[np.str_]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def where(self, **wanted: str | None) -> "Columns":
        """Return the rows in which each named column holds the given text."""
        rows = np.ones(len(self), dtype=bool)
        for name, value in wanted.items():
            rows &= self.columns[name] == value if len(self) else rows
        return Columns({name: column[rows] for name, column in self.columns.items()})

    def numbers(self, name: str) -> FloatArray:
        """Return a column (r,) as numbers."""
        return self.columns[name].astype(np.float64) if len(self) else np.zeros(0)

    def texts(self, name: str) -> list[str]:
        """Return the different texts of a column, in the order in which they come."""
        return list(dict.fromkeys(str(text) for text in self.columns[name])) if len(self) else []

    def has(self, name: str) -> bool:
        """Return whether there is such a column."""
        return name in self.columns
