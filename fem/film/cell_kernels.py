"""∫ ∇N·q over the film's cells, compiled: residual and matrix with the flow kept as an unknown of its own.

Notes
-----
At each quadrature point ∇p + a(|q|, h) q = 0 with a = 12 μ(γ̇)/h³. Newton works on p and q together and eliminates q
point by point: q* = q − A⁻¹(∇p + a q) with A = ∂(a q)/∂q = a (I − κ q̂q̂ᵀ). What drives the flow, an opening gap, fixes
q whatever the viscosity, so that q is right after one solve and thinning by a factor of a thousand costs no overshoot.
"""

from typing import NamedTuple

import numba
import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.film.constants import REPRESENTATIVE, TIME
from fem.film.point_kernels import viscosity


class Grid(NamedTuple):
    """The film mesh of one joint, see `fem.film.mesh.FilmMesh`."""

    quads: IntArray
    shape: FloatArray
    gradient: FloatArray
    frame: FloatArray
    weight: FloatArray
    area: FloatArray
    number: IntArray


class Flow(NamedTuple):
    """What the quadrature points hold (e, q, ·): flow q; q*; A⁻¹ (xx, xy, yy); ∂(a q)/∂h.

    And the cells (e, 4, 4): transport of void, and the part of it that makes it upwind.
    """

    flow: FloatArray
    predicted: FloatArray
    mobility: FloatArray
    bend: FloatArray
    transport: FloatArray
    spread: FloatArray


@numba.njit(cache=True)
def flow_arrays(cells, points):  # type: ignore[no-untyped-def]
    """Return the arrays of a film at rest."""
    return Flow(
        np.zeros((cells, points, 2)),
        np.zeros((cells, points, 2)),
        np.zeros((cells, points, 3)),
        np.zeros((cells, points, 2)),
        np.zeros((cells, 4, 4)),
        np.zeros((cells, 4, 4)),
    )


@numba.njit(cache=True, error_model="numpy")
def linearise_flow(grid, c, pressure, rounding, h, sliding, flow):  # type: ignore[no-untyped-def]
    """Fill q*, A⁻¹ and ∂(a q)/∂h for pressures (n,) above the rim's, which are known to `rounding` [MPa].

    Returns the largest |q* − q| beyond what rounding makes, the largest |q*|, and what rounding makes of the flow into
    a node [mm³/s]: in a thick thin fluid pressures differ in their last digits only.
    """
    off, largest, noise = 0.0, 0.0, 0.0
    for e in range(grid.quads.shape[0]):
        for k in range(grid.shape.shape[1]):
            here, gx, gy, steep = 0.0, 0.0, 0.0, 0.0
            for a in range(4):
                i = grid.quads[e, a]
                here += grid.shape[e, k, a] * h[i]
                gx += grid.gradient[e, k, a, 0] * pressure[i]
                gy += grid.gradient[e, k, a, 1] * pressure[i]
                steep += abs(grid.gradient[e, k, a, 0]) + abs(grid.gradient[e, k, a, 1])
            ux, uy = _along(grid, sliding, e, k)
            x, y = flow.flow[e, k, 0], flow.flow[e, k, 1]
            square = x * x + y * y
            slide = (ux * ux + uy * uy) / here**2
            wall = (6.0 * c[REPRESENTATIVE] / here**2) ** 2 * square
            rate = slide + wall
            mu, bend = viscosity(np.sqrt(rate), c)
            cube = 12.0 / here**3
            a0 = cube * mu
            along = cube * bend * wall / rate if rate > 0.0 else 0.0
            by_h = -(3.0 * a0 + (cube * bend * (slide + 2.0 * wall) / rate if rate > 0.0 else 0.0)) / here
            kappa = along / (a0 + along) / square if square > 0.0 else 0.0
            xx, xy, yy = (1.0 - kappa * x * x) / a0, -kappa * x * y / a0, (1.0 - kappa * y * y) / a0
            rx, ry = gx + a0 * x, gy + a0 * y
            dx, dy = -(xx * rx + xy * ry), -(xy * rx + yy * ry)
            flow.predicted[e, k, 0] = x + dx
            flow.predicted[e, k, 1] = y + dy
            flow.mobility[e, k, 0], flow.mobility[e, k, 1], flow.mobility[e, k, 2] = xx, xy, yy
            flow.bend[e, k, 0], flow.bend[e, k, 1] = by_h * x, by_h * y
            blur = rounding * steep * (xx + yy)
            noise = max(noise, blur * steep * grid.weight[e, k])
            off = max(off, np.sqrt(dx * dx + dy * dy) - blur)
            largest = max(largest, (x + dx) ** 2 + (y + dy) ** 2)
    return off, np.sqrt(largest), noise


