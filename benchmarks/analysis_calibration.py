"""Error rates of the whole analysis in small simulated trials; results with seed and date.

    python benchmarks/analysis_calibration.py [--trials 5000] [--cells "two arms" "limbs"]
        [--json benchmarks/results/analysis_calibration.json]

Every trial goes the way of a real one: estimand, covariance by the declared chain, fit, interval,
verdict. Ten responses are drawn for most patterns of who was seen when. Cells that the JSON file
already holds are not run again. All effects are true ones; a shift of the means shifts estimates
and nothing else, so that an interval that excludes a true difference is the type-I error of its
test. A trial that is refused claims nothing and is counted apart.
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
from analysis_cells import CELLS, Cell

from howlow.analysis.simulating import draw, pattern
from howlow.errors import DesignError
from howlow.model import ModelError

SEED = 20261122


def run_cell(cell: Cell, n: int, trials: int, seed: int) -> dict[str, Any]:
    """Return the error rates of one cell at one size, in per cent."""
    rng = np.random.default_rng(seed)
    truth = cell.truth(n)
    members: Counter[str] = Counter()
    count: Counter[str] = Counter()
    widths: list[np.ndarray] = []
    start = time.process_time()
    each = cell.responses
    for _ in range(trials // each):
        cohort = cell.finish(draw(pattern(truth, rng), truth, rng, each), rng)
        try:
            found = cell.analyse(cohort, truth)
        except (DesignError, ModelError) as error:
            count["refused"] += each
            members[f"refused: {error}"] += each
            continue
        visits = len(found.fitted.cohort.visits)
        members[f"{found.fitted.fit.method}, {visits} visits"] += each
        unknown = np.isnan(found.half_width)
        count["not_converged"] += int((~found.fitted.fit.converged | unknown).sum())
        count["missed"] += int(found.missed.sum())
        count["fitted"] += each
        widths.append(found.half_width)
        if found.claimed is not None:
            count["claimed"] += int(found.claimed.sum())
    half = float(np.nanmedian(np.concatenate(widths))) if widths else np.nan
    return summary(count, members, half, time.process_time() - start)


def summary(
    count: Counter[str], members: Counter[str], half: float, seconds: float
) -> dict[str, Any]:
    """Return a cell's counts as rates among the trials that were fitted."""
    fitted, trials = count["fitted"], count["fitted"] + count["refused"]
    result: dict[str, Any] = {
        "type_1": share(count["missed"], fitted),
        "coverage": share(fitted - count["missed"], fitted),
        "error": share_error(count["missed"], fitted),
        "half_width": round(half, 3) if np.isfinite(half) else None,
        "refused": share(count["refused"], trials),
        "not_converged": share(count["not_converged"], fitted),
        "members": {name: share(number, trials) for name, number in members.most_common()},
        "trials": trials,
        "cpu_s": round(seconds, 1),
    }
    if "claimed" in count:
        result["false_claims"] = share(count["claimed"], fitted)
    return result


def share(number: int, total: int) -> float | None:
    """Return a count as a percentage."""
    return round(100 * number / total, 2) if total else None


def share_error(number: int, total: int) -> float | None:
    """Return the Monte-Carlo standard error of a percentage."""
    if not total:
        return None
    return round(100 * float(np.sqrt(number * (total - number) / total**3)), 2)


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=5000)
    parser.add_argument("--cells", nargs="*", help="starts of the names of cells (all)")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    options = parser.parse_args()
    result: dict[str, Any] = {"date": "2026-11-22", "seed": SEED, "cells": {}}
    if options.json and options.json.exists():
        result["cells"] = json.loads(options.json.read_text())["cells"]
    for number, (name, cell) in enumerate(CELLS.items()):
        if options.cells and not name.startswith(tuple(options.cells)):
            continue
        for n in cell.sizes:
            key = f"{name}, n = {n}"
            if key in result["cells"]:
                continue
            result["cells"][key] = run_cell(cell, n, options.trials, SEED + 100 * number + n)
            print(f"{key:45s}", result["cells"][key], flush=True)
            if options.json:
                options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
