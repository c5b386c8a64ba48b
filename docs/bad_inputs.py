"""Input that the program must refuse, by what is wrong with it: for docs/reliability.md and its test."""

# ruff: noqa: E501 - one input a line

from dataclasses import dataclass, field
from typing import Final

#: A case that is accepted; each entry below changes a piece of it, or puts a file beside it.
GOOD: Final = """version: 1
title: A case of mine
spine: {anatomy: meshes/lumbar.yaml, levels: L4-L5}
target: L4-L5 left
phases:
  - {name: settle}
  - name: bend
    loads:
      - {kind: moment, on: L4, motion: flexion, value: 7.5 N m}
"""
_PUSH: Final = "{kind: thrust, on: L4, direction: [1, 0, 0], %s}"
_LOAD: Final = "{kind: moment, on: L4, motion: flexion, value: 7.5 N m}"
_PATTERN: Final = """version: 1
name: mine
source: judgement
kind: assumed
note: an example
rules:
  - {groups: [multifidus], share: 1}
"""
_TABLE: Final = "time_ms,force_N\n0,80\n100,400\n200,80\n"
_DATUM: Final = 'scope = "x"\nsource = "heuer_2007"\nkind = "measured"\nlocator = "Table 1"\n'


@dataclass(frozen=True)
class Bad:
    """What is given, and how: a piece of `GOOD` replaced, files put beside it, the command line that reads them."""

    given: str
    old: str = ""
    new: str = ""
    files: dict[str, str | bytes] = field(default_factory=dict)
    command: tuple[str, ...] = ("check", "my_case.yaml")
    data: str = ""


def case(given: str, old: str, new: str, **files: str) -> Bad:
    """Return a case with one piece replaced."""
    return Bad(given, old, new, {name.replace("__", "."): text for name, text in files.items()})


def whole(given: str, text: str | bytes, **files: str) -> Bad:
    """Return a case file that holds `text` alone."""
    return Bad(
        given, files={"my_case.yaml": text, **{name.replace("__", "."): t for name, t in files.items()}}
    )


def typed(given: str, *words: str) -> Bad:
    """Return a command line."""
    return Bad(given, command=words)


def thrust(given: str, what: str, kind: str = "dynamic", **files: str) -> Bad:
    """Return a case with a thrust."""
    found = case(given, _LOAD, _PUSH % what, **files)
    return Bad(
        found.given,
        "    loads:\n      - " + _LOAD,
        f"    kind: {kind}\n    loads:\n      - {_PUSH % what}",
        found.files,
    )


def table(given: str, old: str, new: str) -> Bad:
    """Return a case whose thrust follows a force table with one piece replaced."""
    return thrust(given, "table: push.csv", push__csv=_TABLE.replace(old, new) if old else new)


def pattern(given: str, old: str, new: str) -> Bad:
    """Return a case that guards by a pattern file with one piece replaced."""
    guarded = "levels: L1-S1}\nmuscles: {guarding: mine.yaml, level: 0.1}"
    found = case(given, "levels: L4-L5}", guarded, mine__yaml=_PATTERN.replace(old, new))
    return Bad(found.given, found.old, found.new, found.files)


def data(given: str, line: str) -> Bad:
    """Return a data file with a line added."""
    return Bad(given, data=_DATUM + line + "\n")