@numba.njit(cache=True, inline="always")
def _along(grid, sliding, e, k):  # type: ignore[no-untyped-def]
    """Return the sliding velocity at a quadrature point in the axes of the surface; sliding (0, 3) means none."""
    ux, uy = 0.0, 0.0
    if sliding.shape[0] == 0:
        return ux, uy
    for a in range(4):
        i, N = grid.quads[e, a], grid.shape[e, k, a]
        for d in range(3):
            ux += N * sliding[i, d] * grid.frame[e, k, 0, d]
            uy += N * sliding[i, d] * grid.frame[e, k, 1, d]
    return ux, uy


@numba.njit(cache=True)
def cell_residual(grid, h, sliding, flow, void, torn, out):  # type: ignore[no-untyped-def]
    """Subtract ∫ ∇N·(q* + h u/2) − (transport of void) from out (n,): the net flow into each node."""
    for e in range(grid.quads.shape[0]):
        for k in range(grid.shape.shape[1]):
            fx, fy = flow.predicted[e, k, 0], flow.predicted[e, k, 1]
            ux, uy = _along(grid, sliding, e, k)
            if ux != 0.0 or uy != 0.0:
                here = 0.0
                for a in range(4):
                    here += grid.shape[e, k, a] * h[grid.quads[e, a]]
                fx += 0.5 * here * ux
                fy += 0.5 * here * uy
            w = grid.weight[e, k]
            for a in range(4):
                out[grid.quads[e, a]] -= w * (grid.gradient[e, k, a, 0] * fx + grid.gradient[e, k, a, 1] * fy)
        if sliding.shape[0]:
            for a in range(4):
                i = grid.quads[e, a]
                for b in range(4):
                    j = grid.quads[e, b]
                    out[i] += flow.transport[e, a, b] * void[j]
                    if torn[i] or torn[j]:
                        out[i] -= flow.spread[e, a, b] * (h[j] - h[i])


@numba.njit(cache=True)
def fill_transport(grid, sliding, flow):  # type: ignore[no-untyped-def]
    """Fill the transport of void with the mean velocity u/2, made upwind so that nothing turns negative.

    Notes
    -----
    C_ab = ∫ ∇N_a·(u/2) N_b plus the least symmetric diffusion without row sums that leaves no negative C_ab, a ≠ b
    (Kuzmin and Turek 2002, J. Comput. Phys. 175:525). Where there is no void it does nothing; next to
    void it acts on the whole content h − v, so that an empty place stays empty.
    """
    for e in range(grid.quads.shape[0]):
        C = flow.transport[e]
        for a in range(4):
            for b in range(4):
                C[a, b] = 0.0
        for k in range(grid.shape.shape[1]):
            ux, uy = _along(grid, sliding, e, k)
            w = 0.5 * grid.weight[e, k]
            for a in range(4):
                along = w * (grid.gradient[e, k, a, 0] * ux + grid.gradient[e, k, a, 1] * uy)
                for b in range(4):
                    C[a, b] += along * grid.shape[e, k, b]
        for a in range(4):
            for b in range(a):
                extra = max(0.0, max(-C[a, b], -C[b, a]))
                flow.spread[e, a, b] = extra
                flow.spread[e, b, a] = extra
                C[a, b] += extra
                C[b, a] += extra
                C[a, a] -= extra
                C[b, b] -= extra


