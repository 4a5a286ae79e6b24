"""Time the whole analysis of simulated trials with every defensible choice, and count rejections.

    python benchmarks/multiverse.py [--trials 1000] [--free 100] [--json ...]

Three arms of 12, three visits whose variance grows, 15 % of participants gone by the last visit, no
effect of any arm. Trials that share who was seen when are analysed as one batch, ten patterns in
all; ``--free`` trials have a pattern each, as real trials do. The share of trials in which a
choice's interval excludes zero is the type-I error of that choice.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from howlow.analysis.estimand.cards import Card
from howlow.analysis.fitting.cohort import Cohort
from howlow.analysis.primary import primary_analysis
from howlow.analysis.robustness.multiverse import Multiverse, multiverse
from howlow.analysis.simulating import Scenario, draw, growing, pattern

SEED = 20261122
PATTERNS = 10
VISITS, ARMS = ("pre", "mid", "post"), ("none", "light", "heavy")
TRUTH = Scenario(
    design="parallel",
    arms=ARMS,
    people=12,
    visits=VISITS,
    weeks=(0.0, 5.0, 10.0),
    means=dict.fromkeys(ARMS, (50.0, 54.0, 56.0)),
    person=growing(6.0, 0.7, 1.3, 3),
    drop_out=0.15,
)
CARD = Card(
    study="simulated",
    outcome="one_rm",
    contrast="heavy - light",
    at="post",
    question="load",
    role="primary",
    population="simulated",
    design="parallel",
    baseline="one for all arms",
    covariates=(),
    missed_sessions="treatment_policy",
    per_protocol_pct=80.0,
    drop_out="missing_at_random",
    aim="difference",
    unit="kg",
    margin=3.0,
    margin_pct=None,
    alpha=0.05,
)


def analyse(cohort: Cohort) -> tuple[Multiverse, float]:
    """Return every choice for the trials of one pattern, and the CPU seconds of it."""
    start = time.process_time()
    primary = primary_analysis(cohort, CARD)
    found = multiverse(cohort, primary, CARD, "heavy", "light")
    found.share()
    found.left_out_share()
    return found, time.process_time() - start


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--free", type=int, default=100)
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    options = parser.parse_args()
    rng = np.random.default_rng(SEED)
    analyse(draw(pattern(TRUTH, rng), TRUTH, rng, 1))  # what is imported and compiled only once
    rejected: dict[str, list[np.ndarray]] = defaultdict(list)
    shares, left_out_shares, spent, refits = [], [], 0.0, 0
    for _ in range(PATTERNS):
        cohort = draw(pattern(TRUTH, rng), TRUTH, rng, options.trials // PATTERNS)
        found, seconds = analyse(cohort)
        spent += seconds
        shares.append(found.share())
        left_out_shares.append(found.left_out_share())
        for choice in found.choices:
            if choice.left_out:
                refits += int(np.isfinite(choice.estimate).sum())
                continue
            known = np.isfinite(choice.estimate)
            rejected[choice.name].append(((choice.ci_low > 0) | (choice.ci_high < 0))[known])
    free = [analyse(draw(pattern(TRUTH, rng), TRUTH, rng, 1))[1] for _ in range(options.free)]
    trials = PATTERNS * (options.trials // PATTERNS)
    result: dict[str, Any] = {
        "date": "2026-11-22", "seed": SEED, "trials": trials, "patterns": PATTERNS,
        "choices": len(rejected), "left_out_refits_a_trial": refits / trials,
        "ms_a_trial": round(1e3 * spent / trials, 1),
        "ms_a_trial_each_its_own_pattern": round(1e3 * float(np.mean(free)), 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "mean_share_of_choices_that_agree": round(float(np.concatenate(shares).mean()), 3),
        "mean_share_of_left_out_that_agree": round(
            float(np.concatenate(left_out_shares).mean()), 3
        ),
        "trials_in_which_all_choices_agree": round(
            float((np.concatenate(shares) == 1).mean()), 3
        ),
        "type_1_error_pct": {
            name: round(100 * float(np.concatenate(parts).mean()), 1)
            for name, parts in rejected.items()
        },
    }  # fmt: skip
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
