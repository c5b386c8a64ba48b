import io

import pytest
from fake_spine import LEVELS, fake_cavitation, fake_model, fake_record

from fem.results.cavitation import merged
from fem.results.expect import Expectation, judge
from fem.results.progress import Progress, wants_colour
from fem.results.screen import result_table
from fem.results.summary import Outcome, SummaryBuilder


@pytest.fixture
def summary():
    builder = SummaryBuilder()
    for step in range(4):
        builder.add(fake_record(step))
    summary = builder.build(fake_model(), Outcome("complete", 1.5))
    wanted = [Expectation("levels.L4-L5.flexion_deg", low, 10, "published") for low in (0, 9.5)]
    return {**summary, "expect": [verdict.entry() for verdict in judge(wanted, summary)]}


def with_five_levels(summary):
    levels = ("L1-L2", "L2-L3", "L3-L4", *LEVELS)
    return {
        **summary,
        "levels": dict.fromkeys(levels, summary["levels"]["L5-S1"]),
        "ligaments": dict.fromkeys(levels, summary["ligaments"]["L5-S1"]),
        "facets": {f"{level} left": summary["facets"]["L5-S1 left"] for level in levels},
    }


@pytest.mark.parametrize("width", [20, 60, 80, 120, 300])
def test_no_line_is_wider_than_the_terminal(summary, width):
    for text in (result_table(summary, width), result_table(with_five_levels(summary), width)):
        assert max(len(line) for line in text.splitlines()) <= max(width, 60)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_number_survives_every_width(summary, width):
    text = result_table(with_five_levels(summary), width)
    line = next(line for line in text.splitlines() if line.startswith("ITL right"))
    assert line.split()[2:7] == ["103.0!"] * 5
    for words in (
        "reference length",
        "! over limit",
        "flexion",
        "disc p",
        "gap mean",
        "18 Newton iterations",
    ):
        assert words in text
    assert "-0.00" not in text


def test_muscles_stand_by_group_with_their_sides_and_a_mark_for_the_injured(summary):
    line = next(line for line in result_table(summary).splitlines() if line.startswith("psoas"))
    assert line.split() == ["psoas", "15.0", "0.0", "36.0", "0.5", "6.0!", "0.0"]
    assert "! fibres past their injury strain" in result_table(summary)
    calm = {name: {**entry, "over_limit": 0} for name, entry in summary["muscles"].items()}
    assert "injury" not in result_table({**summary, "muscles": calm})
    assert "Muscles" not in result_table({**summary, "muscles": {}})
    one_side = {"psoas left": summary["muscles"]["psoas left"]}
    assert next(
        line
        for line in result_table({**summary, "muscles": one_side}).splitlines()
        if line.startswith("psoas")
    ).split() == ["psoas", "15.0", "-", "36.0", "-", "6.0!", "-"]


def test_wide_terminals_show_forces_too(summary):
    assert "L4-L5 [N]" in result_table(summary, 120)
    assert "L4-L5 [N]" not in result_table(summary, 80)


def test_colour_changes_no_word(summary):
    plain, coloured = result_table(summary, 80), result_table(summary, 80, colour=True)
    assert "\x1b" not in plain
    assert coloured != plain
    for code in ("\x1b[1m", "\x1b[31m", "\x1b[0m"):
        coloured = coloured.replace(code, "")
    assert coloured == plain
    assert "MISSED levels.L4-L5.flexion_deg" in plain


def test_numbers_of_verification_problems_are_shown():
    summary = SummaryBuilder().build(None, Outcome("complete", 0.5), {"cable": {"tension_N": 12.345678}})
    assert result_table(summary).startswith("cable.tension_N = 12.3457\n")


def test_a_run_without_steps_prints_its_status():
    text = result_table(SummaryBuilder().build(None, Outcome("failed", 0.5)))
    assert text == "failed, 0.5 s\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_pipe_gets_a_plain_line_every_ten_seconds_at_most():
    stream, clock = io.StringIO(), Clock()
    progress = Progress(stream, clock)
    for second in range(25):
        clock.now = float(second)
        progress.update(f"step {second}")
    progress.close()
    assert stream.getvalue() == "step 0\nstep 10\nstep 20\n"


def test_a_terminal_gets_one_redrawn_line(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream, clock = Terminal(), Clock()
    progress = Progress(stream, clock)
    for second in range(3):
        clock.now = float(second)
        progress.update(f"step {second} " + "x" * 500)
    progress.close()
    text = stream.getvalue()
    assert "\n" not in text
    assert text.count("\r\x1b[K") == 4
    assert text.endswith("\r\x1b[K")
    assert all(len(piece) < 500 for piece in text.split("\r\x1b[K"))


def test_warnings_are_said_once_and_repeated_at_the_end():
    stream = io.StringIO()
    progress = Progress(stream, Clock())
    progress.warn("contact chatter")
    progress.warn("contact chatter")
    progress.note("step 3 done")
    assert progress.warnings == ("contact chatter",)
    progress.close()
    assert stream.getvalue() == "warning: contact chatter\nstep 3 done\n1 warning:\n  contact chatter\n"


def test_colour_only_on_a_terminal_and_without_no_color(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert wants_colour(Terminal())
    assert not wants_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Terminal())
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not wants_colour(Terminal())


@pytest.mark.parametrize("width", [60, 80, 120])
def test_verdicts_stand_by_joint_with_the_target_and_the_order(summary, width):
    told = {**merged(summary, fake_cavitation()), "target": "L4-L5 left"}
    text = result_table(told, width)
    assert max(len(line) for line in text.splitlines()) <= width
    flat = " ".join(text.split())
    assert "* target: undetermined, by volume; recess.volume decides most" in flat
    assert "in order: L5-S1 right, L4-L5 left" in flat
    assert "too small a cavity for a pop: L4-L5 right" in flat
    rows = [line.split() for line in text.splitlines()]
    assert any(row[:5] == ["L4-L5", "left", "*", "open", "0.60"] for row in rows)
    assert "cavitate" not in result_table(summary, width)
