"""What is compared with what, as `comparisons.toml` declares it. Numbers of experiments stay in their data files."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fem.errors import ParameterError
from fem.literature import Datum, available, load
from fem.validate.terms import Term, read_term

_FILE: Final = "comparisons.toml"
RELATIONS: Final = ("within", "at most", "at least")
_LISTS: Final = ("plus", "minus", "over", "over_minus")


@dataclass(frozen=True, slots=True)
class Run:
    """A case to solve for the comparisons: file under the folder of cases, overrides, and whether its mesh is fixed."""

    name: str
    case: str
    overrides: tuple[str, ...] = ()
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """One number of the model beside one published number.

    Attributes
    ----------
    key, what, group : stable name; in words; key of its group.
    plus, minus : terms; the number is `factor` (Σ plus - Σ minus), with `largest` the largest of `plus` in place of Σ.
    over, over_minus : terms it is divided by, the largest of `over` less Σ `over_minus`; undivided without.
    data, datum : parameter set of the experiment and the key in it.
    relation : within its band, at most or at least its value.
    tolerance : accepted share to both sides of a value that has no band, 0 for none.
    end : ``low`` or ``high`` where that end of the band is the limit of `at most` and `at least`.
    fitted : whether parameters of the model were fitted to this number.
    note : what a reader must know.
    """

    key: str
    what: str
    group: str
    plus: tuple[Term, ...]
    minus: tuple[Term, ...]
    over: tuple[Term, ...]
    over_minus: tuple[Term, ...]
    data: str
    datum: str
    relation: str = "within"
    tolerance: float = 0.0
    end: str = ""
    factor: float = 1.0
    largest: bool = False
    fitted: bool = False
    note: str = ""

    @property
    def terms(self) -> tuple[Term, ...]:
        """Return every term."""
        return (*self.plus, *self.minus, *self.over, *self.over_minus)

    def published(self) -> Datum:
        """Return the datum of the experiment."""
        return load(self.data).datum(self.datum)


@dataclass(frozen=True, slots=True)
class Listing:
    """A row of level shares: `term` with LEVEL in it for a run, or a list of a data file."""

    what: str
    term: str = ""
    data: str = ""
    datum: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """A number of the model that nothing was published on; it is shown with its numerical band."""

    key: str
    what: str
    term: Term


@dataclass(frozen=True, slots=True)
class Declared:
    """Everything that the data file declares; `key` changes with it and with the experiments."""

    runs: Mapping[str, Run]
    groups: Mapping[str, str]
    comparisons: tuple[Comparison, ...]
    shares: tuple[Listing, ...]
    headlines: tuple[Headline, ...]
    levels: tuple[str, ...]
    key: str


@cache
def declared() -> Declared:
    """Return what is shipped."""
    return parse(files("fem.validate").joinpath(_FILE).read_text(encoding="utf-8"))


def parse(text: str) -> Declared:
    """Return what a text declares.

    Raises
    ------
    ParameterError
        For a run, group, term or datum that is not there, or a key that is not known.
    """
    table = tomllib.loads(text)
    runs = {name: _run(name, entry) for name, entry in table["runs"].items()}
    comparisons = tuple(one for entry in table["comparison"] for one in _each(entry))
    for one in comparisons:
        _check(one, runs, table["groups"])
    if len({one.key for one in comparisons}) < len(comparisons):
        raise ParameterError(f"{_FILE}: two comparisons have the same key")
    shares = tuple(Listing(**entry) for entry in table.get("share", ()))
    headlines = tuple(
        Headline(entry["key"], entry["what"], read_term(entry["term"])) for entry in table.get("headline", ())
    )
    levels, key = tuple(table.get("levels", ())), _key(text, comparisons)
    return Declared(runs, table["groups"], comparisons, shares, headlines, levels, key)


def _run(name: str, entry: Mapping[str, Any]) -> Run:
    """Return a run; with `moments` its phases are those moments one after the other, named m1, m2.5 …"""
    overrides = list(entry.get("set", ()))
    if "moments" in entry:
        load = f"kind: moment, on: {entry['on']}, motion: {entry['motion']}"
        phases = [f"{{name: m{m:g}, loads: [{{{load}, value: {m:g} N m}}]}}" for m in entry["moments"]]
        overrides.append(f"phases=[{', '.join(phases)}]")
    return Run(name, entry["case"], tuple(overrides), entry.get("fixed", False))


def _each(entry: Mapping[str, Any]) -> Iterator[Comparison]:
    """Yield a comparison, or one for each entry of `each`: a word for EACH, or a table of words, in all its texts."""
    rest = {key: value for key, value in entry.items() if key != "each"}
    for words in entry.get("each", [{}]):
        yield _comparison(_put(rest, words if isinstance(words, dict) else {"EACH": words}))


def _put(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for name, word in words.items():
            value = value.replace(name, word)
        return value
    if isinstance(value, list):
        return [_put(item, words) for item in value]
    return {key: _put(item, words) for key, item in value.items()} if isinstance(value, dict) else value


def _comparison(entry: Mapping[str, Any]) -> Comparison:
    known = {field.name for field in fields(Comparison)}
    if odd := sorted(set(entry) - known):
        raise ParameterError(f"{_FILE}: {entry.get('key')}: there is no key '{odd[0]}'")
    terms = {name: tuple(read_term(text) for text in entry.get(name, ())) for name in _LISTS}
    return Comparison(**{**entry, **terms})


def _check(one: Comparison, runs: Mapping[str, Run], groups: Mapping[str, str]) -> None:
    if one.group not in groups or one.relation not in RELATIONS or one.end not in ("", "low", "high"):
        raise ParameterError(f"{_FILE}: {one.key}: unknown group, relation or end")
    if odd := [term.run for term in one.terms if term.run not in runs]:
        raise ParameterError(f"{_FILE}: {one.key}: there is no run '{odd[0]}'")
    if not one.plus and not one.minus:
        raise ParameterError(f"{_FILE}: {one.key}: it has no term")
    if one.data not in available():
        raise ParameterError(f"{_FILE}: {one.key}: there is no data file '{one.data}'")
    one.published()


def _key(text: str, comparisons: tuple[Comparison, ...]) -> str:
    """Return eight letters that stand for the declarations and the published numbers that they name."""
    data = [str(one.published().entry()) for one in comparisons]
    return hashlib.sha256("\n".join([text, *data]).encode()).hexdigest()[:8]
