"""Every number that came from somewhere: value, unit, source, locator, kind. A data file is one study."""

from fem.literature.datum import Datum, ParameterSet, Source
from fem.literature.read import available, data_file, load, load_sources

__all__ = ["Datum", "ParameterSet", "Source", "available", "data_file", "load", "load_sources"]
