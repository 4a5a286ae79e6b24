"""Check large tables: 200,000 rows of 30 columns, long, and wide with 26 outcomes a row.

    python benchmarks/ingestion.py [--rows 200000] [--json FILE]

Each table is checked by ``measure`` in a process of its own; told are its wall-clock time, its CPU
time and the most memory it ever held.
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

    declared = Participants.model_validate_json((folder / "study.json").read_text("utf-8"))
    return len(measure(declared, [folder / "table.csv"]).measurements)


def run(shape: str, rows: int) -> dict[str, Any]:
    """Make a table, check it in a process of its own, and return what it took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "study.json").write_text(json.dumps(study(shape)), encoding="utf-8")
        table(shape, rows).to_csv(folder / "table.csv", index=False)
        command = [sys.executable, __file__, "--check", name]
        start = time.perf_counter()
        done = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        told = done.stdout.read() if done.stdout else ""
        # The usage of this one child, not of all that there were.
        _, status, usage = os.wait4(done.pid, 0)
        done.returncode = os.waitstatus_to_exitcode(status)
        if done.stdout:
            done.stdout.close()
        wall = time.perf_counter() - start
        if done.returncode:
            raise SystemExit(f"the check of the {shape} table failed")
        size = (folder / "table.csv").stat().st_size
    # Linux tells it in kilobytes, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "shape": shape,
        "rows": rows,
        "megabytes": round(size / 1e6, 1),
        "measurements": int(told),
        "wall_s": round(wall, 2),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_gb": round(usage.ru_maxrss * unit / 1e9, 3),
    }


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200000)
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    parser.add_argument("--check", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.check:
        print(measured(options.check))
        return
    runs = [run(shape, options.rows) for shape in ("long", "wide")]
    result = {
        "seed": SEED,
        "runs": runs,
        "within": all(
            found["wall_s"] < MOST_SECONDS and found["peak_gb"] < MOST_GIGABYTES for found in runs
        ),
    }
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
