"""March a problem through its phases and hand every converged state to a result folder."""

from collections.abc import Callable, Collection, Sequence

from fem.case.problem import Problem
from fem.case.read import CaseFile
from fem.case.verification import Verification
from fem.elements.layout import State, reference_state
from fem.errors import FacetgapError
from fem.observe.checkpoints import Checkpoints
from fem.observe.fields import parts
from fem.observe.flexibility import moments_of_test
from fem.observe.limits import tissue_limits
from fem.observe.observer import Observer
from fem.observe.repeat import PeakStrains, RepeatedRun, damage_law
from fem.observe.settling import Heard, settled, settles
from fem.observe.squeezed import overpressed
from fem.observe.undisturbed import undisturbed
from fem.observe.verdict import cavitation
from fem.results.film_motion import FilmMotion
from fem.results.folder import ResultFolder
from fem.results.record import ModelInfo
from fem.results.verdict_inputs import verdict_inputs
from fem.solver.linear import LinearSolver
from fem.solver.march import march
from fem.solver.recovery import Recovery
from fem.solver.report import NewtonReport, Step

#: Called with a sentence about what happens now.
Listener = Callable[[str], None]


def simulate(case_file: CaseFile, problem: Problem, folder: ResultFolder, listen: Listener) -> Sequence[str]:
    """Solve `problem` and record it, or go on from the folder's checkpoint; return what was warned of.

    Notes
    -----
    Where a case has several phases and the first brings in no load but the follower load, it settles the spine: its
    end, with the muscles in balance, is step 0, to which changes refer. Otherwise the neutral posture is.

    Raises
    ------
    NotConvergedError
        When the smallest step fails; the last good state has been recorded.
    """
    case = case_file.case
    folder.start(model_info(problem, case.target), parts(problem))
    solver = LinearSolver(problem.system.pattern)
    checkpoints = Checkpoints(folder, solver)
    heard = _heard(folder, listen, [phase.name for phase in problem.phases if phase.dynamic])
    state, phases, built = reference_state(problem.model.layout), problem.phases, problem
    if settles(case):
        state, problem = _settled(case_file, problem, solver, (folder, heard), checkpoints)
        phases = phases[1:]
    observer = Observer(problem, case.output.fields, case.output.every)
    strains = None if case.repeat is None else PeakStrains(problem, checkpoints["peaks"])
    since = checkpoints.last_step(problem, observer)
    if since is None:
        _begin(observer, problem, folder, state)
        if strains is not None:
            strains.add(state)
    try:
        for step in march(problem.system, solver, state, phases, heard, since):
            with undisturbed():
                folder.add(observer.record(step))
                _say_overpressed(problem, step, folder)
                if strains is not None:
                    strains.add(step.state)
                checkpoints.reached(step, observer, {} if strains is None else {"peaks": strains.groups})
    except KeyboardInterrupt:
        checkpoints.flush()
        raise
    finally:
        motion = _kept_motion(observer, folder)
    _conclude(motion, problem, folder, listen)
    if strains is not None:
        repeated = RepeatedRun(case_file, built, folder, checkpoints)
        repeated.follow(strains, solver, heard, listen)
    for sentence in solver.warnings:
        folder.warn(sentence)
    return folder.warnings


def _settled(
    case_file: CaseFile,
    problem: Problem,
    solver: LinearSolver,
    ears: tuple[ResultFolder, Heard],
    checkpoints: Checkpoints,
) -> tuple[State, Problem]:
    """Return the settled state and the problem with its muscles; where that fails, record what was reached."""
    before = checkpoints.settled_before(problem)
    if before is not None:
        return before
    folder, output = ears[0], case_file.case.output
    reached = [reference_state(problem.model.layout)]
    try:
        state, posed = settled(case_file, problem, solver, ears[1], folder.log, reached.append)
    except (FacetgapError, KeyboardInterrupt):
        _begin(Observer(problem, output.fields, output.every), problem, folder, reached[-1])
        raise
    checkpoints.settled(reached[-1], state, posed)
    return state, posed


def _kept_motion(observer: Observer, folder: ResultFolder) -> FilmMotion | None:
    """Keep how the joints have moved so far, and return it."""
    motion = observer.motion()
    if motion is not None:
        with undisturbed():
            folder.keep_motion(motion)
    return motion


def _conclude(motion: FilmMotion | None, problem: Problem, folder: ResultFolder, listen: Listener) -> None:
    """Say of every joint that holds a film whether it cavitates."""
    if problem.model.film is None or motion is None:
        return
    listen("replaying the films with drawn inputs: do the joints cavitate?")
    told = cavitation(motion)
    folder.conclude(told)
    for joint in set(motion.joints) - {verdict.joint for verdict in told.joints}:
        folder.warn(f"the film of {joint} could not be replayed over its motion: no verdict on it")


def _say_overpressed(problem: Problem, step: Step, folder: ResultFolder) -> None:
    for sentence in overpressed(problem, step.phase, step.evaluation.configuration.positions):
        folder.warn(sentence)


def _begin(observer: Observer, problem: Problem, folder: ResultFolder, state: State) -> None:
    """Record the state to which all changes refer."""
    with undisturbed():
        evaluation = problem.system.evaluate(state, tangent=False)
        folder.add(observer.start(state, evaluation, problem.phases[0].name))


def solve_closed_form(
    problem: Verification, folder: ResultFolder, listen: Listener
) -> dict[str, dict[str, float]]:
    """Solve a closed-form problem and record it; return what it reports."""
    folder.start(problem.model, problem.parts)
    reported: dict[str, dict[str, float]] = {}
    for step in problem.march(_heard(folder, listen)):
        with undisturbed():
            folder.add(step.record)
        reported = {kind: dict(values) for kind, values in step.reported.items()}
    return reported


def model_info(problem: Problem, target: str | None) -> ModelInfo:
    """Return sizes and the literature data that the built problem used."""
    if problem.model.film is not None:
        verdict_inputs(problem.sets)  # reads, and so notes, what the verdicts will rest on
    if "damage" in problem.sets:
        damage_law(problem)  # the same
        moments_of_test(problem.sets["flexibility"])
    used = [
        {"set": data.name, "key": key, "value": datum.written(), "kind": datum.kind, "source": datum.source}
        for data in problem.sets.values()
        for key, datum in data.used.items()
    ]
    mesh = problem.model.mesh
    sizes = {
        f"{name} hexahedra": len(part.cells) for name, part in (*mesh.discs.items(), *mesh.bones.items())
    }
    limits = tissue_limits(problem)
    return ModelInfo(problem.levels, problem.system.layout.dof_count, sizes, target, tuple(used), limits)


def _heard(folder: ResultFolder, listen: Listener, dynamic: Collection[str] = ()) -> Heard:
    """Return what logs every solve and how failed ones were got over; `dynamic` names the phases with rates."""
    recovery = Recovery(dynamic)

    def heard(phase: str, time: float, report: NewtonReport) -> None:
        how = f"{report.iterations} iterations, {report.reason.value}"
        norms = " ".join(f"{norm:.1e}" for norm in report.norms)
        for stage, words in recovery.hear(phase, time, report):
            folder.recovered(stage, words)
        folder.log(f"{phase} t = {time:.6g} s: {how}; residuals {norms}")
        listen(f"{phase}, t = {time:.3f} s: {how}")

    return heard
