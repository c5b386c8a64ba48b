"""What the runs of a case say, in plain short sentences."""

from collections.abc import Mapping, Sequence
from typing import Final

from fem.explain.judgement import FARTHER, NEARER, UNMOVED, WOULD, Judged, Judgement, by_moves
from fem.explain.outcome import AXES, Outcome, Strain
from fem.results.cavitation import CAVITATES, STAYS_SHUT, UNDETERMINED

#: What belongs below every explanation.
LIMITS: Final = (
    "One thing was changed at a time: two barriers together show only by how far each change alone falls short.",
    "Verdicts rest on draws of uncertain inputs of the fluid and the joint; 'might' means that these decide it. They "
    "are degrees of belief about one model of an average spine, not frequencies in people.",
    "The model knows strains, gaps and pressures. It knows no pain, no relief and no healing, and says nothing about "
    "whether a thrust should be done.",
    "Pain or stiffness that lasts belongs with a professional.",
)

_NOW: Final = {CAVITATES: "pops", UNDETERMINED: "may or may not pop", STAYS_SHUT: "does not pop"}


_ALONE_MOVES: Final = {
    NEARER: "nearer to a pop",
    FARTHER: "farther from one",
    UNMOVED: "no clear difference",
}
#: Effect of a change -> how the sentence on a barrier begins.
_ALONE: Final = {
    WOULD[CAVITATES]: "This change alone would have made it pop",
    WOULD[UNDETERMINED]: "With this change alone it might have popped, or not",
    WOULD[STAYS_SHUT]: "This change alone brings it nearer, but it would not have popped",
}


def sentences(told: Judgement) -> tuple[str, ...]:
    """Return the explanation, the answer first."""
    parts = (
        _as_it_is(told),
        _barrier(told),
        _rest(told),
        _costs(told),
        _others(told),
        _motion(told),
        _untold(told),
    )
    return tuple(sentence for part in parts for sentence in part)


def graded(one: Outcome) -> str:
    """Return verdict, probability and margin in words."""
    return f"{one.verdict}, probability {one.probability:.2f}, margin {signed(one.margin)}"


def signed(number: float) -> str:
    """Return a number with its sign and two digits; never a negative zero."""
    return f"{round(number, 2) + 0.0:+.2f}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Return words as one list."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def _as_it_is(told: Judgement) -> list[str]:
    was = told.was
    far = abs(was.margin)
    share = (
        f"it opens {100 * far:.0f} % farther than it need"
        if was.margin >= 0.0
        else f"it opens {100 * far:.0f} % less far than it would have to"
    )
    return [f"As it is, {told.target} {_NOW[was.verdict]} ({graded(was)}: {share})."]


def _barrier(told: Judgement) -> list[str]:
    if told.was.verdict == CAVITATES:
        return ["No barrier holds: the target pops without any change."]
    found = [told.named(name) for name in told.barriers]
    lines = [_holding(found)] if found else []
    lines += [f"{_ALONE[one.effect]}: {_told(one)}." for one in found]
    lines += [
        f"This alone would have made it pop all the same: {_told(told.named(name))}."
        for name in told.sufficient
        if name not in told.barriers
    ]
    if not told.sufficient:
        lines.append("No single change that was tried would surely have made it pop.")
    return lines if found else [*lines, "None brings the target clearly nearer to a pop."]


def _holding(found: Sequence[Judged]) -> str:
    """Return what holds the target back; where a change is not enough, that it is not all."""
    names = listed([one.change.barrier for one in found])
    if any(one.effect == WOULD[CAVITATES] for one in found):
        return f"What holds it back: {names}."
    return f"What holds it back most: {names}."


def _told(one: Judged) -> str:
    return f"{one.change.words} ({graded(one.outcome)})"


def _rest(told: Judgement) -> list[str]:
    """Return what the other changes would have done; the film, which nobody chooses, last."""
    named = {*told.barriers, *told.sufficient}
    others = [one for one in told.changes if one.change.name not in named and one.change.kind != "unknown"]
    moves = by_moves(others)
    lines = []
    for one in moves[NEARER]:
        but = "but" if one.effect == WOULD[STAYS_SHUT] else "and"
        lines.append(f"Nearer to a pop, {but} it {one.effect} pop: {_told(one)}.")
    if moves[UNMOVED]:
        lines.append(f"No clear difference: {'; '.join(_told(one) for one in moves[UNMOVED])}.")
    for one in moves[FARTHER]:
        lines.append(_against(one))
    lines += [_positioned(told.was, one) for one in told.changes if one.moves != one.alone]
    films = [one for one in told.changes if one.change.kind == "unknown"]
    if films:
        said = "; ".join(f"it {one.effect} pop {_told(one)}" for one in films)
        lines.append(
            f"How thick the film of this joint is, nobody can choose, and it is not known well: {said}."
        )
    return lines


def _against(one: Judged) -> str:
    """Return the sentence about a change that was meant to help and does the opposite."""
    barrier = one.change.barrier
    return f"In this model {barrier} does not hold it back: {_told(one)} is farther from a pop than as it is."


