"""Compiled: dry pressure at film points, and the stiffness that films of given derivatives give to their joints."""

import numba
import numpy as np

from fem.film.point_kernels import total_pressure


@numba.njit(cache=True)
def dry_pressures(constants, gap, pressure, slope):  # type: ignore[no-untyped-def]
    """Fill what surfaces in a film without pressure carry (k, n) [MPa], and its derivative by the gap [MPa/mm]."""
    for k in range(gap.shape[0]):
        for i in range(gap.shape[1]):
            pressure[k, i], _, slope[k, i] = total_pressure(0.0, gap[k, i], constants[k])


@numba.njit(cache=True, nogil=True)
def joint_stiffness(coupling, normal, shape, own, even, odd):  # type: ignore[no-untyped-def]
    """Fill the symmetric part (k, L, L) of the joints' stiffness and, unless it is empty, the antisymmetric one.

    Parameters
    ----------
    coupling : (k, n, n) D_ij, force on point i along its gap for a change of the gap of point j.
    normal, shape : (k, n, 3), (k, n, 9): the gap's gradient is the normal, and the normal times −N_c at control c.
    own : (k, n, 30, 30) what each point gives by itself, over its own and the control coordinates.

    Notes
    -----
    K = Σ_ij D_ij ∇g_i ⊗ ∇g_j + own. The two sums over a control point are made one after the other.
    """
    joints, n = coupling.shape[0], coupling.shape[1]
    for k in range(joints):
        whole = even[k]
        whole[:, :] = 0.0
        pushed, pulled = np.zeros((n, 27)), np.zeros((n, 27))
        for i in range(n):
            for j in range(n):
                d = coupling[k, i, j]
                if d == 0.0:
                    continue
                for b in range(3):
                    along = d * normal[k, j, b]
                    for a in range(3):
                        whole[3 * i + a, 3 * j + b] = normal[k, i, a] * along
                    for c in range(9):
                        pushed[i, 3 * c + b] -= shape[k, j, c] * along
                    back = d * normal[k, i, b]
                    for c in range(9):
                        pulled[j, 3 * c + b] -= shape[k, i, c] * back
        for i in range(n):
            for a in range(3):
                for c in range(27):
                    whole[3 * i + a, 3 * n + c] = normal[k, i, a] * pushed[i, c]
                    whole[3 * n + c, 3 * i + a] = pulled[i, c] * normal[k, i, a]
            for p in range(9):
                for a in range(3):
                    back = shape[k, i, p] * normal[k, i, a]
                    for c in range(27):
                        whole[3 * n + 3 * p + a, 3 * n + c] -= back * pushed[i, c]
            _add_own(own[k, i], i, n, whole)
        for r in range(whole.shape[0]):
            for c in range(r):
                if odd.shape[0] > 0:
                    odd[k, r, c] = 0.5 * (whole[r, c] - whole[c, r])
                    odd[k, c, r] = -odd[k, r, c]
                mean = 0.5 * (whole[r, c] + whole[c, r])
                whole[r, c] = mean
                whole[c, r] = mean


@numba.njit(cache=True)
def _add_own(block, i, n, whole):  # type: ignore[no-untyped-def]
    for r in range(30):
        row = 3 * i + r if r < 3 else 3 * n + r - 3
        for c in range(30):
            column = 3 * i + c if c < 3 else 3 * n + c - 3
            whole[row, column] += block[r, c]
