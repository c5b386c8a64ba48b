"""The real ParaView opens a result with every part, muscles included."""

import json
import shutil
import subprocess

import pytest

PVPYTHON = shutil.which("pvpython")
PROBE = """
import json, sys
from paraview.simple import *
reader = OpenDataFile(sys.argv[1])
last = ForceTime(Input=reader)
last.ForcedTime = reader.TimestepValues[-1]
data = servermanager.Fetch(last)
while data.GetNumberOfBlocks() == 1 and hasattr(data.GetBlock(0), "GetNumberOfBlocks"):
    data = data.GetBlock(0)
parts = {}
for number in range(data.GetNumberOfBlocks()):
    cells = data.GetBlock(number).GetCellData()
    names = [cells.GetArrayName(i) for i in range(cells.GetNumberOfArrays())]
    parts[data.GetMetaData(number).Get(data.NAME())] = [data.GetBlock(number).GetCellType(0), names]
print("TOLD" + json.dumps([list(reader.TimestepValues), parts]))
"""


@pytest.mark.skipif(PVPYTHON is None, reason="ParaView (pvpython) is not installed")
def test_paraview_lists_every_part_with_its_arrays(finished, tmp_path):
    script = tmp_path / "probe.py"
    script.write_text(PROBE)
    done = subprocess.run(
        [PVPYTHON, str(script), str(finished / "results.pvd")], capture_output=True, text=True, check=False
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith("TOLD")), None)
    assert line, done.stderr[-2000:]
    times, parts = json.loads(line.removeprefix("TOLD"))
    assert times == [0.0, 0.25, 0.5, 0.75]
    assert list(parts) == ["bone", "disc", "ligaments", "muscles", "facets"]
    kind, names = parts["muscles"]
    assert kind == 4, "one poly-line a fascicle"
    assert {"activation", "force", "fascicle", "group", "side"} <= set(names)
    assert {"strain", "level", "ligament"} <= set(parts["ligaments"][1])
