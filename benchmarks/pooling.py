"""Time a two-stage pool of many trials, with every trial left out in turn and all rows beside it.

    python benchmarks/pooling.py [--trials 1000] [--json benchmarks/results/pooling.json]

Three outcomes, each of so many trials. Half of the trials are of young people, a fifth rest on an
assumption, a third have another reading of a correlation and d beside the log ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from howlow.config.reading import read_config
from howlow.synthesis.meta.left_out import leave_one_out
from howlow.synthesis.pooled_rows import pool_effects
from howlow.synthesis.pooling import pool

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/synthesis"))

from pool_material import Case, effect, material  # noqa: E402

SEED = 20261123
OUTCOMES = ("strength", "muscle_size", "lean_leg")
TAU = 0.05


def drawn(trials: int, rng: np.random.Generator) -> list[Case]:
    """Trials of light against heavy loads whose effects differ by TAU."""
    spreads = rng.uniform(0.02, 0.2, trials)
    effects = rng.normal(-0.05, np.hypot(spreads, TAU))
    return [
        Case(
            f"trial-{k}",
            float(value),
            float(se),
            age="young" if k % 2 else "older",
            assumed="correlation before-after 0.89" if k % 5 == 0 else "",
            readings={"r_low": 1.2 * float(se), "r_high": 0.8 * float(se)} if k % 3 == 0 else {},
            d=(6 * float(value), 6 * float(se)) if k % 3 == 0 else None,
        )
        for k, (value, se) in enumerate(zip(effects, spreads, strict=True))
    ]


def main() -> None:
    """Draw, pool, and tell how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    config = read_config([ROOT / "config" / "config.yaml"])
    cases = drawn(options.trials, np.random.default_rng(SEED))
    effects = [replace(effect(case), construct=name) for name in OUTCOMES for case in cases]
    known = material(config, cases)
    started = time.process_time()
    found = pool_effects(effects, known)
    everything = time.process_time() - started
    values = np.array([case.estimate for case in cases])
    variances = np.array([case.se**2 for case in cases])
    started = time.process_time()
    for _ in OUTCOMES:
        pool(values, variances).heterogeneity()
        leave_one_out(values, variances)
    result: dict[str, Any] = {
        "date": "2026-11-23",
        "seed": SEED,
        "trials": options.trials,
        "outcomes": len(OUTCOMES),
        "rows": len(found.rows),
        "pools_without_one_trial": len(found.influence),
        "cpu_seconds_pool_and_left_out": round(time.process_time() - started, 2),
        "cpu_seconds_all_rows_all_ages": round(everything, 2),
    }
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
