"""Type-I error and coverage of the engine's tests in small trials; results with seed and date.

    python benchmarks/calibration.py [--trials 5000] [--json benchmarks/results/calibration.json]

Ten responses are drawn for every pattern of who was seen when. Cells that the JSON file already
holds are not run again.

The trials have no effect, so that the rejection rate of the single test is the type-I error. A
shift of X beta shifts the estimate and nothing else, so that coverage of a true effect of zero is
coverage of any effect.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from trials import CELLS, Draw

from howlow.model import BatchInference, fit_batch

SEED = 20261122
METHODS = ("infinite", "satterthwaite", "kenward-roger")
PER_PATTERN = 10


def run_cell(draw: Draw, n: int, trials: int, seed: int) -> dict[str, Any]:
    """Return rejection rates at 5 % and what happened to the fits of one cell."""
    rng = np.random.default_rng(seed)
    single: Counter[str] = Counter()
    joint: Counter[str] = Counter()
    covered: Counter[str] = Counter()
    failed = done = 0
    start = time.process_time()
    while done < trials:
        trial = draw(rng, n)
        number = min(PER_PATTERN, trials - done)
        batch = fit_batch(trial.model, trial.draw(rng, number))
        done, failed = done + number, failed + int(np.sum(~batch.converged))
        for method in METHODS:
            inference = BatchInference(batch, method)
            row, test = inference.contrast(trial.single), inference.joint_test(trial.joint)
            single[method] += int(np.sum(row.p < 0.05))
            covered[method] += int(np.sum((row.low <= 0) & (row.high >= 0)))
            joint[method] += int(np.sum(test.p < 0.05))
    return {
        "type_1": percent(single, trials),
        "joint": percent(joint, trials),
        "coverage": percent(covered, trials),
        "not_converged": failed,
        "trials": trials,
        "cpu_s": round(time.process_time() - start, 1),
    }


def percent(counts: Counter[str], trials: int) -> dict[str, float]:
    """Return counts as percentages of the trials."""
    return {name: round(100 * int(count) / trials, 2) for name, count in sorted(counts.items())}


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=5000)
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    options = parser.parse_args()
    error = 100 * np.sqrt(0.05 * 0.95 / options.trials)
    result: dict[str, Any] = {
        "date": "2026-11-22", "seed": SEED, "monte_carlo_error": round(float(error), 3),
        "cells": {},
    }  # fmt: skip
    if options.json and options.json.exists():
        result["cells"] = json.loads(options.json.read_text())["cells"]
    for number, (name, (draw, sizes)) in enumerate(CELLS.items()):
        for n in sizes:
            if f"{name}, n = {n}" in result["cells"]:
                continue
            cell = run_cell(draw, n, options.trials, SEED + 100 * number + n)
            result["cells"][f"{name}, n = {n}"] = cell
            print(f"{name:34s} n = {n:2d}", cell, flush=True)
            if options.json:
                options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
