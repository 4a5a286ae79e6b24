"""Check large tables: 200,000 rows of 30 columns, long, and wide with 26 outcomes a row.

    python benchmarks/ingestion.py [--rows 200000] [--json FILE]

Each table goes through ``measure``, which makes the table of measurements, through the command
``howlow check``, and through ``howlow new``, which drafts a study.yaml for it; each in a process of
its own. Told are its wall-clock time, its CPU time and the most memory it ever held.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from howlow.config.study import Participants

SEED = 20261122
VISITS = {"baseline": 0, "mid": 8, "post": 16, "late": 30}
ARMS = ("control", "light", "heavy")
OUTCOMES = 26
CONFIG = Path(__file__).parents[1] / "config" / "config.yaml"
#: What a laptop should do it in.
MOST_SECONDS, MOST_GIGABYTES = 10.0, 1.0


def study(shape: str) -> dict[str, Any]:
    """Return the declaration of a made-up trial whose table is long or wide."""
    steps: list[dict[str, Any]] = []
    outcomes = [f"outcome_{number}" for number in range(OUTCOMES)]
    if shape == "wide":
        columns = {name: {"outcome": name} for name in outcomes}
        steps.append({"step": "reshape", "columns": columns})
    outcome = {"construct": "strength", "unit": "kg", "measure": "one_rm", "region": "legs"}
    return {
        "id": f"large-{shape}",
        "kind": "participants",
        "title": "A large made-up trial",
        "source": {"citation": "Made up", "licence": "CC0-1.0"},
        "population": {"description": "nobody"},
        "design": "parallel",
        "randomised": "yes",
        "arms": {arm: {"label": arm.title()} for arm in ARMS},
        "visits": {
            name: {
                "label": name.title(),
                "week": week,
                "phase": "training" if week else "baseline",
            }
            for name, week in VISITS.items()
        },
        "outcomes": {
            name: {**outcome, "label": f"Outcome {at}", "range": [0, 400]}
            for at, name in enumerate(outcomes)
        },
        "primary_outcome": outcomes[0],
        "contrasts": [{"contrast": "light - heavy", "question": "load"}],
        "at": ["post"],
        "tables": [{"file": "table.csv", "steps": steps}],
        "columns": {"sex": "sex", "age": "age"},
    }


def table(shape: str, rows: int) -> pd.DataFrame:
    """Return a table of so many rows and 30 (long) or 31 (wide) columns."""
    random = np.random.default_rng(SEED)
    outcomes = [f"outcome_{number}" for number in range(OUTCOMES)]
    # A person's values lie near each other, as real ones do.
    level = random.normal(100, 12, (rows, 1)).clip(60, 160)
    each = len(VISITS) * (OUTCOMES if shape == "long" else 1)
    person, place = np.divmod(np.arange(rows), each)
    people = int(person[-1]) + 1
    made: dict[str, Any] = {
        "participant": np.char.add("P", person.astype("str")),
        "visit": np.array(list(VISITS))[place % len(VISITS)],
        "arm": np.array(ARMS)[person % len(ARMS)],
        "sex": random.choice(["F", "M"], people)[person],
        "age": random.integers(60, 80, people)[person],
    }
    if shape == "long":
        made["outcome"] = np.array(outcomes)[place // len(VISITS)]
        made["value"] = (level[person, 0] + random.normal(0, 3, rows)).round(1)
        others = 30 - len(made)
        made |= {f"other_{at}": random.normal(0, 1, rows).round(3) for at in range(others)}
    else:
        values = level[person] + random.normal(0, 3, (rows, OUTCOMES))
        made |= {name: values[:, at].round(1) for at, name in enumerate(outcomes)}
    return pd.DataFrame(made)


def measured(folder: Path) -> int:
    """Check the table of a folder, and return the number of measurements."""
    from howlow.data.individual import measure

    declared = Participants.model_validate_json((folder / "study.yaml").read_text("utf-8"))
    return len(measure(declared, [folder / "table.csv"]).measurements)


def commands(folder: Path) -> dict[str, list[str]]:
    """What is run on the table of a study's folder, each as a command of its own."""
    howlow = [sys.executable, "-m", "howlow"]
    config = ["--config", str(CONFIG)]
    drafts = folder.parent / "drafts"
    new = ["new", str(folder / "table.csv"), "--yes", "--no-config", "--study", "drafted"]
    return {
        "measure": [sys.executable, __file__, "--measure", str(folder)],
        "check": [*howlow, "check", str(folder), *config],
        "new": [*howlow, *new, "--data", str(drafts), *config],
    }


def run(shape: str, rows: int) -> list[dict[str, Any]]:
    """Make a table, run each command on it, and return what each took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / f"large-{shape}"
        folder.mkdir()
        # JSON is YAML too.
        (folder / "study.yaml").write_text(json.dumps(study(shape)), encoding="utf-8")
        table(shape, rows).to_csv(folder / "table.csv", index=False)
        size = (folder / "table.csv").stat().st_size
        about = {"shape": shape, "rows": rows, "megabytes": round(size / 1e6, 1)}
        told = [
            {**about, "run": key, **timed(command)} for key, command in commands(folder).items()
        ]
    for found in told:
        if found["run"] != "new":  # done once in a study's life
            within = found["wall_s"] < MOST_SECONDS and found["peak_gb"] < MOST_GIGABYTES
            found["within"] = within
    return told


def timed(command: list[str]) -> dict[str, Any]:
    """Run a command, and return what it took; stop where it found an error."""
    start = time.perf_counter()
    done = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    told = done.stdout.read() if done.stdout else ""
    # The usage of this one child, not of all that there were.
    _, status, usage = os.wait4(done.pid, 0)
    done.returncode = os.waitstatus_to_exitcode(status)
    if done.stdout:
        done.stdout.close()
    wall = time.perf_counter() - start
    # 1 stands for warnings, such as those of a draft.
    if done.returncode not in (0, 1) or "Traceback" in told:
        raise SystemExit(f"{' '.join(command)} failed:\n{told}")
    # Linux tells it in kilobytes, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "wall_s": round(wall, 2),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_gb": round(usage.ru_maxrss * unit / 1e9, 3),
    }


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200000)
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(measured(options.measure), "measurements")
        return
    runs = [found for shape in ("long", "wide") for found in run(shape, options.rows)]
    result = {"seed": SEED, "runs": runs}
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
