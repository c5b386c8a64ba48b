"""The ``facetgap`` command: finds subcommands without importing them, and maps errors to exit codes."""

import difflib
import signal
import sys
import tempfile
import traceback
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import Any, Final

import click

from fem import __version__
from fem.errors import FacetgapError, InputError, MissingToolError, UsageError

#: Command -> what it does. Its code is ``fem.cli.<command>.command``, imported only when asked for.
COMMANDS: Final[dict[str, str]] = {
    "run": "Solve case files and write a result folder for each.",
    "resume": "Go on with runs that were stopped, from their last checkpoint.",
    "check": "Validate case files without solving them.",
    "show": "Say what a case or a result holds: the resolved model, every number with its source.",
    "mesh": "Build, check or draw the meshes of the anatomy.",
    "view": "Open a result in ParaView, or draw a picture of it.",
    "plot": "Draw the figures of results, each with its data as CSV.",
    "report": "Write a result as one HTML page that needs no network.",
    "why": "Say which barrier keeps the target from popping: the case with one thing changed at a time.",
    "threshold": "Find the least force, speed or guarding at which the target pops, and its cost.",
    "sensitivity": "Say which inputs move verdict, gap and strain most: Morris' elementary effects.",
    "calibrate": "Fit the free numbers of a plan to published experiments.",
    "validate": "Hold the model against published experiments and write one page.",
    "compare": "Compare results with each other or with experiments, against their numerical noise.",
    "export": "Write a result as CSV, Parquet, NumPy or Exodus files.",
    "refractory": "Say how long the gas of a pop stays in the joint, with a band; draw it.",
    "info": "Say what a file is: a result folder, a summary or a mesh.",
    "literature": "List the literature data, those that a case uses, or check them all.",
    "schema": "Print the JSON schema of case files.",
    "bench": "Measure the speed of the program on this machine.",
    "doctor": "Say what this installation has found, and whether it solves what is known.",
}

EXIT_BUG: Final = 1
EXIT_USAGE: Final = 2
EXIT_INTERRUPTED: Final = 130
EXIT_TERMINATED: Final = 143


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM); whoever writes a checkpoint on an interrupt does so here too."""


class LazyGroup(click.Group):
    """A group whose subcommands live in modules of their own, imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None for a name that is not in the table."""
        if cmd_name not in COMMANDS:
            return None
        module = f"fem.cli.{cmd_name}"
        try:
            found = import_module(module)
        except ModuleNotFoundError as error:
            if error.name == module:
                raise UsageError(f"the command '{cmd_name}' is not part of this installation") from None
            raise
        command: click.Command = found.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that `args` start with; an unknown one names the nearest."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            near = difflib.get_close_matches(args[0], COMMANDS, 1, 0.5)
            hint = f"did you mean '{near[0]}'?" if near else f"commands: {', '.join(COMMANDS)}"
            raise click.UsageError(f"there is no command '{args[0]}'; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="facetgap", message="%(prog)s %(version)s")
@click.pass_context
def facetgap(context: click.Context) -> None:
    """Why can't I pop my back? Ligament strain and facet-joint gapping of the lumbar spine.

    A case file says what is loaded how; `facetgap run CASE` solves it. Research and teaching only: not
    medical advice.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code (0 ok, 1 bug, 2 input, 3 not converged, 4 missed, 5 tool)."""
    _raise_on_termination()
    try:
        outcome = facetgap.main(
            args=list(arguments) if arguments is not None else None,
            prog_name="facetgap",
            standalone_mode=False,
        )
        return outcome if isinstance(outcome, int) else 0
    except Terminated:
        return _say("terminated", EXIT_TERMINATED)
    except (KeyboardInterrupt, click.Abort) as stop:
        if isinstance(stop.__cause__, Terminated):  # click turns every KeyboardInterrupt into Abort
            return _say("terminated", EXIT_TERMINATED)
        return _say("interrupted", EXIT_INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:
        return _report(error)


def _report(error: Exception) -> int:
    """Say what went wrong in one place, and return the exit code that belongs to it."""
    if isinstance(error, click.ClickException):
        _say_usage(error)
        return EXIT_USAGE
    if isinstance(error, InputError):
        click.echo("\n".join(error.lines()), err=True)
        return error.exit_code
    if isinstance(error, FacetgapError):
        return _say(str(error), error.exit_code)
    if isinstance(error, MemoryError):
        return _say(_no_memory(error), EXIT_USAGE)
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("fem"):
        return _say(_missing_package(str(error.name)), MissingToolError.exit_code)
    return _say(
        f"this is a bug ({type(error).__name__}: {_first_line(error)}); details in {_log(error)}", EXIT_BUG
    )


def _say_usage(error: click.ClickException) -> None:
    context = error.ctx if isinstance(error, click.UsageError) else None
    _say(error.format_message(), EXIT_USAGE)
    if context is not None:
        click.echo(f"for help: {context.command_path} --help", err=True)


def _say(sentence: str, code: int) -> int:
    click.echo(f"facetgap: {'error: ' if code <= MissingToolError.exit_code else ''}{sentence}", err=True)
    return code


def _no_memory(error: MemoryError) -> str:
    reason = f" ({_first_line(error)})" if str(error) else ""
    return (
        f"this needs more memory than there is{reason}; choose a coarser mesh (--set spine.resolution=coarse), "
        "fewer runs at once (-j), or a machine with more"
    )


def _missing_package(name: str) -> str:
    package = name.partition(".")[0]
    wanted = "'facetgap[view]'" if package in ("pyvista", "vtk", "vtkmodules") else package
    return f"the Python package '{package}' is not installed; install it with: pip install {wanted}"


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else "no message"


def _log(error: Exception) -> str:
    with tempfile.NamedTemporaryFile(
        "w", prefix="facetgap-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        log.write(f"facetgap {__version__}: {' '.join(sys.argv)}\n")
        traceback.print_exception(error, file=log)
    return log.name


def _raise_on_termination() -> None:
    def stop(number: int, frame: FrameType | None) -> Any:
        raise Terminated

    try:
        signal.signal(signal.SIGTERM, stop)
    except ValueError:
        return  # not the main thread: the host program owns its signals
