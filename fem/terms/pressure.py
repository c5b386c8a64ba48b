"""−p δV: a pressure that stays normal to the surface it acts on, however that deforms."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.elements.facet_block import FacetBlock, facet_cofactor
from fem.terms.curve import Curve
from fem.terms.term import Configuration, Contribution, no_bodies

#: Levi-Civita symbol.
_PERMUTATION = np.array(
    [
        [[0, 0, 0], [0, 0, 1], [0, -1, 0]],
        [[0, 0, -1], [0, 0, 0], [1, 0, 0]],
        [[0, 1, 0], [-1, 0, 0], [0, 0, 0]],
    ],
    dtype=np.float64,
)


@dataclass(frozen=True, slots=True)
class PressureTerm:
    """A pressure [MPa] pushing against the outward normal of facets, times `curve`.

    Parameters
    ----------
    name : unique name.
    block : loaded facets.
    pressure : [MPa], positive pushes into the solid.
    curve : factor in time.
    open_rim : whether the loaded surface has an edge that is free to move. On a closed surface, one whose edge is
        held, or one that ends on planes of symmetry, the load is conservative and this is False.

    Notes
    -----
    Force ``f_a = ∫ p N_a cof F N dA`` on the internal side (Nanson: ``n da = cof F N dA``), stiffness
    ``∫ p N_a ∂(cof F N)/∂F ∇N_b``. Its antisymmetric part between neighbours cancels; what is left is
    ``½ p ∮ (δu × du)·dx`` round the rim. It is handed over as the asymmetric part where `open_rim` says so. The
    energy −p V, ``V = ⅓ ∫ x·n da`` with the sign of the outward normal, is a potential only without an open rim.
    """

    name: str
    block: FacetBlock
    pressure: float
    curve: Curve
    open_rim: bool = False

    @property
    def points(self) -> IntArray:
        """Material points (s, a)."""
        return self.block.points

    @property
    def bodies(self) -> IntArray:
        """No bodies, (s, 0)."""
        return no_bodies(self.block.points)

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return energy, force (s, 3a), stiffness (s, 3a, 3a) and, with an open rim, its asymmetric part."""
        block, p = self.block, self.curve(configuration.time) * self.pressure
        x = configuration.positions[block.points]
        cofactor = facet_cofactor(block, configuration.positions)
        push = p * block.weight[..., None] * np.einsum("sqij,sqj->sqi", cofactor, block.normal)
        cells, nodes = block.points.shape
        force = np.einsum("sqa,sqi->sai", block.shape, push)
        energy = float(np.einsum("sai,sai->", force, x)) / 3.0
        flat = force.reshape(cells, 3 * nodes)
        if not tangent:
            return Contribution(energy, flat)
        matrix = self._slope(x, p).reshape(cells, 3 * nodes, 3 * nodes)
        mirrored = np.swapaxes(matrix, 1, 2)
        asymmetric = 0.5 * (matrix - mirrored) if self.open_rim else None
        return Contribution(energy, flat, 0.5 * (matrix + mirrored), asymmetric)

    def _slope(self, x: FloatArray, p: float) -> FloatArray:
        """Return ∂f_ai/∂x_bk (s, a, 3, b, 3) from ``∂cof_ij/∂F_kl = ε_ikm ε_jln F_mn``."""
        block = self.block
        F = np.einsum("sai,sqaj->sqij", x, block.gradient)
        # ε_jln N_j F_mn g_bl, contracted to (s, q, b, m); then ε_ikm brings the free indices in.
        turned = np.einsum("jln,sqj,sqmn->sqlm", _PERMUTATION, block.normal, F, optimize=True)
        along = np.einsum("sqbl,sqlm->sqbm", block.gradient, turned)
        weighted = p * block.weight[..., None] * block.shape
        slope = np.einsum("ikm,sqa,sqbm->saibk", _PERMUTATION, weighted, along, optimize=True)
        return np.asarray(slope)
