"""Which part of the model a failed solve points at: the term, its element, where that is, in words."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray
from fem.elements.layout import Layout
from fem.errors import ElementInvertedError, FacetgapError, NonFiniteError
from fem.system.reduction import reduce_force
from fem.system.system import Evaluation, System
from fem.terms.term import PlacedTerm, Term


@dataclass(frozen=True, slots=True)
class Suspect:
    """A part of the model.

    Attributes
    ----------
    term, kind : name of the term and of its type.
    element : number of the element, None where it is not known.
    label : where the element is in the anatomy (level, side, strand), empty where the term does not say.
    place : (3,) [mm] of it in the neutral posture, None where it is not known.
    """

    term: str
    kind: str
    element: int | None = None
    label: str = ""
    place: FloatArray | None = None

    def words(self) -> str:
        """Return what and where it is."""
        out = self.term if not self.label else f"{self.term}: {self.label}"
        if self.element is not None and not self.label:
            out += f", element {self.element}"
        return out if self.place is None else f"{out}, {place_words(self.place)}"


def place_words(place: FloatArray) -> str:
    """Return coordinates (3,) [mm] in words."""
    x, y, z = (round(float(value), 1) + 0.0 for value in place)
    return f"at ({x:.1f}, {y:.1f}, {z:.1f}) mm in the neutral posture"


def hardest_pull(system: System, evaluation: Evaluation, unknown: int) -> Suspect | None:
    """Return the element with the largest force on an unknown; None where nothing acts on it."""
    best, found = 0.0, None
    here = evaluation.configuration
    for term in system.terms:
        part, reduction = evaluation.contributions[term.name], system.reductions[term.name]
        forces = [
            (reduction.direct, reduction.direct_dofs, part.force[reduction.direct]),
            (
                reduction.rest,
                reduction.dofs,
                reduce_force(reduction, here.positions, here.origins, part.force),
            ),
        ]
        for elements, dofs, force in forces:
            if not len(elements) or not force.size:
                continue
            size = np.where(dofs == unknown, np.abs(force), 0.0).max(axis=1)
            if size.max() > best:
                best, found = float(size.max()), (term, int(elements[int(size.argmax())]))
    return None if found is None else suspect_of(system.layout, *found)


def blamed(system: System, error: FacetgapError) -> Suspect | None:
    """Return the element that an error of an evaluation names; None where it names none."""
    if isinstance(error, ElementInvertedError):
        term = next((term for term in system.terms if term.name == error.term), None)
        return None if term is None else suspect_of(system.layout, term, *error.cells[:1])
    if not isinstance(error, NonFiniteError):
        return None
    for term in sorted(system.terms, key=lambda term: -len(term.name)):
        labels = term.labels if isinstance(term, PlacedTerm) else ()
        named = [number for number, label in enumerate(labels) if label and label in error.what]
        if term.name in error.what:
            return suspect_of(system.layout, term, *(named or error.index)[:1])
    return None


def suspect_of(layout: Layout, term: Term, element: int | None = None) -> Suspect:
    """Return an element of a term, or the term as a whole, as a suspect."""
    kind = type(term).__name__
    if element is None or element >= max(len(term.points), len(term.bodies)):
        return Suspect(term.name, kind)
    labels = term.labels if isinstance(term, PlacedTerm) else ()
    label = labels[element] if labels else ""
    points = np.asarray(term.points)[element]
    if len(points):
        return Suspect(term.name, kind, element, label, layout.reference[points].mean(axis=0))
    origins = layout.body_origin[np.asarray(term.bodies)[element]]
    return Suspect(term.name, kind, element, label, origins.mean(axis=0))