@numba.njit(cache=True)
def cell_matrix(grid, sliding, flow, torn, e, pressure, by_thickness, out):  # type: ignore[no-untyped-def]
    """Fill out (4, 4) with the derivative of cell e's residual: ∂p_b times `pressure`, ∂h_b times by_thickness (n,)."""
    for a in range(4):
        for b in range(4):
            out[a, b] = 0.0
    for k in range(grid.shape.shape[1]):
        xx, xy, yy = flow.mobility[e, k, 0], flow.mobility[e, k, 1], flow.mobility[e, k, 2]
        bx, by = flow.bend[e, k, 0], flow.bend[e, k, 1]
        w = grid.weight[e, k]
        ux, uy = _along(grid, sliding, e, k)
        for b in range(4):
            j = grid.quads[e, b]
            d = grid.shape[e, k, b] * by_thickness[j]
            gx = grid.gradient[e, k, b, 0] * pressure + bx * d
            gy = grid.gradient[e, k, b, 1] * pressure + by * d
            fx, fy = w * (xx * gx + xy * gy - 0.5 * ux * d), w * (xy * gx + yy * gy - 0.5 * uy * d)
            for a in range(4):
                out[a, b] += grid.gradient[e, k, a, 0] * fx + grid.gradient[e, k, a, 1] * fy
    if sliding.shape[0]:
        for b in range(4):
            j = grid.quads[e, b]
            for a in range(4):
                if torn[j] or torn[grid.quads[e, a]]:
                    out[a, b] -= flow.spread[e, a, b] * by_thickness[j]
                    out[b, b] += flow.spread[e, a, b] * by_thickness[j]


@numba.njit(cache=True, error_model="numpy")
def renew_flow(grid, c, pressure, step, h, softness, sliding, flow):  # type: ignore[no-untyped-def]
    """Set q to what is predicted after pressures (n,) changed by `step`, thicknesses by `softness` times that.

    Returns the largest change as a share of the largest flow. A thinning fluid resists like |q|^N with N < 1, whose
    tangent overshoots zero: a flow that is to fall by more than half is taken from the predicted gradient instead.
    """
    change, most = 0.0, 0.0
    for e in range(grid.quads.shape[0]):
        for k in range(grid.shape.shape[1]):
            gx, gy, here, d, rx, ry = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            for a in range(4):
                i = grid.quads[e, a]
                gx += grid.gradient[e, k, a, 0] * step[i]
                gy += grid.gradient[e, k, a, 1] * step[i]
                rx += grid.gradient[e, k, a, 0] * pressure[i]
                ry += grid.gradient[e, k, a, 1] * pressure[i]
                d += grid.shape[e, k, a] * softness[i] * step[i]
                here += grid.shape[e, k, a] * h[i]
            rx, ry = rx + gx, ry + gy
            gx += flow.bend[e, k, 0] * d
            gy += flow.bend[e, k, 1] * d
            xx, xy, yy = flow.mobility[e, k, 0], flow.mobility[e, k, 1], flow.mobility[e, k, 2]
            x, y = flow.flow[e, k, 0], flow.flow[e, k, 1]
            nx = flow.predicted[e, k, 0] - (xx * gx + xy * gy)
            ny = flow.predicted[e, k, 1] - (xy * gx + yy * gy)
            if c[TIME] > 0.0 and nx * x + ny * y < 0.5 * (x * x + y * y):
                ux, uy = _along(grid, sliding, e, k)
                scale = _flow_under(np.sqrt(rx * rx + ry * ry), here, (ux * ux + uy * uy) / here**2, c)
                nx, ny = -scale * rx, -scale * ry
            flow.flow[e, k, 0], flow.flow[e, k, 1] = nx, ny
            change = max(change, (nx - x) ** 2 + (ny - y) ** 2)
            most = max(most, nx * nx + ny * ny)
    return np.sqrt(change / most) if most > 0.0 else 0.0


@numba.njit(cache=True, error_model="numpy")
def _flow_under(gradient, h, slide, c):  # type: ignore[no-untyped-def]
    """Return |q|/|∇p|: the root of a(|q|) |q| = |∇p|, by Newton on logarithms (slopes between N and 1)."""
    cube = 12.0 / h**3
    if gradient == 0.0:
        return 1.0 / (cube * viscosity(np.sqrt(slide), c)[0])
    flow = gradient / (cube * viscosity(np.sqrt(slide), c)[0])
    for _ in range(20):
        wall = (6.0 * c[REPRESENTATIVE] / h**2) ** 2 * flow * flow
        mu, bend = viscosity(np.sqrt(slide + wall), c)
        miss = np.log(gradient / (cube * mu * flow))
        slope = 1.0 + bend / mu * wall / (slide + wall)
        flow *= np.exp(min(max(miss / slope, -5.0), 5.0))
        if abs(miss) < 1e-6:
            break
    return flow / gradient
