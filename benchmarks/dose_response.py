"""Error rates of the zero-to-one test and of dose-response curves; results with seed and date.

    python benchmarks/dose_response.py [--trials 3000] [--curves 300]
        [--json benchmarks/results/dose_response.json]

Collections of trials are drawn with a known gain for each number of sessions a week, and go the
way of real ones: contrasts within trials, REML, Hartung-Knapp. *Straight* gains the same with every
session, so that no step is the biggest; *two* gains the same with the first and the second and
nothing after, the worst case of the test; *plateau* gains all with the first. Curves: how often the
interval of the mean of the models holds the truth, and beside it that of the best model alone,
taken as given. The drawing is that of the tests. Cells that the JSON file already holds are not run
again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from howlow.config.reading import read_config
from howlow.config.trial import Arm
from howlow.synthesis.curves.averaging import average
from howlow.synthesis.curves.curves import AXES
from howlow.synthesis.curves.doses import within_trial
from howlow.synthesis.curves.fitting import fit_shapes
from howlow.synthesis.curves.steps import steps_over_trials

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/synthesis"))

from dose_trials import sessions, simulated  # noqa: E402

SEED = 20261123
#: Ten trials; fewer or more take these in turn.
DESIGNS = [
    sessions(0, 1, 2, 3),
    sessions(0, 1),
    sessions(1, 3),
    sessions(0, 2, 3),
    sessions(0, 1, 2, 3),
    sessions(0, 1),
    sessions(1, 2),
    sessions(0, 1, 2, 3),
    sessions(0, 1),
    sessions(1, 3),
]


def straight(sessions_per_week: float) -> float:
    return 0.05 * sessions_per_week


def two(sessions_per_week: float) -> float:
    return 0.1 * min(sessions_per_week, 2)


def plateau(sessions_per_week: float) -> float:
    return 0.15 * (sessions_per_week > 0)


def emax(sessions_per_week: float) -> float:
    return 0.25 * sessions_per_week / (0.7 + sessions_per_week)


#: Trials and tau of the test's cells.
PLACES = ((6, 0.03), (10, 0.0), (10, 0.03), (10, 0.06), (20, 0.03))
TRUTHS = {"straight": straight, "two": two, "plateau": plateau, "emax": emax}


def collection(
    truth: Callable[[float], float], size: int, tau: float, rng: np.random.Generator
) -> list[Any]:
    """Return a collection of trials."""
    designs = [DESIGNS[k % len(DESIGNS)] for k in range(size)]

    def gain(arm: Arm) -> float:
        return truth(arm.sessions_per_week or 0.0)

    return simulated(designs, gain, rng, tau=tau)


def test_cell(name: str, size: int, tau: float, trials: int, config: Any) -> dict[str, Any]:
    """Return how often the first step is shown to be the biggest, and the share's coverage."""
    rng = np.random.default_rng([SEED, size, round(1000 * tau), list(TRUTHS).index(name)])
    truth = TRUTHS[name]
    share = truth(1) / truth(3)
    shown = covered = unbounded = 0
    for _ in range(trials):
        found = steps_over_trials(collection(truth, size, tau, rng), config)
        shown += found.shown(config.alpha)
        ratio = found.share(1 - config.alpha)
        low, high = ratio.low, ratio.high
        outside = ratio.kind == "outside"
        covered += (share <= low or share >= high) if outside else low <= share <= high
        unbounded += ratio.kind != "interval"
    return {
        "truth": name,
        "trials": size,
        "tau": tau,
        "shown_pct": percent(shown, trials),
        "error_pct": error(shown, trials),
        "share_covered_pct": percent(covered, trials),
        "share_unbounded_pct": percent(unbounded, trials),
        "replicates": trials,
    }


def curve_cell(name: str, size: int, tau: float, trials: int, config: Any) -> dict[str, Any]:
    """Return which shape is best, and how often the mean's interval and its own hold the truth."""
    rng = np.random.default_rng([SEED, size, 7, list(TRUTHS).index(name)])
    truth = TRUTHS[name]
    shapes = next(axis for axis in AXES if axis.dose == "sessions").shapes
    chosen: Counter[str] = Counter()
    covered, alone = (dict.fromkeys((1.0, 2.0, 3.0), 0) for _ in range(2))
    for _ in range(trials):
        found = [
            within_trial(one, "sessions", config)[0] for one in collection(truth, size, tau, rng)
        ]
        able = [one for one in fit_shapes(found, shapes) if np.isfinite(one.aicc)]
        drawn = average(found, able, 0.0)
        best = drawn.lines[int(drawn.weights.argmax())]
        chosen[best.shape.name] += 1
        for dose in covered:
            for counts, value in ((covered, drawn.at(dose)), (alone, best.at(dose))):
                low, high = value.interval(1 - config.alpha)
                counts[dose] += low <= truth(dose) <= high
    return {
        "truth": name,
        "trials": size,
        "tau": tau,
        "chosen_pct": {shape: percent(chosen[shape], trials) for shape in shapes},
        "covered_pct": {f"{dose:g}": percent(count, trials) for dose, count in covered.items()},
        "best_alone_pct": {f"{dose:g}": percent(count, trials) for dose, count in alone.items()},
        "error_pct": error(0.95 * trials, trials),
        "replicates": trials,
    }


def percent(count: float, trials: int) -> float:
    """Return a share in per cent."""
    return round(100 * count / trials, 2)


def error(count: float, trials: int) -> float:
    """Return the Monte-Carlo standard error of a share, in per cent."""
    share = count / trials
    return round(100 * float(np.sqrt(share * (1 - share) / trials)), 2)


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=3000, help="collections a cell of the test")
    parser.add_argument("--curves", type=int, default=300, help="collections a cell of curves")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    config = read_config([ROOT / "config/config.yaml"])
    report: dict[str, Any] = {"seed": SEED, "alpha": config.alpha, "first_step": [], "curves": []}
    if options.json and options.json.exists():
        report |= json.loads(options.json.read_text(encoding="utf-8"))
    steps = [(name, *place) for place in PLACES for name in ("straight", "two", "plateau")]
    curves = [(name, size, 0.03) for size in (10, 20) for name in ("straight", "plateau", "emax")]
    for part, cell, asked, trials in (
        ("first_step", test_cell, steps, options.trials),
        ("curves", curve_cell, curves, options.curves),
    ):
        held = {(one["truth"], one["trials"], one["tau"]) for one in report[part]}
        for name, size, tau in (one for one in asked if one not in held):
            start = time.process_time()
            found = cell(name, size, tau, trials, config)
            spent = round(time.process_time() - start, 1)
            report[part].append(found | {"date": f"{date.today()}", "cpu_s": spent})
            print(report[part][-1], flush=True)
            if options.json:
                options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
