"""Fit many random trials, singular ones included; count failures, and look for better optima.

    python benchmarks/robustness.py [--trials 20000] [--checked 200] [--json ...]

On ``checked`` of the trials a second optimiser (BFGS on the likelihood) starts from other places
and must not find a likelihood better by 1e-6.
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
from scipy import optimize
from trials import (
    GROWTH_3,
    GROWTH_5,
    Generator,
    Trial,
    intercept_covariance,
    limb_changes,
    limbs,
    parallel,
    pooled,
    slope_covariance,
)

from howlow.model import MixedFit, fit_mixed
from howlow.model.likelihood import evaluate
from howlow.model.newton import theta_derivatives

SEED = 20261122
SHAPES = (
    "intercept", "no intercept", "slope", "no slope", "unstructured 3", "unstructured 5",
    "ar1h", "csh", "limbs", "limbs unstructured", "limb changes", "pooled",
)  # fmt: skip


def draw(rng: Generator, shape: str) -> Trial:
    """Return a random trial of a shape; half of the shapes have a variance that is truly zero."""
    n, missing = int(rng.integers(8, 21)), float(rng.uniform(0, 0.2))
    visits = int(rng.integers(3, 6))
    match shape:
        case "intercept":
            between = float(rng.uniform(0.1, 10))
            return parallel(rng, n, intercept_covariance(visits, between), shape, missing)
        case "no intercept":
            return parallel(rng, n, np.eye(visits), "intercept", missing)
        case "slope":
            return parallel(rng, n, slope_covariance(visits, slope=4.0), shape, missing)
        case "no slope":
            return parallel(rng, n, intercept_covariance(visits), "slope", missing)
        case "unstructured 3":
            return parallel(rng, n, GROWTH_3, "unstructured", missing)
        case "unstructured 5":
            return parallel(rng, n, GROWTH_5, "unstructured", missing)
        case "ar1h" | "csh":
            return parallel(rng, n, GROWTH_5, shape, missing)
        case "limbs":
            return limbs(rng, n, "participant-by-time", missing)
        case "limbs unstructured":
            return limbs(rng, n, "unstructured", missing)
        case "limb changes":
            return limb_changes(rng, n)
        case _:
            return pooled(rng, int(rng.integers(3, 11)))


def better_elsewhere(fit: MixedFit, rng: Generator, starts: int = 3) -> float:
    """Return the gain in log-likelihood that BFGS finds over the fit from other starts."""
    coordinates, best = fit.layout.coordinates, -np.inf

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the negative log-likelihood and its gradient."""
        at = evaluate(fit.back_end, coordinates.evaluate(theta[None]), fit.reml)
        if not np.isfinite(at.value[0]):
            return 1e10, np.zeros(len(theta))
        slope, _ = theta_derivatives(coordinates, theta[None], at.gradient, at.hessian)
        return -float(at.value[0]), -slope[0]

    for _ in range(starts):
        start = fit.layout.start() * rng.uniform(0.3, 2.0, coordinates.size)
        start = start + 0.1 * rng.normal(size=coordinates.size)
        with np.errstate(all="ignore"):
            found = optimize.minimize(objective, start, jac=True, method="BFGS")
        best = max(best, -float(found.fun))
    return best - float(fit.likelihood.value[0])


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=20000)
    parser.add_argument("--checked", type=int, default=200)
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    options = parser.parse_args()
    rng = np.random.default_rng(SEED)
    failed: Counter[str] = Counter()
    boundary: Counter[str] = Counter()
    gains, gradients, iterations = [], [], []
    no_maximum = unbounded_named = 0
    every = max(options.trials // options.checked, 1)
    start = time.process_time()
    for number in range(options.trials):
        shape = SHAPES[number % len(SHAPES)]
        trial = draw(rng, shape)
        fit = fit_mixed(trial.model)
        if "unstructured" in shape and trial.complete < len(trial.model.residual.visit_levels):
            # Too few people seen throughout: the likelihood grows without bound.
            no_maximum += 1
            unbounded_named += not fit.converged
            continue
        failed[shape] += not fit.converged
        boundary[shape] += fit.boundary
        gradients.append(fit.gradient_norm)
        iterations.append(fit.iterations)
        # a stride without a common factor with the shapes visits all of them
        if number % (every - 1 + every % 2) == 0 and len(gains) < options.checked:
            gains.append(better_elsewhere(fit, rng))
            if gains[-1] > 1e-6:
                print(f"trial {number} ({shape}): better by {gains[-1]:.2e}; {fit.messages}")
    result: dict[str, Any] = {
        "date": "2026-11-22", "seed": SEED, "trials": options.trials,
        "not_converged": sum(failed.values()), "likelihood_without_maximum": no_maximum,
        "of_these_reported_as_not_converged": unbounded_named, "boundary": dict(boundary),
        "not_converged_by_shape": {k: v for k, v in failed.items() if v},
        "largest_gradient": float(np.max(gradients)),
        "iterations_median": float(np.median(iterations)),
        "iterations_max": int(np.max(iterations)),
        "second_optimiser": {
            "checked": len(gains), "better_by_1e-6": int(np.sum(np.array(gains) > 1e-6)),
            "largest_gain": float(np.max(gains)),
        },
        "cpu_s": round(time.process_time() - start, 1),
    }  # fmt: skip
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