def _positioned(was: Outcome, one: Judged) -> str:
    """Return why a change is judged since rest, and what its verdict, from the end of positioning, would say."""
    now = one.outcome
    assert was.since_rest is not None
    assert now.since_rest is not None
    words = f"{one.change.words[0].upper()}{one.change.words[1:]}"
    return (
        f"{words}, positioning alone opens the target by {now.positioned:.2f} mm instead of {was.positioned:.2f} mm. "
        "Verdicts count from there and do not compare, so this change is judged by the margin since rest: "
        f"{signed(now.since_rest)} instead of {signed(was.since_rest)} (gap {now.gapping:.2f} mm instead of "
        f"{was.gapping:.2f} mm). By what comes after positioning alone it would be {_ALONE_MOVES[one.alone]}: margin "
        f"{signed(now.margin)} instead of {signed(was.margin)}."
    )


def _costs(told: Judgement) -> list[str]:
    """Return what the changes that help cost in strain and at other joints."""
    lines = [f"Strain as it is: {_strains(told.was)}."] if told.was.largest else []
    for one in told.changes:
        if one.change.kind != "unknown" and one.moves == NEARER and one.outcome.largest is not None:
            words = f"{one.change.words[0].upper()}{one.change.words[1:]}"
            lines.append(f"{words}: {_strains(one.outcome)}; {_first(one.outcome, told.target)}.")
    return lines


def _strains(one: Outcome) -> str:
    largest, nearest = one.largest, one.nearest
    assert largest is not None
    assert nearest is not None
    text = f"the largest ligament strain is {100 * largest.strain:.0f} % ({largest.place}"
    if nearest.place == largest.place:
        text += f", {_fraction(nearest)})"
    else:
        text += f"), the nearest to its limit {nearest.place} ({_fraction(nearest)})"
    if one.failed:
        return f"{text}; past their failure strain: {listed(one.failed)}"
    return f"{text}; past their sub-failure strain: {listed(one.over)}" if one.over else text


def _fraction(strain: Strain) -> str:
    return f"{strain.limit_fraction:.2f} of its sub-failure strain"


def _first(one: Outcome, target: str) -> str:
    before = one.before(target)
    if not one.order:
        return "no joint pops with the default inputs"
    if target in one.order:
        return f"{listed(before)} {_goes(before)} before the target" if before else "the target goes first"
    return f"{listed(before)} {_goes(before)}, the target does not"


def _goes(joints: Sequence[str]) -> str:
    return "pops" if len(joints) == 1 else "pop"


def _others(told: Judgement) -> list[str]:
    """Return which joint goes first as it is, or comes nearest."""
    was, target = told.was, told.target
    if was.order:
        first = was.order[0]
        whom = "the target" if first == target else first
        rest = list(was.order[1:])
        then = f", then {listed(rest)}" if rest else ""
        return [f"With the default inputs {whom} goes first{then}.", *_surest(was, target)]
    nearest = max(was.margins, key=lambda name: was.margins[name])
    whom = "the target" if nearest == target else nearest
    return [
        f"With the default inputs no joint pops; {whom} comes nearest (margin {signed(was.margins[nearest])}).",
        *_surest(was, target),
    ]


def _surest(was: Outcome, target: str) -> list[str]:
    """Return the joint that pops in most draws, where it is not the target."""
    surest = max(was.chances, key=lambda name: was.chances[name], default=target)
    if surest == target or was.chances[surest] <= was.probability:
        return []
    return [
        f"Over all draws of the inputs {surest} is surer to pop than the target "
        f"(probability {was.chances[surest]:.2f} against {was.probability:.2f})."
    ]


def _motion(told: Judgement) -> list[str]:
    """Return how far the target's level turns against its neighbours, about the axis of the spine's largest turn."""
    level = told.target.rpartition(" ")[0]
    levels = {joint.rpartition(" ")[0] for joint in told.was.margins}
    turns = {name: angles for name, angles in told.was.turns.items() if name in levels}
    if level not in turns or len(turns) < 2:
        return []
    axis = max(range(len(AXES)), key=lambda number: abs(sum(angles[number] for angles in turns.values())))
    far = {name: abs(angles[axis]) for name, angles in turns.items()}
    place = list(far).index(level)
    beside = [name for name in list(far)[max(0, place - 1) : place + 2] if name != level]
    more = [name for name in beside if far[name] > far[level]]
    less = [name for name in beside if name not in more]
    said = []
    if more:
        said.append(
            f"{_degrees(far, more)} {'turns' if len(more) == 1 else 'turn'} farther than the target's"
        )
    if less:
        said.append(
            f"{_degrees(far, less)} {'turns' if len(less) == 1 else 'turn'} less far than the target's"
        )
    lines = [f"Motion as it is, in {AXES[axis]}: {' and '.join(said)} {_degrees(far, [level])}."]
    for one in told.changes:
        if one.change.name == "like_neighbours" and level in one.outcome.turns:
            then = abs(one.outcome.turns[level][axis])
            words = f"{one.change.words[0].upper()}{one.change.words[1:]}"
            lines.append(f"{words}, {level} would turn {then:.1f}° instead of {far[level]:.1f}°.")
    return lines


def _degrees(turns: Mapping[str, float], levels: Sequence[str]) -> str:
    return listed([f"{name} ({turns[name]:.1f}°)" for name in levels])


def _untold(told: Judgement) -> list[str]:
    lines = [f"Not solved: {one.change.words} ({one.message})." for one in told.unsolved]
    if told.left_out:
        said = "; ".join(dict.fromkeys(f"{one.barrier} ({one.reason})" for one in told.left_out))
        lines.append(f"Not tried: {said}.")
    return lines
