"""Time the mixed-model engine on the reference shapes; print a table and JSON.

    python benchmarks/engine.py [--json benchmarks/results/engine.json] [--quick]

a, b, c: 40 x 3, 1,000 x 5 and 15,000 x 20 participants by visits, `t * arm + (1 + t given pid)`;
d: 10 trials x 30 participants x 2 limbs x 3 visits, `t * arm + (1 given trial / pid / limb)`;
e: c in 10 trials of unequal size, with `(1 given trial)` added; f: e with the visits of two limbs
in turn and `(1 given limb)` added; g: e with 15 % of the rows missing.
statsmodels, mixedlm and R (lme4, lmerTest, pbkrtest) are timed in the same run where installed.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

import numpy as np

from howlow.model.effects import Inference
from howlow.model.estimates import fit_batch, fit_mixed
from howlow.model.specification import MixedModel, RandomTerm

SHAPES = {"a": (40, 3), "b": (1000, 5), "c": (15000, 20)}
LARGE = "cefg"
REPEATS = {"a": 30, "b": 15, "d": 15} | dict.fromkeys(LARGE, 3)
LIMITS = {"a": 0.015, "b": 0.040, "c": 1.5, "d": 0.120}
SEED = 20261122


def slopes(people: int, visits: int, seed: int = SEED) -> dict[str, np.ndarray]:
    """Return y = 50 + u0 + (1 + u1 + arm / 2) t + e in long form."""
    rng = np.random.default_rng(seed)
    t = np.tile(np.linspace(0, 1, visits), people)
    pid = np.repeat(np.arange(people), visits)
    arm = (pid % 2).astype(float)
    u = rng.multivariate_normal([0, 0], [[25, 1], [1, 2]], people)[pid]
    y = 50 + u[:, 0] + (1 + u[:, 1] + 0.5 * arm) * t + rng.normal(size=len(t))
    return {"y": y, "t": t, "arm": arm, "pid": pid}


def nested(seed: int = SEED) -> dict[str, np.ndarray]:
    """Return 10 trials x 30 people x 2 limbs x 3 visits; sd 2, 5, 1 and residual 1."""
    rng = np.random.default_rng(seed)
    trial, person, limb, visit = (g.ravel() for g in np.indices((10, 30, 2, 3)))
    pid = trial * 30 + person
    limb = pid * 2 + limb
    arm = (person % 2).astype(float)
    t = visit / 2
    y = 50 + rng.normal(0, 2, 10)[trial] + rng.normal(0, 5, 300)[pid]
    y = y + rng.normal(0, 1, 600)[limb] + (1 + 0.5 * arm) * t + rng.normal(size=len(t))
    return {"y": y, "t": t, "arm": arm, "trial": trial, "pid": pid, "limb": limb}


def pooled(shape: str, trials: int = 10, seed: int = SEED) -> dict[str, np.ndarray]:
    """Return shape c in trials of unequal size (e), with two limbs (f), or with gaps (g)."""
    data = slopes(*SHAPES["c"])
    rng = np.random.default_rng(seed + 1)
    trial = np.sort(rng.integers(0, trials, data["pid"][-1] + 1))[data["pid"]]
    data |= {"trial": trial, "y": data["y"] + rng.normal(0, 2, trials)[trial]}
    if shape == "f":
        visits = SHAPES["c"][1]
        limb = data["pid"] * 2 + np.tile(np.arange(visits) % 2, len(trial) // visits)
        data |= {"limb": limb, "y": data["y"] + rng.normal(0, 1, limb[-1] + 1)[limb]}
    kept = rng.random(len(trial)) > (0.15 if shape == "g" else 0.0)
    return {name: values[kept] for name, values in data.items()}


def described(data: dict[str, np.ndarray]) -> MixedModel:
    """Return the model of a data set, with random slopes or nested intercepts."""
    one, t, arm = np.ones(len(data["t"])), data["t"], data["arm"]
    names = ("(Intercept)", "t", "arm", "t:arm")
    both = [RandomTerm(np.column_stack([one, t]), data["pid"], ("(Intercept)", "t"), label="pid")]
    single = [
        RandomTerm(one, data[group], label=group)
        for group in ("trial", "limb", "pid")
        if group in data
    ]
    # Participants have slopes too, except in shape d.
    random = single if len(one) == 1800 else both + single[:-1]
    return MixedModel(data["y"], np.column_stack([one, t, arm, t * arm]), names, random)


def seconds(
    call: Callable[[], Any], repeats: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return the median time of a call, on the wall or of the processor."""
    times = []
    for _ in range(repeats):
        start = clock()
        call()
        times.append(clock() - start)
    return float(np.median(times))


def howlow_fit(data: dict[str, np.ndarray]) -> None:
    """Fit."""
    fit_mixed(described(data))


def howlow_fit_kr(data: dict[str, np.ndarray]) -> None:
    """Fit and test all coefficients by Kenward-Roger."""
    fit = fit_mixed(described(data))
    assert fit.converged
    Inference(fit).contrast(np.eye(4))


