"""What an installation has found: versions, threads, solver, compile cache, ParaView, room for results."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LEAST_ROOM: Final = 1e9
_THREADS: Final = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what it is about, what was found, and what to do where that is not as it should be."""

    about: str
    found: str
    advice: str = ""


def findings(results: Path) -> Iterator[Finding]:
    """Yield everything that is worth knowing about this installation; `results` is where results would go."""
    yield from _versions()
    yield _threads()
    yield _solver()
    yield _cache()
    yield _paraview()
    yield _pictures()
    yield _room(results)
    yield _data()


def _versions() -> Iterator[Finding]:
    from fem.results.provenance import machine, versions

    found = versions()
    import fem

    yield Finding("facetgap", f"{fem.__version__} in {Path(fem.__file__).parent}")
    yield Finding("Python", f"{found.pop('python')} on {machine()['system']}")
    found.pop("facetgap", None)
    missing = [name for name, version in found.items() if version == "not installed"]
    advice = f"install what is missing: pip install {' '.join(missing)}" if missing else ""
    yield Finding("libraries", ", ".join(f"{name} {version}" for name, version in found.items()), advice)


def _threads() -> Finding:
    import numba

    given = ", ".join(f"{name}={os.environ[name]}" for name in _THREADS if name in os.environ)
    cores = os.cpu_count() or 1
    used = int(numba.get_num_threads())
    return Finding("threads", f"{used} of {cores} cores" + (f" ({given})" if given else ""))


def _solver() -> Finding:
    from fem.results.provenance import versions

    found = versions()
    if found["rslab"] == "not installed":
        return Finding("linear solver", "rslab not found; every run needs it", "pip install rslab")
    return Finding(
        "linear solver", f"rslab {found['rslab']} (LDLt); SciPy {found['scipy']} (SuperLU) behind it"
    )


def writable(folder: Path) -> bool:
    """Return whether files can be made in a folder."""
    return os.access(folder, os.W_OK)


def _cache() -> Finding:
    from fem.elements.solid_kernels import stiffness
    from fem.system.compilation import kernels_compiled

    place = Path(stiffness.stats.cache_path)
    nearest = next(folder for folder in (place, *place.parents) if folder.exists())
    state = "kernels compiled" if kernels_compiled() else "the first run compiles for a minute or two"
    if writable(nearest):
        return Finding("compile cache", f"{place}, writable, {state}")
    advice = "every run compiles anew; let NUMBA_CACHE_DIR name a folder that can be written"
    return Finding("compile cache", f"{place}, cannot be written, {state}", advice)


def _paraview() -> Finding:
    found = {name: shutil.which(name) for name in ("paraview", "pvpython", "pvbatch")}
    if all(path is None for path in found.values()):
        return Finding("ParaView", "not found; needed for facetgap view only (apt-get install -y paraview)")
    return Finding("ParaView", ", ".join(f"{name} {path or 'not found'}" for name, path in found.items()))


def _pictures() -> Finding:
    from importlib import metadata

    try:
        return Finding("pictures", f"PyVista {metadata.version('pyvista')}")
    except metadata.PackageNotFoundError:
        return Finding(
            "pictures", "PyVista not found; needed for 3-D pictures only (pip install 'facetgap[view]')"
        )


def _room(results: Path) -> Finding:
    place = results.absolute()
    nearest = next(folder for folder in (place, *place.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free
    said = f"{place}, {free / 1e9:.1f} GB free"
    if not nearest.is_dir() or not writable(nearest):
        return Finding("results", f"{said}, cannot be written", "choose another folder with -o")
    advice = "a fine run with fields every 5 ms takes up to 1 GB; make room" if free < _LEAST_ROOM else ""
    return Finding("results", f"{said}, writable", advice)


def _data() -> Finding:
    from fem.errors import ParameterError
    from fem.literature import available, load

    faults, count = [], 0
    for name in available():
        try:
            count += len(load(name).data)
        except ParameterError as error:
            faults.append(str(error).splitlines()[0])
    said = f"{len(available())} sets, {count} numbers with their sources"
    return Finding("data", said, f"{faults[0]} (facetgap literature check tells all)" if faults else "")
