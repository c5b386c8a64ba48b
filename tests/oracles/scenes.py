"""One small active scene for every term: bodies, free nodes and interpolated points all take part."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from skfem import MeshHex

from fem.elements.facet_block import facet_block
from fem.elements.layout import Layout, LayoutBuilder, State, reference_state
from fem.elements.mesh_points import add_mesh
from fem.elements.retraction import retract
from fem.elements.solid_block import cell_axes, crossed_fibres, scalar_basis, solid_block
from fem.elements.surface_block import SurfaceBlock, patch_points, unit_disc_mesh
from fem.film.laws import Cavitation, CrossFluid, FilmLaws, Recess, SoftLayer
from fem.film.mesh import film_mesh
from fem.film.state import film as make_film
from fem.materials.cable import ExponentialLinear, ToeLinear
from fem.materials.muscle.activation import ActivationDynamics
from fem.materials.muscle.hill import MuscleLaw
from fem.materials.muscle.reflex import Reflex
from fem.materials.relaxation import PronySeries
from fem.materials.solid import CompressibleNeoHookean, FibreExponential, Hyperelastic, MooneyRivlin
from fem.materials.surface import CartilageLayers
from fem.materials.volumetric import LogarithmicVolume
from fem.system.system import System, build_system
from fem.tensors import rotation_matrix
from fem.terms.bushing import BushingTerm
from fem.terms.cable import CableTerm
from fem.terms.contact import ContactTerm
from fem.terms.curve import Curve, ramp
from fem.terms.film import FilmTerm
from fem.terms.inertia import InertiaTerm
from fem.terms.loads import DisplacementTerm, ForceTerm, MomentTerm
from fem.terms.muscle import MuscleTerm
from fem.terms.pressure import PressureTerm
from fem.terms.push import PushTerm
from fem.terms.solid import SolidTerm
from fem.terms.term import Term
from oracles.meshes import box, distorted_block


@dataclass(frozen=True)
class Scene:
    """A system with one term, a state in which it is active, what may be asked of it, and a length [mm, rad] of
    differences over which it is smooth."""

    system: System
    state: State
    internal: bool = True
    conservative: bool = True
    step: float = 1e-5


def scene(layout: Layout, term: Term, size: float, internal: bool = True, conservative: bool = True) -> Scene:
    generator = np.random.default_rng(11)
    direction = size * generator.normal(size=layout.dof_count)
    state = replace(retract(layout, reference_state(layout), direction, {}), time=0.7)
    return Scene(build_system(layout, (term,)), state, internal, conservative)


def disc_between_bodies(volume: LogarithmicVolume | None) -> Scene:
    """A small disc: endplates carried by two bodies, guided nodes between, two fibre families."""
    line, height = np.linspace(-3.0, 3.0, 3), np.linspace(0.0, 4.0, 4)
    mesh = MeshHex.init_tensor(line, line, height)
    basis = scalar_basis(mesh)
    places = basis.doflocs.T
    builder = LayoutBuilder()
    lower = builder.add_body("lower", np.array([0.0, 0.5, -3.0]))
    upper = builder.add_body("upper", np.array([0.2, 0.0, 7.0]))
    numbers = np.empty(len(places), dtype=np.int64)
    bottom, top = places[:, 2] < 1e-9, places[:, 2] > 4.0 - 1e-9
    numbers[bottom] = builder.add_carried(places[bottom], lower)
    numbers[top] = builder.add_carried(places[top], upper)
    middle = ~(bottom | top)
    numbers[middle] = builder.add_free(places[middle], (lower, upper), places[middle, 2] / 4.0)
    fibres = crossed_fibres(cell_axes(basis), np.full(mesh.nelements, 0.5))
    laws = [MooneyRivlin(0.1, 0.05), FibreExponential(2.0, 4.0, 0.1)]
    if volume is None:
        laws.append(CompressibleNeoHookean(0.1, 0.4))
    term = SolidTerm("disc", solid_block(basis, numbers, fibres), Hyperelastic(tuple(laws)), volume)
    return scene(builder.build(), term, 0.05)


def cables() -> Scene:
    """Strands with a via point over carried, free and interpolated points, in toe and line."""
    builder = LayoutBuilder()
    bodies = [builder.add_body(n, np.array([0.0, 0.0, z])) for n, z in (("lower", 0.0), ("upper", 30.0))]
    low = builder.add_carried(np.array([[5.0, 0, 2.0], [0.0, 5.0, 1.0]]), bodies[0])
    high = builder.add_carried(np.array([[5.0, 1.0, 28.0], [1.0, 6.0, 29.0]]), bodies[1])
    free = builder.add_free(np.array([[7.0, 0.0, 12.0], [2.0, 8.0, 18.0]]))
    between = builder.add_interpolated(
        np.array([[low[0], high[0], free[1]], [free[0], free[1], high[1]]]),
        np.array([[0.3, 0.3, 0.4], [0.5, 0.25, 0.25]]),
    )
    points = np.array(
        [[low[0], free[0], high[0]], [low[1], between[0], high[1]], [between[1], free[1], low[0]]]
    )
    law = ToeLinear(np.array([22.0, 20.0, 11.0]), 500.0, 0.2)
    return scene(builder.build(), CableTerm("strands", points, law), 0.1)


def two_point_cables() -> Scene:
    builder = LayoutBuilder()
    body = builder.add_body("upper", np.array([0.0, 0.0, 30.0]))
    carried = builder.add_carried(np.array([[4.0, 0, 25.0], [-4.0, 1.0, 26.0]]), body)
    free = builder.add_free(np.array([[5.0, 0.0, 12.0], [-2.0, 3.0, 10.0]]))
    law = ExponentialLinear(np.array([11.0, 14.0]), 2.0, 3.0, 6.0, 0.15)
    return scene(builder.build(), CableTerm("strands", np.stack([carried, free], -1), law), 0.1)


def patch_net() -> np.ndarray:
    """Return the control net (9, 3) of a curved, slightly twisted facet, half widths 8 and 6 mm."""
    u, v = np.meshgrid([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], indexing="ij")
    x, y = 8.0 * u.ravel(), 6.0 * v.ravel()
    return np.stack([x, y, 0.02 * x**2 - 0.01 * y**2 + 0.008 * x * y], axis=-1)


def contact(free_patch: bool = False) -> Scene:
    """Points of one body pressed into the patch of another; some lie in the rim where the surface fades."""
    builder = LayoutBuilder()
    lower = builder.add_body("lower", np.array([1.0, 0.0, -10.0]))
    upper = builder.add_body("upper", np.array([0.0, 2.0, 10.0]))
    net = patch_net()
    control = builder.add_free(net) if free_patch else builder.add_carried(net, lower)
    places = np.array(
        [[0.0, 0.0], [4.0, 2.0], [-6.0, 3.0], [7.5, 3.0], [2.0, -6.3], [-8.6, 0.5], [30.0, 0.0]]
    )
    height = 0.02 * places[:, 0] ** 2 - 0.01 * places[:, 1] ** 2 + 0.008 * places[:, 0] * places[:, 1]
    points = np.column_stack([places, height - np.array([0.4, 0.9, 0.3, 0.5, 0.5, 0.6, 0.5])])
    numbers = builder.add_carried(points, upper)
    extra = builder.add_interpolated(numbers[None, :3], np.array([[0.5, 0.25, 0.25]]))
    numbers = np.concatenate([numbers, extra])
    block = SurfaceBlock(
        np.column_stack([numbers, np.tile(control, (len(numbers), 1))]),
        np.linspace(1.0, 2.0, len(numbers)),
        np.zeros(len(numbers), dtype=np.int64),
    )
    term = ContactTerm("facet", block, CartilageLayers(4.0, 1.6, 0.6), 0.25)
    return scene(builder.build(), term, 0.01)


def force() -> Scene:
    builder = LayoutBuilder()
    body = builder.add_body("upper", np.array([0.0, 0.0, 30.0]))
    carried = builder.add_carried(np.array([[4.0, 0, 25.0]]), body)
    free = builder.add_free(np.array([[5.0, 0.0, 12.0]]))
    mixed = builder.add_interpolated(np.array([[carried[0], free[0]]]), np.array([[0.7, 0.3]]))
    points = np.concatenate([carried, free, mixed])[:, None]
    forces = np.array([[1.0, 2.0, -3.0], [0.5, 0.0, 1.0], [-2.0, 1.0, 4.0]])
    return scene(builder.build(), ForceTerm("force", points, forces, ramp(0.0, 1.0)), 0.3, internal=False)


def moment() -> Scene:
    builder = LayoutBuilder()
    builder.add_body("lower", np.zeros(3))
    body = builder.add_body("upper", np.array([0.0, 0.0, 30.0]))
    term = MomentTerm("moment", body, np.array([1.0, 7.0, -3.0]), ramp(0.0, 1.0))
    return scene(builder.build(), term, 0.3, internal=False, conservative=False)


def displacement() -> Scene:
    builder = LayoutBuilder()
    body = builder.add_body("upper", np.array([0.0, 0.0, 30.0]))
    place = np.array([[12.0, 3.0, 25.0]])
    point = builder.add_carried(place, body)
    term = DisplacementTerm("pull", point[:, None], place, np.array([0.6, 0.0, 0.8]), 2.0, ramp(0.0, 1.0))
    found = scene(builder.build(), term, 0.2, internal=False)
    return replace(found, state=replace(found.state, internal={"pull": np.array([13.0])}))


def push(travel: float) -> Scene:
    """A hand over a body, a free node and a point between them, in motion since it touched them at 0.5 s."""
    builder = LayoutBuilder()
    body = builder.add_body("upper", np.array([0.0, 0.0, 30.0]))
    carried = builder.add_carried(np.array([[4.0, 3.0, 25.0]]), body)
    free = builder.add_free(np.array([[5.0, 0.0, 12.0]]))
    mixed = builder.add_interpolated(np.array([[carried[0], free[0]]]), np.array([[0.7, 0.3]]))
    points = np.concatenate([carried, free, mixed])[None, :]
    weights, along = np.array([0.5, 0.2, 0.3]), np.array([0.6, 0.0, -0.8])
    curve = Curve(np.array([0.5, 0.7]), np.array([0.0, travel]))
    term = PushTerm("push", points, weights, along, curve, 40.0, 0.5, 0.0, onset=1.0)
    found = scene(builder.build(), term, 0.1, internal=False)
    start = weights @ (found.system.configuration(found.state).positions[points[0]] @ along)
    return replace(found, state=replace(found.state, history={"push start": np.array([start])}, elapsed=0.01))


def pressure(whole_skin: bool) -> Scene:
    """A follower pressure on a distorted cube: all round, or on its top with a free rim."""
    mesh = distorted_block("hex", np.random.default_rng(4))
    basis = scalar_basis(mesh)
    builder = LayoutBuilder()
    numbers = add_mesh(builder, basis)
    block = facet_block(basis, numbers, lambda x: (x[2] > 2.0 - 1e-9) | whole_skin)
    term = PressureTerm("pressure", block, 3.0, ramp(0.0, 1.0), open_rim=not whole_skin)
    return scene(builder.build(), term, 0.1, internal=whole_skin, conservative=whole_skin)


def solid_of_free_nodes() -> Scene:
    solid = box((np.linspace(0, 2, 3),) * 3, "hexahedra, second order")
    law = Hyperelastic((CompressibleNeoHookean(0.5, 1.0),))
    return scene(solid.layout, SolidTerm("block", solid.block, law), 0.03)


def relaxing(elastic: Scene, series: PronySeries, size: float) -> Scene:
    """The scene in the third of three quick steps: memory of the first two, stress from all."""
    term = elastic.system.terms[0]
    assert isinstance(term, (SolidTerm, CableTerm))
    system = build_system(elastic.system.layout, (replace(term, relaxation=series),))
    generator = np.random.default_rng(5)
    state = elastic.state
    for elapsed in (0.0, 0.03, 0.05):
        history = system.history(system.evaluate(state, tangent=False))
        shift = size * generator.normal(size=system.layout.dof_count)
        state = replace(retract(system.layout, state, shift, {}), elapsed=elapsed or 0.02, history=history)
    return Scene(system, state, conservative=False)


def relaxing_disc(volume: LogarithmicVolume | None) -> Scene:
    series = PronySeries(np.array([0.7, 1.5]), np.array([0.1, 2.0]))
    return relaxing(disc_between_bodies(volume), series, 0.02)


def relaxing_cables() -> Scene:
    """Strands with two branches, of which one strand has none, and with damping, of which another has none."""
    share = np.array([[0.4, 0.9], [0.0, 0.0], [1.2, 0.3]])
    series = PronySeries(share, np.array([0.05, 1.0]), np.array([[0.003], [0.01], [0.0]]))
    return relaxing(cables(), series, 0.1)


def muscles(dynamic: bool) -> Scene:
    """Fascicles with a via point, stretched and let go; at rest, or fast with a reflex after some of history."""
    points, base = cables().system.terms[0].points, cables()
    law = MuscleLaw(
        maximum_force=np.array([90.0, 120.0, 60.0]),
        neutral_length=np.array([25.0, 27.0, 11.0]),
        fibre_share=np.array([0.7, 0.5, 0.8]),
        neutral_stretch=0.95,
        width=0.45,
        maximum_speed=10.0,
        curvature=0.25,
        eccentric_limit=1.4,
        short_range_factor=10.0,
        short_range_limit=0.3,
        passive_strain=0.6,
        passive_exponent=5.0,
    )
    reflex = Reflex(delay=0.05, gain=0.8, duration=0.3, threshold=0.01) if dynamic else None
    active = np.array([0.3, 0.6, 0.1])
    term = MuscleTerm("muscles", points, law, active, ActivationDynamics(0.015, 0.05), reflex)
    state = base.state
    if dynamic:
        history = {
            "muscles.length": np.array([27.0, 29.0, 12.5]),
            "muscles.reference": np.array([26.5, 28.0, 12.0]),
            "muscles.activation": np.array([0.4, 0.6, 0.2]),
            "muscles.velocity": np.zeros(3),
            "muscles.stretch": np.array([[0.5, 0.0, 0.0, 0.0], [0.69, 0.2, 0.1, 0.05]]),
            "muscles.onset": np.full(3, -np.inf),
        }
        state = replace(state, elapsed=0.01, history=history)
    return Scene(build_system(base.system.layout, (term,)), state, conservative=False)


def joints(dynamic: bool) -> Scene:
    """Two bushes between two bodies, stretched and turned far; at rest, or fast after some of history."""
    builder = LayoutBuilder()
    lower = builder.add_body("lower", np.array([1.0, 2.0, 3.0]))
    upper = builder.add_body("upper", np.array([4.0, 1.0, 20.0]))
    axes = rotation_matrix(np.array([[0.3, 0.2, -0.4], [0.0, 0.5, 0.1]]))
    place = np.array([[[1.0, 2.0, 9.0], [-2.0, 1.0, -8.0]], [[5.0, 0.0, 2.0], [0.0, 3.0, 1.0]]])
    stiffness = np.array([[100.0, 80.0, 900.0, 1e4, 2e4, 3e4], [10.0, 20.0, 30.0, 4e3, 5e3, 6e3]])
    term = BushingTerm(
        "bush", np.array([[lower, upper]] * 2), place, axes, stiffness, np.array([0.02, 0.005])
    )
    found = scene(builder.build(), term, 0.5, internal=False)
    if not dynamic:
        return found
    history = dict(term.evaluate(found.system.configuration(found.state), False).history or {})
    generator = np.random.default_rng(5)
    history |= {"bush.change": 0.2 * generator.normal(size=(2, 6)), "bush.step": np.array([0.02])}
    return _later(replace(found, conservative=False), history, 0.2)


def inertia() -> Scene:
    """Two bodies that accelerate and turn far in one step, so that gyration counts."""
    builder = LayoutBuilder()
    bodies = [builder.add_body(n, np.array([3.0, -1.0, z])) for n, z in (("lower", 0.0), ("upper", 30.0))]
    tensor = np.array([[10.0, 2.0, 0.0], [2.0, 20.0, -1.0], [0.0, -1.0, 30.0]])
    centre = np.array([[5.0, -3.0, 2.0], [0.0, 8.0, -6.0]])
    term = InertiaTerm(
        "inertia", np.array(bodies)[:, None], np.array([0.01, 0.03]), np.stack([tensor, 2 * tensor]), centre
    )
    found = scene(builder.build(), term, 0.5, internal=False, conservative=False)
    here = found.system.configuration(found.state)
    speed = np.array([[10.0, -20.0, 5.0], [0.0, 30.0, 15.0]])
    history = dict(term.moving(here, speed, 0.1 * speed, 0.02))
    history |= {"inertia.momentum_change": np.full((2, 2, 3), 0.3), "inertia.step": np.array([0.02, 0.02])}
    return _later(found, history, 0.3)


def film(torn: bool) -> Scene:
    """Two joints between two bodies in the second of two quick steps that part them; full, or with cavities.

    The surfaces of the first joint touch on one side: its pressures bend over a micrometre. None of the points fades
    out, on which the derivatives of a film are silent. The energy is zero, so that balance and rigid motion are tested
    apart.
    """
    builder = LayoutBuilder()
    lower = builder.add_body("lower", np.array([1.0, 0.0, -10.0]))
    upper = builder.add_body("upper", np.array([0.0, 2.0, 10.0]))
    flat, tables, surfaces = unit_disc_mesh(1, 8), [], []
    for shift, rise in (([0.0, 0.0, 0.0], 0.02), ([20.0, 0.0, 1.0], 0.2)):
        net = patch_net() + shift
        facing = builder.add_carried(net, lower)
        places = patch_points(net.reshape(3, 3, 3), 0.8 * flat.p.T)
        places[:, 2] += rise - 0.015 * (places[:, 0] - shift[0])
        tables.append(np.concatenate([builder.add_carried(places, upper), facing]))
        surfaces.append(places)
    cavitation = Cavitation(0.1, 0.098, 0.098) if torn else Cavitation(0.1, -1e3, -1e3)
    laws = FilmLaws(
        CrossFluid(1e-5, 1e-8, 2.0, 0.7, 0.78), cavitation, Recess(20.0, 14e3), SoftLayer(10.0, 1.6, 0.02)
    )
    films = make_film(film_mesh(flat, np.stack(surfaces)), laws, order=2)
    term = FilmTerm("film", ("left", "right"), np.stack(tables), films, 0.25, exact=True)
    layout = builder.build()
    system = build_system(layout, (term,))
    state = reference_state(layout)
    for elapsed in (0.0, 0.01, 0.02):
        state = replace(state, time=state.time + elapsed, elapsed=elapsed)
        if elapsed:
            turn = np.concatenate([np.zeros(6), [0.01, -0.02, 0.03, 1e-4, 2e-4, 3e-4]])
            state = retract(layout, state, turn, {})
        if elapsed < 0.02:
            memory = dict(system.history(system.evaluate(state, tangent=False)))
            switch = term.switch(state.history, memory, elapsed) if elapsed else None
            state = replace(state, history={**memory, **({} if switch is None else switch.memory)})
    return Scene(system, state, internal=False, conservative=False, step=1e-7)


def _later(found: Scene, history: dict[str, np.ndarray], size: float) -> Scene:
    """Return the scene a step of 0.015 s after the state it remembers."""
    direction = size * np.random.default_rng(12).normal(size=found.system.layout.dof_count)
    state = retract(found.system.layout, found.state, direction, {})
    return replace(found, state=replace(state, elapsed=0.015, history=history))


SCENES: dict[str, Callable[[], Scene]] = {
    "solid, free nodes": solid_of_free_nodes,
    "disc, pointwise": lambda: disc_between_bodies(None),
    "disc, mean dilatation": lambda: disc_between_bodies(LogarithmicVolume(30.0)),
    "cables, via points": cables,
    "cables, two points": two_point_cables,
    "disc, pointwise, relaxing": lambda: relaxing_disc(None),
    "disc, mean dilatation, relaxing": lambda: relaxing_disc(LogarithmicVolume(30.0)),
    "cables, relaxing": relaxing_cables,
    "muscles, at rest": lambda: muscles(False),
    "muscles, fast": lambda: muscles(True),
    "joints, at rest": lambda: joints(False),
    "joints, damped": lambda: joints(True),
    "inertia": inertia,
    "film, full": lambda: film(False),
    "film, torn": lambda: film(True),
    "contact, two bodies": contact,
    "contact, patch of free nodes": lambda: contact(free_patch=True),
    "force": force,
    "moment": moment,
    "displacement": displacement,
    "push, onset": lambda: push(0.6),
    "push, line": lambda: push(4.0),
    "pressure all round": lambda: pressure(True),
    "pressure, free rim": lambda: pressure(False),
}
