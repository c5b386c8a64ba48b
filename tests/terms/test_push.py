"""A hand that travels: closed forms of its push, where it starts, and that it never pulls."""

from dataclasses import replace

import numpy as np
import pytest

from fem.elements.layout import LayoutBuilder, State, reference_state
from fem.system.system import System, build_system
from fem.terms.curve import Curve
from fem.terms.push import PushTerm

STIFFNESS, ONSET, BEGINS = 40.0, 1.5, 0.2
ALONG = np.array([0.6, 0.0, -0.8])
PLACES = np.array([[1.0, 2.0, 3.0], [4.0, -1.0, 6.0]])
WEIGHTS = np.array([0.25, 0.75])
REST = float(WEIGHTS @ PLACES @ ALONG)


def pushed(travel: float = 10.0) -> tuple[System, State]:
    """Return a hand over two free nodes, travelling `travel` mm a second from 0.2 s on."""
    builder = LayoutBuilder()
    points = builder.add_free(PLACES)
    curve = Curve(np.array([BEGINS, BEGINS + 1.0]), np.array([0.0, travel]))
    term = PushTerm("hand", points[None, :], WEIGHTS, ALONG, curve, STIFFNESS, BEGINS, REST, ONSET)
    layout = builder.build()
    return build_system(layout, (term,)), reference_state(layout)


@pytest.mark.parametrize(
    ("depth", "force"),
    [
        (-1.0, 0.0),
        (0.0, 0.0),
        (0.6, STIFFNESS * 0.6**2 / (2 * ONSET)),
        (ONSET, STIFFNESS * ONSET / 2),
        (5.0, STIFFNESS * (5.0 - ONSET / 2)),
    ],
)
def test_the_push_is_a_parabola_then_a_line_and_never_a_pull(depth: float, force: float) -> None:
    system, state = pushed()
    part = system.evaluate(replace(state, time=BEGINS + depth / 10.0), tangent=True).contributions["hand"]
    # The spring's energy is the area under its curve, summed here in thin strips.
    strips = np.linspace(0.0, max(depth, 0.0), 20001)
    curve = np.where(strips < ONSET, STIFFNESS * strips**2 / (2 * ONSET), STIFFNESS * (strips - ONSET / 2))
    np.testing.assert_allclose(part.force.reshape(2, 3), -force * WEIGHTS[:, None] * ALONG, atol=1e-12)
    assert part.energy == pytest.approx(float(np.trapezoid(curve, strips)), rel=1e-7, abs=1e-12)
    assert system.terms[0].force(system.configuration(replace(state, time=BEGINS + depth / 10.0))) == (
        pytest.approx(force)
    )


def test_the_hand_rests_without_force_until_it_begins_and_then_starts_from_there() -> None:
    system, state = pushed()
    shift = 3.0 * ALONG + np.array([0.8, 5.0, 0.6])  # three millimetres along the hand, some across
    moved = replace(state, nodes=state.nodes + shift, time=BEGINS)
    resting = system.evaluate(moved, tangent=True)
    assert np.abs(resting.residual).max() == 0.0
    kept = system.history(resting)
    assert kept["hand start"] == pytest.approx(np.array([REST + 3.0]))
    later = replace(moved, time=BEGINS + 0.5, history=kept)
    term, here = system.terms[0], system.configuration(later)
    assert term.indentation(here) == pytest.approx(5.0)
    assert not system.history(system.evaluate(later, tangent=False)), "the start is kept, not moved along"
    # Without a converged state before it began, the hand starts over the reference posture.
    assert term.indentation(replace(here, history={})) == pytest.approx(2.0)


def test_bone_that_runs_away_from_the_hand_is_let_go() -> None:
    system, state = pushed()
    away = replace(state, nodes=state.nodes + 6.0 * ALONG, time=BEGINS + 0.5)
    assert system.terms[0].indentation(system.configuration(away)) == pytest.approx(-1.0)
    assert np.abs(system.evaluate(away, tangent=False).residual).max() == 0.0


def test_a_phase_end_that_is_a_sum_of_durations_still_counts_as_the_beginning() -> None:
    system, state = pushed()
    late = replace(state, time=0.1 + 0.1 + 1e-13)
    assert system.history(system.evaluate(late, tangent=False))


def test_the_onset_may_be_left_out() -> None:
    system, state = pushed()
    term = replace(system.terms[0], onset=0.0)
    assert term.force(system.configuration(replace(state, time=BEGINS + 0.2))) == pytest.approx(80.0)
