"""Which way the imports go, how large files may be, and what importing the package must not load."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "fem"
FILES = sorted(PACKAGE.rglob("*.py"))

#: A module imports from its left only. Results know nothing of cases; a case names quantities of their catalogue.
ORDER = (
    "errors", "arrays", "tensors", "threads", "units", "parameters", "quantities", "document", "literature", "anatomy",
    "mesh", "materials", "gas", "elements", "film", "terms", "structures", "system", "solver", "mechanics", "results",
    "compare", "case", "observe", "figures", "report", "runner", "explain", "sensitivity", "calibrate", "validate",
    "benchmark", "doctor", "cli", "__main__",
)  # fmt: skip

#: Folder -> what its modules may import from the package, sharper than the order.
ONLY = {
    "materials": {"materials", "arrays", "tensors", "parameters", "errors"},
    "solver": {"solver", "system", "elements", "arrays", "errors", "tensors"},
    "film": {"film", "literature", "parameters", "arrays", "errors"},
}

#: Third-party package -> the parts of `fem` that may import it.
CONFINED = {
    "pydantic": {"quantities", "document", "anatomy", "case", "calibrate", "sensitivity"},
    "pydantic_core": {"quantities", "document", "anatomy", "case"},
    "ruamel": {"document", "case"},
    "meshio": {"mesh"},
    "click": {"cli"},
    "pyarrow": {"results"},
    "pyvista": {"results"},
    "matplotlib": {"results", "figures"},
    "jinja2": {"report"},
    "SALib": {"sensitivity"},
}

HEAVY = ("numba", "skfem", "scipy", "meshio", "pyvista", "vtk", "rslab", "matplotlib")


def layer_of(file: Path) -> str:
    """Return the part of the package that a file belongs to."""
    return file.relative_to(PACKAGE).with_suffix("").parts[0]


def imported_modules(source: str) -> Iterator[str]:
    """Yield every module that a source text imports, wherever the import stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module or ''}"


def wrong_imports(source: str, layer: str) -> list[str]:
    """Return the imports of a module of `layer` that break a rule."""
    wrong = []
    for module in imported_modules(source):
        parts = module.split(".")
        if module.startswith("."):
            wrong.append(f"{module} (imports are absolute)")
        elif parts[0] == "fem" and len(parts) > 1:
            allowed = ONLY.get(layer, set(ORDER[: ORDER.index(layer) + 1]))
            if parts[1] not in allowed:
                wrong.append(module)
        elif layer not in CONFINED.get(parts[0], {layer}):
            wrong.append(module)
    return wrong


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(PACKAGE)) for file in FILES])
def test_a_module_imports_from_its_left_only(file: Path) -> None:
    layer = layer_of(file)
    if layer == "__init__":
        assert not [
            name
            for name in imported_modules(file.read_text())
            if name.split(".")[0] not in ("fem", "importlib")
        ]
        return
    assert layer in ORDER
    assert wrong_imports(file.read_text(), layer) == []


@pytest.mark.parametrize(
    ("source", "layer"),
    [
        ("from fem.case.schema import Case", "terms"),
        ("def f():\n    import fem.cli.main", "case"),
        ("from fem.literature import load", "materials"),
        ("from .units import parse_quantity", "units"),
        ("import pydantic", "terms"),
        ("from meshio import read", "results"),
    ],
)
def test_the_rule_sees_a_wrong_import(source: str, layer: str) -> None:
    assert wrong_imports(source, layer)


#: Lines without docstring that a function may have; a compiled kernel cannot be cut up without cost.
LONGEST, LONGEST_KERNEL = 40, 80


def long_functions(source: str) -> list[tuple[str, int]]:
    """Return (name, lines without docstring) of every function that is too long."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            lines = (node.end_lineno or 0) - first.lineno + 1
            compiled = any("njit" in ast.unparse(mark) for mark in node.decorator_list)
            if lines > (LONGEST_KERNEL if compiled else LONGEST):
                found.append((node.name, lines))
    return found


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(PACKAGE)) for file in FILES])
def test_files_and_functions_stay_small(file: Path) -> None:
    source = file.read_text()
    assert len(source.splitlines()) <= 300
    assert long_functions(source) == []


def test_the_budget_sees_a_long_function() -> None:
    body = "\n".join(f"    x = {n}" for n in range(41))
    assert long_functions(f'def long():\n    """Doc."""\n{body}\n') == [("long", 41)]
    assert long_functions(f"@njit(cache=True)\ndef kernel():\n{body}\n") == []


@pytest.mark.parametrize(
    "statement",
    [
        "import fem",
        "import fem.cli.main",
        "from fem.cli.main import main; assert main(['--help']) == 0",
        "from fem.cli.main import main; assert main(['schema']) == 0",
        "from fem.cli.main import main; assert main(['check', 'cases/moments/flexion.yaml']) == 0",
        "from fem.cli.main import main; assert main(['check', 'cases/manipulation/thrust_l45_guarded.yaml']) == 0",
    ],
)
def test_light_commands_load_nothing_heavy(statement: str) -> None:
    script = f"{statement}\nimport sys\nprint('LOADED', *[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PACKAGE.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].strip() == "LOADED"
