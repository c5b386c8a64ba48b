"""The system: residual, tangent, energy and constraints as sums over terms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

import numpy as np
import scipy.sparse

from fem.arrays import FloatArray, IntArray, require_finite
from fem.elements.layout import Layout, State, positions
from fem.elements.retraction import linear_steps, retract
from fem.system.motion import Motion
from fem.system.pattern import Pattern, find_pattern
from fem.system.reduction import Reduction, reduce_force, reduce_stiffness, reduction_of
from fem.terms.term import CondensedTerm, Configuration, Contribution, Switch, SwitchingTerm, Term
from fem.threads import side_by_side

#: Asymmetric entries smaller than this share of the largest element entry are rounding left by neighbours.
_CANCELLED = 1e-13


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The system at one state.

    Attributes
    ----------
    residual : (d,) sum of internal minus external forces.
    forces : term name -> (d,) its own share of the residual.
    energy : stored energy plus the potential of conservative loads [N mm].
    values : (z,) lower triangle of the symmetric tangent on the system's pattern, or None.
    asymmetric : unknowns (s,) and (s, s) block that non-conservative loads add to the tangent.
    constraints : (m,) values and (m, d) gradients of the conditions that have multipliers.
    predicted : (d,) residual of the linearisation to which the tangent belongs (the residual itself for most terms).
    """

    residual: FloatArray
    forces: Mapping[str, FloatArray]
    energy: float
    values: FloatArray | None
    asymmetric: tuple[IntArray, FloatArray]
    constraints: tuple[FloatArray, FloatArray]
    predicted: FloatArray
    contributions: Mapping[str, Contribution] = field(repr=False)
    configuration: Configuration = field(repr=False)


