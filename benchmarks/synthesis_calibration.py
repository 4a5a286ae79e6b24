"""Coverage of pooled intervals in simulated collections of trials; results with seed and date.

    python benchmarks/synthesis_calibration.py [--collections 10000] [--one-stage 6000]
        [--json benchmarks/results/synthesis_calibration.json]

A collection has K trials of two arms with 8 to 30 people each, unlike in number. Values before have
mean 100 and SD 20 and correlate .89 with those after, as strength does; the second arm gains 10.
Everything is estimated as for real trials, the sampling variances included. *Two stages*: the log
ratio of means of each trial (analysis of covariance and the delta method), pooled by REML with the
Hartung-Knapp-Sidik-Jonkman interval. *One stage*: differences in per cent of the baseline mean, by
the mixed model and by two stages on the very same data. *Known variances*: normal effects with the
same sampling variances, known, to tell what estimating them costs. The effect varies between trials
with standard deviation tau. Twenty responses are drawn for each pattern of people and baselines.
Cells that the JSON file already holds are not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from howlow.analysis.fitting.cohort import Pairs
from howlow.analysis.fitting.fits import Combination
from howlow.analysis.fitting.regression import fit_ancova
from howlow.synthesis.meta.model import Block, MetaFit, fit_meta
from howlow.synthesis.one_stage.model import TrialValues, fit_one_stage

Floats = NDArray[np.float64]
Generator = np.random.Generator

SEED = 20261123
TRIALS = (3, 5, 10)
#: Standard deviations of the log ratio between trials; as per cent, too.
SPREADS = (0.0, 0.02, 0.06)
TRUTH = -0.05
EACH = 20
BEFORE, SD, CORRELATION, GAIN = 100.0, 20.0, 0.89, 10.0


def draw_trial(rng: Generator, effects: Floats) -> Pairs:
    """Return EACH responses of one trial; `effects`, (EACH,), are those of its first arm."""
    n = rng.integers(8, 31, 2)
    people, arm = int(n.sum()), np.repeat([0, 1], n)
    before = rng.normal(BEFORE, SD, people)
    error = rng.normal(0, SD * np.sqrt(1 - CORRELATION**2), (EACH, people))
    after = BEFORE + GAIN + CORRELATION * (before - BEFORE) + (arm == 0) * effects[:, None] + error
    same = np.broadcast_to(before, after.shape)
    nobody = np.zeros(people, dtype=np.intp)
    return Pairs(("first", "second"), np.arange(people), nobody, arm, same, after)


def log_ratios(pairs: Pairs) -> tuple[Floats, Floats]:
    """Return the log ratio of the arms' adjusted means and its variance, (EACH,) each."""
    fit = fit_ancova(pairs, "after")
    means = fit.coefficients[:, :2]
    covariance = fit.covariance(np.eye(3)[:2])
    weights = np.array([1.0, -1.0]) / means
    variance = np.einsum("ri,rij,rj->r", weights, covariance, weights)
    return np.log(means[:, 0] / means[:, 1]), variance


def differences(pairs: Pairs) -> tuple[Floats, Floats]:
    """Return the difference in per cent of the mean before and its variance, (EACH,) each."""
    fit = fit_ancova(pairs, "after")
    found = fit.combine(fit.contrast("first", "second", "after"))
    unit = 100 / float(pairs.pre[0].mean())
    return unit * found.estimate[:, 0], (unit * found.se[:, 0]) ** 2


def pooled(effects: Floats, variances: Floats) -> MetaFit:
    """Return the two-stage pool of trials, (K,) each."""
    one = np.ones((1, 1))
    return fit_meta(
        [
            Block(str(k), effects[k : k + 1], variances[k : k + 1, None], one, one)
            for k in range(len(effects))
        ]
    )


