"""What every table of a recipe carries: where its numbers come from, and how sure they are."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from fem.document import StrictModel
from fem.quantities import Length, Quantity

#: measured: on the subject or in the study named · derived: computed from measured numbers · assumed: our choice
#: recalled: from memory of a study, not read · fitted, calibrated: adjusted to a measurement named in the note
Kind = Literal["measured", "derived", "fitted", "calibrated", "assumed", "recalled"]

# Rows are looked up by names that are plain texts elsewhere; only reading a document checks them.
if TYPE_CHECKING:
    Level = str
    LumbarVertebra = str
    AnyVertebra = str
else:
    Level = Literal["L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1"]
    LumbarVertebra = Literal["L1", "L2", "L3", "L4", "L5"]
    AnyVertebra = Literal["L1", "L2", "L3", "L4", "L5", "S1"]

#: A length that may be zero.
Distance = Annotated[float, Quantity("length", low=0.0)]

#: x, y, z in the frame of a bone; paired parts are given on the left, y > 0.
Point = tuple[Length, Length, Length]

#: How many strands a bundle has.
Count = Annotated[int, Field(ge=1, le=60)]


class Origin(StrictModel):
    """Where numbers come from; `source` is a key of the recipe's ``sources``, or ``ours`` for a choice."""

    source: str
    locator: str
    kind: Kind
    note: str | None = None


class Row(StrictModel):
    """One row of a table; it may name an origin of its own where it differs from the table's."""

    origin: Origin | None = None