def statsmodels_fit(data: dict[str, np.ndarray]) -> None:
    """Fit by statsmodels."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    one, t, arm = np.ones(len(data["t"])), data["t"], data["arm"]
    X = np.column_stack([one, t, arm, t * arm])
    MixedLM(data["y"], X, data["pid"], np.column_stack([one, t])).fit(reml=True)


def mixedlm_fit(data: dict[str, np.ndarray]) -> None:
    """Fit by mixedlm."""
    import mixedlm
    import pandas as pd

    nest = "(1 | trial) + (1 | pid) + (1 | limb)" if "trial" in data else "(1 + t | pid)"
    mixedlm.lmer(f"y ~ t * arm + {nest}", pd.DataFrame(data))


R_SCRIPT = """
suppressMessages({library(lmerTest); library(pbkrtest)})
d <- read.csv("%s"); n <- %d
f <- if ("trial" %%in%% names(d)) y ~ t*arm + (1|trial/pid/limb) else y ~ t*arm + (1 + t|pid)
med <- function(e) median(sapply(seq_len(n), function(i) system.time(e())[["elapsed"]]))
m <- lme4::lmer(f, d)
cat(med(function() lme4::lmer(f, d)), med(function() lme4::refit(m, d$y)),
    med(function() coef(summary(lmerTest::lmer(f, d), ddf = "Kenward-Roger"))))
"""


def r_times(data: dict[str, np.ndarray], repeats: int) -> list[float] | None:
    """Return seconds of lmer, refit, and lmer + KR, or None without R."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "data.csv"
        header, columns = ",".join(data), np.column_stack(list(data.values()))
        np.savetxt(table, columns, delimiter=",", header=header, comments="")
        run = subprocess.run(
            ["Rscript", "-e", R_SCRIPT % (table, repeats)], capture_output=True, text=True
        )
    return [float(x) for x in run.stdout.split()] if run.returncode == 0 else None


def peak_memory(shape: str) -> float:
    """Return the peak resident memory in MB of a process that does one fit + KR."""
    code = (
        "import sys; sys.path.insert(0, 'benchmarks'); import engine;"
        f"engine.howlow_fit_kr(engine.data_of({shape!r}));"
        "print([x.split()[1] for x in open('/proc/self/status') if x.startswith('VmHWM')][0])"
    )
    root = Path(__file__).parents[1]
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    return float(run.stdout) / 1024


def data_of(shape: str) -> dict[str, np.ndarray]:
    """Return the data of a shape."""
    if shape in "efg":
        return pooled(shape)
    return nested() if shape == "d" else slopes(*SHAPES[shape])


def batch_rate(responses: int) -> float:
    """Return refits of shape a in a second, in batches."""
    data = slopes(*SHAPES["a"])
    model = described(data)
    rng = np.random.default_rng(SEED)
    u = rng.multivariate_normal([0, 0], [[25, 1], [1, 2]], (responses, 40))[:, data["pid"]]
    Y = 50 + u[..., 0] + (1 + u[..., 1]) * data["t"] + rng.normal(size=(responses, 120))
    start = time.perf_counter()
    batch = fit_batch(model, Y)
    assert batch.converged.all()
    return responses / (time.perf_counter() - start)


def optional(call: Callable[[], Any], repeats: int) -> float | None:
    """Return the time of a competitor, or None where it is not installed or fails."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            call()
            return seconds(call, repeats)
        except ImportError:
            return None
        except (ValueError, ArithmeticError, RuntimeError) as error:
            print(f"  skipped: {type(error).__name__}: {error}")
            return None


COLUMNS = (
    ("shape", "", 6),
    ("fit", "howlow_fit", 9),
    ("fit + KR", "howlow_fit_kr", 10),
    ("limit", "limit", 8),
    ("peak MB", "howlow_peak_mb", 9),
    ("statsmodels", "statsmodels_fit", 13),
    ("mixedlm", "mixedlm_fit", 9),
    ("lmer", "lmer", 8),
    ("lmer + KR", "lmer_kr", 11),
)


def line_of(shape: str, row: dict[str, float | None]) -> str:
    """One line of the table: times in milliseconds, memory in MB."""
    cells = [f"{shape:>{COLUMNS[0][2]}}"]
    for _, name, width in COLUMNS[1:]:
        value = row.get(name)
        scale = 1 if name == "howlow_peak_mb" else 1000
        cells.append(f"{'-' if value is None else f'{scale * value:.1f}':>{width}}")
    return "".join(cells)


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    parser.add_argument("--quick", action="store_true", help="leave out the large shapes")
    options = parser.parse_args()
    rows: dict[str, dict[str, float | None]] = {}
    print("milliseconds; - where not installed, not asked for, or failed")
    print("".join(f"{title:>{width}}" for title, _, width in COLUMNS))
    for shape in "abd" if options.quick else "abdcefg":
        data, repeats = data_of(shape), REPEATS[shape]
        howlow_fit_kr(data)
        row: dict[str, float | None] = {
            "howlow_fit": seconds(lambda data=data: howlow_fit(data), repeats),
            "howlow_fit_kr": seconds(lambda data=data: howlow_fit_kr(data), repeats),
            "howlow_fit_kr_cpu": seconds(
                lambda data=data: howlow_fit_kr(data), repeats, time.process_time
            ),
            "limit": LIMITS.get(shape),
            "howlow_peak_mb": peak_memory(shape),
        }
        if shape in "ab":
            row["statsmodels_fit"] = optional(lambda data=data: statsmodels_fit(data), 3)
        if shape not in "efg":
            row["mixedlm_fit"] = optional(lambda data=data: mixedlm_fit(data), min(repeats, 5))
        r = r_times(data, min(repeats, 5)) if shape not in LARGE else None
        for name, place in (("lmer", 0), ("refit", 1), ("lmer_kr", 2)):
            row[name] = None if r is None else r[place]
        rows[shape] = row
        print(line_of(shape, row))
    rate = batch_rate(2000)
    print(f"batched refits of a: {rate:,.0f} a second (required: 3,000)")
    result = {
        "date": datetime.date.today().isoformat(),
        "seed": SEED,
        "load_of_the_machine": os.getloadavg()[0],
        "shapes": rows,
        "batched_refits_per_s": rate,
    }
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
