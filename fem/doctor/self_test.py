"""A few small problems whose answers are known in closed form, through the parts that every run goes through."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np


@dataclass(frozen=True, slots=True)
class Answer:
    """What came out, what is known, and how far apart they may be (relative where `known` is not 0)."""

    got: float
    known: float
    tolerance: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check that was made: its answer, or why there is none."""

    name: str
    answer: Answer | None
    error: str
    seconds: float

    @property
    def deviation(self) -> float | None:
        """Distance of the answer from the known one, relative where that is not 0; None without an answer."""
        if self.answer is None:
            return None
        scale = abs(self.answer.known) or 1.0
        return abs(self.answer.got - self.answer.known) / scale

    @property
    def passed(self) -> bool:
        """Whether there is an answer within its tolerance."""
        return self.answer is not None and bool(self.deviation <= self.answer.tolerance)  # type: ignore[operator]


def sparse_solve() -> Answer:
    """A chain of 402 equal springs under equal forces, factorised as a run does it: i (n + 1 - i) / 2 in the middle."""
    import rslab
    import scipy.sparse

    count = 401
    stencil = [np.full(count - 1, -1.0), np.full(count, 2.0), np.full(count - 1, -1.0)]
    chain = scipy.sparse.diags_array(stencil, offsets=[-1, 0, 1]).tocsc()
    moved = rslab.analyze(chain, path="ldlt", ordering="metis").factor(chain).solve(np.ones(count))
    middle = (count + 1) // 2
    return Answer(float(moved[middle - 1]), 0.5 * middle * (count + 1 - middle), 1e-10)


def rubber_cube() -> Answer:
    """A compressible neo-Hookean cube, stretched by half: stress from the closed form with free sides."""
    young, poisson, stretch = 1.0, 0.3, 1.5
    mu, lam = young / (2.0 * (1.0 + poisson)), young * poisson / ((1.0 + poisson) * (1.0 - 2.0 * poisson))
    across = _root(lambda t: mu * (t**2 - 1.0) + lam * np.log(stretch * t**2), 0.5, 1.0)
    known = mu * (stretch - 1.0 / stretch) + lam * np.log(stretch * across**2) / stretch
    material = {"law": "compressible_neo_hookean", "youngs_modulus": "1 MPa", "poisson_ratio": poisson}
    got = _solved({"kind": "block", "material": material, "stretch": stretch, "elements": 2})
    return Answer(got["block.pk1_stress_MPa"], float(known), 1e-6, "MPa")


def taut_cable() -> Answer:
    """A taut cable pulled across at its middle: deflection from the balance across, large motion included."""
    half, stiffness, tension, load = 20.0, 1000.0, 5.0, 2.0

    def unbalanced(moved: float) -> float:
        length = np.hypot(half, moved)
        return float(2.0 * (tension + stiffness * (length / half - 1.0)) * moved / length - load)

    got = _solved(
        {
            "kind": "cable",
            "half_span": "20 mm",
            "axial_stiffness": "1000 N",
            "pretension": "5 N",
            "load": "2 N",
        }
    )
    return Answer(got["cable.deflection_mm"], _root(unbalanced, 0.0, half), 1e-6, "mm")


def tangent() -> Answer:
    """Tangent of a stretched cube against differences of its forces: as far apart as rounding allows."""
    from fem.case.schema import Case
    from fem.case.timeline import phase_spans
    from fem.case.verification import pose_verification
    from fem.solver.linear import LinearSolver
    from fem.solver.march import march
    from fem.system.check import check_derivatives

    material = {"law": "mooney_rivlin", "C10": "0.2 MPa", "C01": "0.05 MPa", "bulk_modulus": "50 MPa"}
    case = Case.model_validate(_case({"kind": "block", "material": material, "stretch": 1.2}))
    posed = pose_verification(case).posed
    *_, last = march(posed.system, LinearSolver(posed.system.pattern), posed.start, phase_spans(case))
    return Answer(check_derivatives(posed.system, last.state).tangent_error, 0.0, 1e-6)


def squeeze_film() -> Answer:
    """A disc pulled off a fluid film: suction 3πηR⁴ḣ/2h³ (Stefan 1874), on a mesh of 12 rings."""
    from fem.elements.surface_block import unit_disc_mesh
    from fem.film.laws import Cavitation, FilmLaws, OpenRim, newtonian
    from fem.film.mesh import film_mesh
    from fem.film.placement import Placement
    from fem.film.state import film, initial_state
    from fem.film.step import film_step

    radius, viscosity, gap, speed, instant = 5.0, 0.1e-6, 0.1, 10.0, 1e-8
    asperity = 1e-3  # a film at gap 0 is this thick
    flat = unit_disc_mesh(12, 64)
    points = radius * np.column_stack([flat.p.T, np.zeros(flat.p.shape[1])])
    never = Cavitation(0.101325, -1e3, -1e3)
    films = film(film_mesh(flat, points[None]), FilmLaws(newtonian(viscosity), never, OpenRim()))
    before = initial_state(films, np.asarray(gap - speed * instant - asperity))
    apart = Placement(np.full((films.joints, films.mesh.nodes), gap - asperity))
    pressure = film_step(films, before, apart, instant).load.pressure
    suction = -float(np.sum(films.mesh.area * pressure))
    return Answer(suction, 1.5 * np.pi * viscosity * radius**4 * speed / gap**3, 1e-2, "N")


#: Name -> what makes the check.
CHECKS: Final[Mapping[str, Callable[[], Answer]]] = {
    "sparse solve": sparse_solve,
    "rubber cube": rubber_cube,
    "taut cable": taut_cable,
    "tangent": tangent,
    "squeeze film": squeeze_film,
}


def outcomes(checks: Mapping[str, Callable[[], Answer]] = CHECKS) -> Iterator[Outcome]:
    """Yield what each check came to; one that raises has failed, and the others are made all the same."""
    for name, check in checks.items():
        began = time.perf_counter()
        try:
            answer, error = check(), ""
        except Exception as raised:  # whatever is broken here is what the doctor is asked about
            answer, error = None, f"{type(raised).__name__}: {raised}".splitlines()[0]
        yield Outcome(name, answer, error, time.perf_counter() - began)


def _case(problem: Mapping[str, Any]) -> dict[str, Any]:
    return {"version": 1, "title": "self-test", "problem": problem}


def _solved(problem: Mapping[str, Any]) -> Mapping[str, float]:
    from fem.case.schema import Case
    from fem.case.verification import solve_verification

    reported = solve_verification(Case.model_validate(_case(problem))).reported
    return {f"{kind}.{name}": value for kind, values in reported.items() for name, value in values.items()}


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return the root of a monotonic function between two bounds, by halving."""
    rising = function(high) > 0.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if (function(middle) > 0.0) == rising else (middle, high)
    return 0.5 * (low + high)