INPUTS: Final[dict[str, tuple[Bad, ...]]] = {
    "Any file": (
        typed("no such file, a near name", "check", "my_csae.yaml"),
        typed("no such file or folder", "check", "nowhere/x.yaml"),
        typed("a folder in place of a file", "show", "meshes/"),
        typed("a device, a pipe", "check", "/dev/zero"),
        whole("an empty file", ""),
        whole("a truncated file", GOOD[:65]),
        whole("another encoding", b"version: 1\ntitle: caf\xe9\n"),
        whole("a picture, a program", b"\x89PNG\r\n\x1a\n\x00"),
        whole("a control character", "version: 1\ntitle: a\0b\n"),
        whole("more than 1 MB", "# " + "x" * 1_000_001),
        whole("200,000 values", "phases: [" + "1," * 200_000),
        whole("5,000 brackets", "phases: " + "[" * 5000),
        whole("aliases of aliases", "\n".join(
            ["a: &a [x, x, x, x, x, x, x, x, x]"]
            + [f"{y}: &{y} [*{x} , *{x} , *{x} , *{x} , *{x} , *{x} , *{x} , *{x} , *{x} ]" for x, y in zip("abcde", "bcdef", strict=True)])),
        whole("an alias of itself", "phases: &a [*a]\n"),
        whole("a list", "- 1\n- 2\n"),
        whole("two documents", GOOD + "---\nversion: 1\n"),
    ),
    "YAML": (
        case("a tab", "  - {name: settle}", "\t- {name: settle}"),
        case("a second colon", "A case of mine", "Mine: the case"),
        case("an open quotation mark", "A case of mine", "'A case of mine"),
        case("a key twice", "target: L4-L5 left", "target: L4-L5 left\ntitle: x"),
        case("a merge key", "target: L4-L5 left", "<<: {target: L4-L5 left}"),
        case("a list as a key", "target:", "[target]:"),
        case("a tag that would run code", "L4-L5 left", "!!python/object/apply:os.system [ls]"),
        case("a character that cannot be printed", "A case of mine", '"a\\u0007"'),
    ),
    "Keys and values": (
        case("a misspelt key", "target:", "tagret:"),
        case("a key that is nothing like any", "target:", "colour:"),
        case("a required key left out", "title: A case of mine\n", ""),
        case("neither spine nor problem", "spine: {anatomy: meshes/lumbar.yaml, levels: L4-L5}\n", ""),
        case("a misspelt word", "kind: moment", "kind: momment"),
        case("a kind left out", "kind: moment, ", ""),
        case("text for a number", "title", "repeat: often\ntitle"),
        case("a part for a whole number", "title", "repeat: 1.5\ntitle"),
        case("a number out of range", "title", "repeat: 5000\ntitle"),
        case("a list for a group", "meshes/lumbar.yaml, levels: L4-L5}", "meshes/lumbar.yaml, modify: [1]}"),
        case("an empty value", "levels: L4-L5", "resolution: "),
        case("an empty section", "spine: {anatomy: meshes/lumbar.yaml, levels: L4-L5}", "spine:"),
        case("an empty list", "  - {name: settle}\n  - name: bend\n    loads:\n      - " + _LOAD, "  []"),
        case("two phases of one name", "name: bend", "name: settle"),
        case("1,000 phases", GOOD[GOOD.index("phases:") :], "phases: [" + "{name: a}, " * 1000 + "]\n"),
    ),
    "Numbers and units": (
        case("no unit", "7.5 N m", "7.5"),
        case("a unit of something else", "7.5 N m", "7.5 mm"),
        case("a unit in the wrong case", "7.5 N m", "7.5 n m"),
        case("a unit that is none", "7.5 N m", "7.5 furlong"),
        case("a decimal comma", "7.5 N m", '"7,5 N m"'),
        case("no number", "7.5 N m", "strong"),
        case("not a number", "7.5 N m", ".nan N m"),
        case("beyond the largest number", "7.5 N m", "1e400 N m"),
        case("a slip of the exponent", "7.5 N m", "7.5e30 N m"),
        case("a negative time", "name: bend", "name: bend\n    duration: -1 s"),
        case("a time that is nearly nothing", "name: bend", "name: bend\n    duration: 1e-30 s"),
        case("a share above one", "title", "solver: {first_step: 1.5}\ntitle"),
        case("5,000 digits", "title", f"repeat: {'9' * 5000}\ntitle"),
        case("steps out of order", "title", "solver: {first_step: 1e-4}\ntitle"),
    ),
    "Names": (
        case("a joint of another level", "L4-L5 left", "L1-L2 left"),
        case("a range upside down", "levels: L4-L5", "levels: L5-L4"),
        case("no vertebrae", "levels: L4-L5", "levels: C1-C2"),
        case("a ligament that is none", "levels: L4-L5", "levels: L4-L5, without: [ACL]"),
        case("a level outside the model", "levels: L4-L5", "levels: L4-L5, modify: {L1-L2: {disc_stiffness: 2}}"),
        case("a disc without stiffness", "levels: L4-L5", "levels: L4-L5, modify: {L4-L5: {disc_stiffness: 0}}"),
        case("a load on the fixed vertebra", "on: L4", "on: L5"),
        case("a load outside the model", "on: L4", "on: L2"),
        case("a load on a body that is none", "on: L4", "on: L6"),
        case("a landmark that is none", _LOAD, "{kind: force, on: L4, landmark: mamillary process right, direction: [1, 0, 0], value: 9 N}"),
        case("a direction without length", _LOAD, "{kind: force, on: L4, direction: [0, 0, 0], value: 9 N}"),
        case("one load twice", _LOAD, f"{_LOAD}\n      - {_LOAD}"),
        case("a parameter set that is none", "title", "parameters: {disc: disc/gruber}\ntitle"),
        case("a parameter that is none", "title", "parameters: {disc: disc/gruber_2024, override: {disc: {annulus.C1O: 1 MPa}}}\ntitle"),
        case("a parameter in another unit", "title", "parameters: {disc: disc/gruber_2024, override: {disc: {annulus.C10: 1 mm}}}\ntitle"),
        case("a parameter beyond sense", "title", "parameters: {disc: disc/gruber_2024, override: {disc: {annulus.C10: 1e30 MPa}}}\ntitle"),
        case("a size below 0", "title", "parameters: {disc: disc/gruber_2024, override: {disc: {annulus.C10: -5 MPa}}}\ntitle"),
        case("a quantity that is none", "title", "expect: [{quantity: levels.L4-L5.flexoin_deg, between: [1 deg, 2 deg], kind: analytic, source: x}]\ntitle"),
        case("a range upside down", "title", "expect: [{quantity: levels.L4-L5.flexion_deg, between: [9 deg, 2 deg], kind: analytic, source: x}]\ntitle"),
    ),
    "Thrusts, muscles, film": (
        thrust("a thrust in a static phase", "peak: 400 N, time_to_peak: 150 ms", "static"),
        thrust("no size", "time_to_peak: 150 ms"),
        thrust("no time", "peak: 400 N"),
        thrust("faster than is resolved", "peak: 400 N, time_to_peak: 1 ms"),
        thrust("longer than its phase", "peak: 400 N, time_to_peak: 2 s"),
        thrust("a preload above the peak", "peak: 100 N, preload: 200 N, time_to_peak: 150 ms"),
        thrust("a thrust that pulls", "peak: -400 N, time_to_peak: 150 ms"),
        case("muscles on part of the spine", "target:", "muscles: {guarding: relaxed}\ntarget:"),
        case("a pattern that is none", "levels: L4-L5}", "levels: L1-S1}\nmuscles: {guarding: bilatral, level: 0.1}"),
        case("a pattern without level", "levels: L4-L5}", "levels: L1-S1}\nmuscles: {guarding: bilateral}"),
        case("more than full activation", "levels: L4-L5}", "levels: L1-S1}\nmuscles: {guarding: bilateral, level: 15}"),
        case("a muscle that is none", "levels: L4-L5}", "levels: L1-S1}\nmuscles: {activation: {multifidis left: 0.1}}"),
        case("a film where nothing moves", "target:", "film: {}\ntarget:"),
    ),
    "Files that a case names": (
        case("a recipe that is not there", "meshes/lumbar.yaml", "meshes/lumber.yaml"),
        case("a recipe outside the project", "meshes/lumbar.yaml", "/etc/passwd"),
        case("a base outside the project", "title: A case of mine", "extends: ../../base.yaml"),
        case("a base that is not there", "title: A case of mine", "extends: base.yaml"),
        case("files that extend each other", "title: A case of mine", "extends: b.yaml", b__yaml="extends: my_case.yaml\n"),
        case("a fault in the base", "title: A case of mine", "extends: b.yaml", b__yaml="titel: x\n"),
        thrust("a table that is not there", "table: push.csv"),
        Bad("a fault in the recipe", "meshes/lumbar.yaml", "recipe.yaml", {"recipe.yaml": "RECIPE:curvature_radius:curvature_radus"}),
        Bad("a source that the recipe does not list", "meshes/lumbar.yaml", "recipe.yaml", {"recipe.yaml": "RECIPE:source: panjabi-1992:source: panjabi-1993"}),
        Bad("a measure beyond sense", "meshes/lumbar.yaml", "recipe.yaml", {"recipe.yaml": "RECIPE:curvature_radius: 25 mm:curvature_radius: 25e9 mm"}),
        Bad("a unit that is none", "meshes/lumbar.yaml", "recipe.yaml", {"recipe.yaml": "RECIPE:curvature_radius: 25 mm:curvature_radius: 25 km"}),
    ),
    "Force tables": (
        table("an empty table", "", ""),
        table("no header", "time_ms,force_N\n", ""),
        table("a header without units", "force_N", "force"),
        table("a unit of something else", "force_N", "force_kg"),
        table("semicolons", ",", ";"),
        table("a missing column", "time_ms,force_N", "force_N"),
        table("no number", "100,400", "100,much"),
        table("an empty cell", "100,400", "100,"),
        table("not a number", "100,400", "100,nan"),
        table("a force beyond sense", "100,400", "100,4e30"),
        table("a decimal comma", "100,400", "100,400,5"),
        table("time that goes back", "200,80", "50,80"),
        table("a jump", "100,400", "1,400"),
        table("one row", "100,400\n200,80\n", ""),
        table("100,000 rows", "200,80", "200,80\n" * 100_000),
    ),
    "Guarding patterns": (
        pattern("a misspelt key", "share", "shaer"),
        pattern("a muscle that is none", "[multifidus]", "[multifidis]"),
        pattern("a share above one", "share: 1", "share: 2"),
        pattern("a source that is none", "judgement", "hodges_1996"),
        pattern("a judgement that claims to be measured", "assumed", "measured"),
        pattern("a target where the case has none", "groups: [multifidus]", "groups: [multifidus], sides: [targt]"),
    ),
    "Data files": (
        data("no TOML", "a = "),
        data("a misspelt key", 'sorce = "heuer_2007"'),
        data("a misspelt key of a number", 'a = { value = 3.0, unit = "mm", locater = "p. 3" }'),
        data("no unit", "a = { value = 3.0 }"),
        data("a unit that is none", 'a = { value = 3.0, unit = "mn" }'),
        data("a bare number", "a = 3.0"),
        data("a source that is none", 'a = { value = 3.0, unit = "mm", source = "heuer_2070" }'),
        data("an assumption without a reason", 'a = { value = 3.0, unit = "mm", kind = "assumed" }'),
        data("a value outside its band", 'a = { value = 3.0, unit = "mm", low = 4.0 }'),
        data("a number beyond sense", 'a = { value = 1e300, unit = "mm" }'),
    ),
    "Command line": (
        typed("a misspelt command", "chekc", "my_case.yaml"),
        typed("a misspelt option", "check", "--jsno", "my_case.yaml"),
        typed("nothing to check", "check"),
        typed("an override without value", "check", "my_case.yaml", "--set", "title"),
        typed("an override of a misspelt key", "check", "my_case.yaml", "--set", "spine.levles=L1-S1"),
        typed("an item that is not there", "check", "my_case.yaml", "--set", "phases[7].name=x"),
        typed("a list where there is none", "check", "my_case.yaml", "--set", "title[0]=x"),
        typed("a folder without cases", "check", "empty"),
        typed("a case for a mesh without spine", "mesh", "check", "my_case.yaml", "--resolution", "finer"),
        typed("a result that is none", "report", "meshes"),
    ),
}  # fmt: skip