def two_stages(trials: int, spread: float, collections: int, rng: Generator) -> dict[str, Any]:
    """Return how often the intervals of the two-stage pool hold the truth."""
    held: dict[str, list[bool]] = {name: [] for name in ("hksj", "cautious", "prediction")}
    zero = []
    for _ in range(collections // EACH):
        true = rng.normal(TRUTH, spread, (trials, EACH))
        arms = (BEFORE + GAIN) * np.expm1(true)
        found = [log_ratios(draw_trial(rng, effects)) for effects in arms]
        effects, variances = (np.array(part) for part in zip(*found, strict=True))
        new = rng.normal(TRUTH, spread, EACH)
        for r in range(EACH):
            fit = pooled(effects[:, r], variances[:, r])
            mean = {name: fit.combine(np.ones(1), cautious=name != "hksj") for name in held}
            wide = float(np.hypot(mean["prediction"].se, np.sqrt(fit.tau2)))
            mean["prediction"] = Combination(mean["prediction"].estimate, wide, float(fit.df))
            for name, value in mean.items():
                held[name].append(holds(value, new[r] if name == "prediction" else TRUTH))
            zero.append(fit.tau2 == 0)
    return {name: coverage(answers) for name, answers in held.items()} | {
        "tau2_zero": share(zero),
        "collections": len(zero),
    }


def one_stage(trials: int, spread: float, collections: int, rng: Generator) -> dict[str, Any]:
    """Return how often the one-stage interval holds the truth, beside two stages."""
    held: dict[str, list[bool]] = {name: [] for name in ("one_stage", "hksj", "cautious")}
    zero, apart, converged = [], [], []
    widths: dict[str, list[float]] = {name: [] for name in held}
    truth = 100 * TRUTH
    for _ in range(collections // EACH):
        true = rng.normal(truth, 100 * spread, (trials, EACH))
        drawn = [draw_trial(rng, effects) for effects in true]
        found = fit_one_stage([in_per_cent(str(k), pairs) for k, pairs in enumerate(drawn)])
        stages = [differences(pairs) for pairs in drawn]
        effects, variances = (np.array(part) for part in zip(*stages, strict=True))
        for r in range(EACH):
            fit = pooled(effects[:, r], variances[:, r])
            mean = {name: fit.combine(np.ones(1), cautious=name != "hksj") for name in held}
            apart.append(float(found.effect.estimate[r, 0]) - mean["hksj"].estimate)
            mean["one_stage"] = found.effect.one(response=r)
            for name, value in mean.items():
                held[name].append(holds(value, truth))
                widths[name].append(float(np.subtract(*value.interval(0.95)[::-1])) / 2)
        zero.extend((found.tau2 == 0).tolist())
        converged.extend(found.converged.tolist())
    result: dict[str, Any] = {name: coverage(answers) for name, answers in held.items()}
    return result | {
        "half_width": {name: round(float(np.median(found)), 2) for name, found in widths.items()},
        "difference": round(float(np.mean(apart)), 4),
        "difference_error": round(float(np.std(apart, ddof=1) / np.sqrt(len(apart))), 4),
        "difference_sd": round(float(np.std(apart, ddof=1)), 4),
        "tau2_zero": share(zero),
        "not_converged": share([not one for one in converged]),
        "collections": len(zero),
    }


def known_variances(trials: int, spread: float, collections: int, rng: Generator) -> dict[str, Any]:
    """Return how often the two-stage intervals hold the truth where variances are known."""
    held: dict[str, list[bool]] = {name: [] for name in ("hksj", "cautious")}
    error = SD * np.sqrt(1 - CORRELATION**2) / (BEFORE + GAIN)
    for _ in range(collections):
        variances = error**2 * (1 / rng.integers(8, 31, (trials, 2))).sum(axis=1)
        fit = pooled(rng.normal(TRUTH, np.sqrt(variances + spread**2)), variances)
        for name, answers in held.items():
            answers.append(holds(fit.combine(np.ones(1), cautious=name != "hksj"), TRUTH))
    return {name: coverage(answers) for name, answers in held.items()} | {
        "collections": collections
    }


def in_per_cent(name: str, pairs: Pairs) -> TrialValues:
    """Return a trial's values in per cent of their mean before."""
    unit = 100 / float(pairs.pre[0].mean())
    return TrialValues(name, (pairs.arm == 0).astype(float), unit * pairs.pre[0], unit * pairs.post)


def holds(value: Combination, truth: float) -> bool:
    """Return whether the 95 % interval holds the truth."""
    low, high = value.interval(0.95)
    return bool(low <= truth <= high)


def share(answers: list[bool]) -> float:
    """Return the share of true answers in per cent."""
    return round(100 * float(np.mean(answers)), 2)


def coverage(answers: list[bool]) -> dict[str, float]:
    """Return the share of intervals that hold the truth with its Monte-Carlo error, in per cent."""
    held = float(np.mean(answers))
    error = 100 * float(np.sqrt(held * (1 - held) / len(answers)))
    return {"coverage": round(100 * held, 2), "error": round(error, 2)}


CELLS = {"two stages": two_stages, "one stage": one_stage, "known variances": known_variances}


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collections", type=int, default=10000)
    parser.add_argument("--one-stage", type=int, default=6000)
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    options = parser.parse_args()
    numbers = dict.fromkeys(CELLS, options.collections) | {"one stage": options.one_stage}
    result: dict[str, Any] = {"date": "2026-11-23", "seed": SEED, "cells": {}}
    if options.json and options.json.exists():
        result["cells"] = json.loads(options.json.read_text())["cells"]
    plan = [(name, k, tau) for name in CELLS for k in TRIALS for tau in SPREADS]
    plan = [cell for cell in plan if cell[0] != "known variances" or cell[1] == max(TRIALS)]
    for number, (name, k, tau) in enumerate(plan):
        key = f"{name}, K = {k}, tau = {tau:g}"
        if key in result["cells"]:
            continue
        start = time.process_time()
        rng = np.random.default_rng(SEED + number)
        cell = CELLS[name](k, tau, numbers[name], rng)
        cell["cpu_s"] = round(time.process_time() - start, 1)
        result["cells"][key] = cell
        print(f"{key:36s}", cell, flush=True)
        if options.json:
            options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