@dataclass(frozen=True, slots=True)
class System:
    """Terms over one layout of unknowns, with prescribed motions."""

    layout: Layout
    terms: tuple[Term, ...]
    motions: tuple[Motion, ...]
    reductions: Mapping[str, Reduction]
    pattern: Pattern

    def configuration(self, state: State) -> Configuration:
        """Return what the terms see of `state`."""
        return Configuration(
            positions(self.layout, state),
            state.origins,
            state.rotations,
            state.time,
            state.internal,
            state.history,
            state.elapsed,
        )

    def evaluate(self, state: State, tangent: bool) -> Evaluation:
        """Return residual, energy and, if asked for, the tangent.

        Raises
        ------
        ElementInvertedError, NonFiniteError
            Where a cell has turned inside out, or a term gives a number that is not finite.
        """
        configuration = self.configuration(state)
        parts = side_by_side(lambda term: term.evaluate(configuration, tangent), self.terms)
        contributions = {term.name: part for term, part in zip(self.terms, parts, strict=True)}
        forces = {name: self._force(name, part, configuration) for name, part in contributions.items()}
        residual = np.zeros(self.layout.dof_count)
        for force in forces.values():
            residual += force
        predicted = residual.copy()
        for name, part in contributions.items():
            if part.predicted is not None:
                linear = Contribution(0.0, part.predicted)
                predicted += self._force(name, linear, configuration) - forces[name]
        values = self._tangent(contributions, configuration) if tangent else None
        return Evaluation(
            residual,
            forces,
            float(sum(part.energy for part in contributions.values())),
            values,
            self._asymmetric(contributions, configuration),
            self._constraints(contributions, configuration),
            predicted,
            contributions,
            configuration,
        )

    def advance(
        self,
        state: State,
        evaluation: Evaluation,
        direction: FloatArray,
        multipliers: FloatArray,
        length: float,
    ) -> State:
        """Return the state a step of `length` along `direction` (d,) away, internal unknowns renewed."""
        step = linear_steps(
            self.layout, evaluation.configuration.positions, state.origins, length * direction
        )
        internal = dict(state.internal)
        condensed = [term for term in self.terms if isinstance(term, CondensedTerm)]
        for renewed in side_by_side(lambda term: term.renew(evaluation.configuration, step), condensed):
            internal.update(renewed)
        used = 0
        for term in self.terms:
            part = evaluation.contributions[term.name]
            if part.constraint is not None:
                count = len(part.constraint.value)
                old = internal.get(term.name, np.zeros(count))
                internal[term.name] = old + length * multipliers[used : used + count]
                used += count
        return retract(self.layout, state, length * direction, internal)

    def history(self, evaluation: Evaluation) -> Mapping[str, FloatArray]:
        """Return what the terms remember once the step has converged."""
        kept: dict[str, FloatArray] = {}
        for part in evaluation.contributions.values():
            kept.update(part.history or {})
        return kept

    @property
    def switches(self) -> bool:
        """Whether a term may change its law on the way."""
        return any(isinstance(term, SwitchingTerm) for term in self.terms)

    def switch(self, evaluation: Evaluation) -> Switch:
        """Return how far the end of a converged step is beyond the first change of a term's law, −inf if none can come.

        The memory is that of all terms that are beyond theirs.
        """
        here, memory = evaluation.configuration, self.history(evaluation)
        found = [Switch(-inf)]
        for term in self.terms:
            if isinstance(term, SwitchingTerm) and here.elapsed > 0.0:  # a static phase has no moments
                switch = term.switch(here.history, memory, here.elapsed)
                found += [] if switch is None else [switch]
        changed = {name: value for switch in found for name, value in switch.memory.items()}
        minor = all(switch.minor for switch in found if switch.memory)
        return Switch(max(switch.excess for switch in found), changed, minor)

    def imposed(self, state: State) -> tuple[IntArray, FloatArray]:
        """Return prescribed unknowns (k,) and the increments (k,) that take `state` to their values at its time."""
        if not self.motions:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        parts = [motion.increments(self.layout, state) for motion in self.motions]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    @property
    def force_scale(self) -> FloatArray:
        """Factors (d,) that turn a residual into forces [N]: 1 for forces, 1/arm for the moments of bodies."""
        scale = np.ones(self.layout.dof_count)
        for body, start in enumerate(self.layout.body_start):
            if start >= 0:
                carried = self.layout.reference[self.layout.body == body]
                arms = np.linalg.norm(carried - self.layout.body_origin[body], axis=1)
                scale[start + 3 : start + 6] = 1.0 / max(float(arms.max(initial=0.0)), 1.0)
        return scale

    def describe_unknown(self, dof: int) -> str:
        """Return where an unknown sits, in words."""
        axis = "xyz"[dof % 3]
        nodes = 3 * self.layout.node_count
        if dof < nodes:
            point = self.layout.reference[np.flatnonzero(self.layout.node == dof // 3)[0]]
            return f"{axis} of the node at ({point[0]:.1f}, {point[1]:.1f}, {point[2]:.1f}) mm"
        for name, start in zip(self.layout.body_names, self.layout.body_start, strict=True):
            if 0 <= dof - start < 6 and start >= 0:
                return f"{'translation' if dof - start < 3 else 'rotation'} {axis} of {name}"
        return f"unknown {dof}"

    def _force(self, name: str, part: Contribution, at: Configuration) -> FloatArray:
        require_finite(part.force, f"force of {name}")
        reduction = self.reductions[name]
        out = np.zeros(self.layout.dof_count)
        direct = part.force[reduction.direct]
        if len(direct):
            out += np.bincount(reduction.direct_dofs.ravel(), direct.ravel(), len(out))
        if len(reduction.dofs):
            reduced = reduce_force(reduction, at.positions, at.origins, part.force)
            kept = reduction.dofs >= 0
            out += np.bincount(reduction.dofs[kept], reduced[kept], len(out))
        return out

    def _tangent(self, parts: Mapping[str, Contribution], at: Configuration) -> FloatArray:
        blocks = []
        for name, part in parts.items():
            if part.stiffness is None:
                raise ValueError(f"term {name} gave no stiffness although a tangent was asked for")
            force = part.force if part.predicted is None else part.predicted
            reduction = self.reductions[name]
            reduced = reduce_stiffness(reduction, at.positions, at.origins, force, part.stiffness)
            blocks += [part.stiffness, reduced]
        values = self.pattern.values(blocks)
        if not np.isfinite(values).all():
            for name, part in parts.items():
                require_finite(np.asarray(part.stiffness), f"stiffness of {name}")
        return require_finite(values, "tangent")

    def _asymmetric(
        self, parts: Mapping[str, Contribution], at: Configuration
    ) -> tuple[IntArray, FloatArray]:
        """Sum the asymmetric element matrices; keep only unknowns where neighbours do not cancel."""
        total = scipy.sparse.csr_matrix((self.layout.dof_count, self.layout.dof_count))
        largest = 0.0
        for name, part in parts.items():
            if part.asymmetric is None:
                continue
            require_finite(part.asymmetric, f"stiffness of {name}")
            reduction = self.reductions[name]
            direct = part.asymmetric[reduction.direct]
            reduced = reduce_stiffness(reduction, at.positions, at.origins, None, part.asymmetric)
            for dofs, block in ((reduction.direct_dofs, direct), (reduction.dofs, reduced)):
                total = total + _scatter(dofs, block, self.layout.dof_count)
            largest = max(largest, float(np.abs(part.asymmetric).max(initial=0.0)))
        left = abs(total) > _CANCELLED * largest
        dofs = np.unique(np.concatenate(left.nonzero())).astype(np.int64)
        return dofs, total[dofs][:, dofs].toarray()

    def _constraints(
        self, parts: Mapping[str, Contribution], at: Configuration
    ) -> tuple[FloatArray, FloatArray]:
        values, rows = [np.zeros(0)], [np.zeros((0, self.layout.dof_count))]
        for name, part in parts.items():
            if part.constraint is not None:
                values.append(part.constraint.value)
                rows.append(np.stack([self._row(name, g, at) for g in part.constraint.gradient]))
        return np.concatenate(values), np.concatenate(rows)

    def _row(self, name: str, gradient: FloatArray, at: Configuration) -> FloatArray:
        return self._force(name, Contribution(0.0, gradient[None, :]), at)


def build_system(layout: Layout, terms: tuple[Term, ...], motions: tuple[Motion, ...] = ()) -> System:
    """Return the system of `terms` over `layout`; finds the pattern once.

    Raises
    ------
    ValueError
        If two terms share a name.
    """
    names = [term.name for term in terms]
    if len(set(names)) != len(names):
        raise ValueError(f"term names must be unique, given {names}")
    reductions = {t.name: reduction_of(layout, np.asarray(t.points), np.asarray(t.bodies)) for t in terms}
    dofs = []
    for term in terms:
        width = 3 * term.points.shape[1] + 6 * term.bodies.shape[1]
        dofs += [reductions[term.name].direct_table(width), reductions[term.name].dofs]
    return System(layout, terms, motions, reductions, find_pattern(layout.dof_count, dofs))


def _scatter(dofs: IntArray, blocks: FloatArray, size: int) -> scipy.sparse.csr_matrix:
    """Return the sum (size, size) of element matrices (e, M, M) over `dofs` (e, M), -1 where nothing is written."""
    row, column = np.broadcast_arrays(dofs[:, :, None], dofs[:, None, :])
    kept = (row >= 0) & (column >= 0)
    return scipy.sparse.csr_matrix((blocks[kept], (row[kept], column[kept])), shape=(size, size))
