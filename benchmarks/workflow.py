"""Time the workflow as its users run it: from empty results, with nothing to do, with open data.

    .venv/bin/python benchmarks/workflow.py [--mirror FOLDER] [--json FILE]

Each run happens in a copy of the project's files, with the set-up done. CPU seconds are those of
all processes together; wall time depends on what else the machine does. The same work done by R is
not timed here: no script of it exists yet.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMITS = {"default run": 30.0, "nothing to do": 4.0}


def copy_project(target: Path) -> None:
    """Copy what git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        source, copied = ROOT / name, target / name
        if source.is_file():
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_bytes(source.read_bytes())


def timed(folder: Path, arguments: list[str], mirror: Path | None) -> dict[str, float]:
    """CPU and wall seconds of one Snakemake run, all processes together."""
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if mirror:
        environment["HOWLOW_MIRROR"] = str(mirror.resolve())
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", "--quiet", "all", *arguments],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu_s": round(cpu, 2), "wall_s": round(wall, 2)}


def main() -> None:
    """Time the runs, print a table, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", type=Path, help="folder that serves the open data")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "howlow"
        copy_project(folder)
        found["default run"] = timed(folder, [], options.mirror)
        found["nothing to do"] = timed(folder, [], options.mirror)
        if options.mirror:
            more = ["--configfile", "config/open-data.yaml"]
            found["open data added"] = timed(folder, more, options.mirror)
    print(f"{'run':18}{'CPU s':>8}{'wall s':>8}{'limit, CPU s':>14}")
    for name, row in found.items():
        limit = LIMITS.get(name)
        shown = f"{limit:.0f}" if limit else "-"
        print(f"{name:18}{row['cpu_s']:8.1f}{row['wall_s']:8.1f}{shown:>14}")
    if options.json:
        machine = {"python": platform.python_version(), "system": platform.system()}
        text = json.dumps({"machine": machine, "cores": 2, "runs": found}, indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
