"""A system and a solver that measure themselves, so that the core holds no clocks."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from fem.arrays import FloatArray, IntArray
from fem.elements.layout import State
from fem.solver.linear import Factor, LinearSolver
from fem.system.system import Evaluation, System
from fem.terms.term import CondensedTerm, Configuration, Contribution, Switch, SwitchingTerm, Term


@dataclass
class Meter:
    """Wall-clock seconds and number of calls per part of the work."""

    seconds: dict[str, float] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _working: int = 0
    _since: float = 0.0

    @contextmanager
    def measure(self, part: str) -> Iterator[None]:
        """Add the time that the block takes to `part`."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            with self._lock:
                self._add(part, time.perf_counter() - begin)

    @contextmanager
    def measure_term(self, name: str) -> Iterator[None]:
        """Add the time to ``term <name>``, and to ``terms`` the time in which any term works, however many do."""
        with self._lock:
            self._since = time.perf_counter() if self._working == 0 else self._since
            self._working += 1
        try:
            with self.measure(f"term {name}"):
                yield
        finally:
            with self._lock:
                self._working -= 1
                if self._working == 0:
                    self._add("terms", time.perf_counter() - self._since)

    def _add(self, part: str, seconds: float) -> None:
        self.seconds[part] = self.seconds.get(part, 0.0) + seconds
        self.calls[part] = self.calls.get(part, 0) + 1


@dataclass(frozen=True, slots=True)
class MeteredTerm:
    """A term whose evaluations are measured."""

    term: Term
    meter: Meter

    @property
    def name(self) -> str:
        """Name of the term itself."""
        return self.term.name

    @property
    def points(self) -> IntArray:
        """Material points (e, k) of the term itself."""
        return self.term.points

    @property
    def bodies(self) -> IntArray:
        """Bodies (e, m) of the term itself."""
        return self.term.bodies

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Evaluate the term, measured under ``term <name>``."""
        with self.meter.measure_term(self.name):
            return self.term.evaluate(configuration, tangent)


@dataclass(frozen=True, slots=True)
class MeteredCondensedTerm(MeteredTerm):
    """The same for a term that renews unknowns of its own."""

    def renew(self, configuration: Configuration, step: FloatArray) -> Mapping[str, FloatArray]:
        """Renew the term's unknowns, measured under its name too."""
        assert isinstance(self.term, CondensedTerm)
        with self.meter.measure_term(self.name):
            return self.term.renew(configuration, step)


@dataclass(frozen=True, slots=True)
class MeteredSwitchingTerm(MeteredTerm):
    """The same for a term whose law changes at moments that the motion tells."""

    def switch(
        self, before: Mapping[str, FloatArray], memory: Mapping[str, FloatArray], elapsed: float
    ) -> Switch | None:
        """Ask for the term's change of law, measured under its name too."""
        assert isinstance(self.term, SwitchingTerm)
        with self.meter.measure_term(self.name):
            return self.term.switch(before, memory, elapsed)


def metered_term(term: Term, meter: Meter) -> Term:
    """Return `term` so that it measures itself."""
    if isinstance(term, SwitchingTerm):
        return MeteredSwitchingTerm(term, meter)
    kind = MeteredCondensedTerm if isinstance(term, CondensedTerm) else MeteredTerm
    return kind(term, meter)


@dataclass(frozen=True, slots=True)
class MeteredSystem(System):
    """A system whose evaluations are measured, as a whole and term by term."""

    meter: Meter

    def evaluate(self, state: State, tangent: bool) -> Evaluation:
        """Evaluate the system, measured under ``evaluate``; what its terms do not take is reduction and scatter."""
        with self.meter.measure("evaluate"):
            return System.evaluate(self, state, tangent)

    def advance(
        self,
        state: State,
        evaluation: Evaluation,
        direction: FloatArray,
        multipliers: FloatArray,
        length: float,
    ) -> State:
        """Advance the state, measured under ``advance``: the terms renew their unknowns, bodies and nodes move."""
        with self.meter.measure("advance"):
            return System.advance(self, state, evaluation, direction, multipliers, length)


def metered_system(system: System, meter: Meter) -> MeteredSystem:
    """Return `system` so that it measures itself."""
    terms = tuple(metered_term(term, meter) for term in system.terms)
    return MeteredSystem(system.layout, terms, system.motions, system.reductions, system.pattern, meter)


@dataclass
class MeteredSolver(LinearSolver):
    """A linear solver whose factorisations (analysis included) and solves are measured."""

    meter: Meter = field(default_factory=Meter)

    def factorise(self, values: FloatArray, held: IntArray) -> Factor:
        """Factorise, measured under ``analyse and factorise`` the first time, then under ``factorise``."""
        with self.meter.measure("factorise" if self._symbolic else "analyse and factorise"):
            factor = super().factorise(values, held)
        return MeteredFactor(
            factor.solver, factor.full, factor.reduced, factor.fast, factor.held, meter=self.meter
        )


@dataclass
class MeteredFactor(Factor):
    """A factor whose solves are measured."""

    meter: Meter = field(default_factory=Meter)

    def solve(self, right: FloatArray, imposed: FloatArray | None = None) -> FloatArray:
        """Solve, measured under ``solve``."""
        with self.meter.measure("solve"):
            return super().solve(right, imposed)
