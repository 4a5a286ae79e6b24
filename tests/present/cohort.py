"""Small results, written as literal tables, that the figures are drawn from in tests."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from howlow.analysis.estimates import Estimate, estimates_table
from howlow.analysis.robustness.multiverse import MULTIVERSE_COLUMNS
from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.data.measurements import MEASUREMENT_COLUMNS, write_table
from howlow.synthesis.claims.rows import CLAIM_COLUMNS
from howlow.synthesis.evidence import Effect, evidence_table
from howlow.synthesis.mapping import write_map
from howlow.synthesis.pools import PoolDetails, write_pools

#: A title that is neither mathematics nor markup, whatever it looks like.
TRICKY = r"Costs $5 or $\frac{1}{2}$ <b>&amp; \textbf{more}"

#: What an effect without a printed baseline has in place of a ratio.
IN_KG = {"scale": "raw", "unit": "kg", "estimate": -3.21}

_ARMS = {"light": {"label": "30 % 1RM"}, "heavy": {"label": "80 % 1RM"}}
_OUTCOME = {
    "label": "Quadriceps CSA",
    "construct": "muscle_size",
    "unit": "cm²",
    "measure": "csa",
    "region": "knee_extensors",
}
_SOURCE = {"citation": "nobody", "licence": "CC0-1.0"}


def config(repo: Path) -> Config:
    """The project's configuration with the studies of this folder."""
    found = read_config([repo / "config" / "config.yaml"])
    return found.model_copy(update={"studies": ("limbs", "simulated", "printed")})


def write_results(folder: Path, *, widened: bool = False) -> Path:
    """A study of limbs, a simulated one and a collection of two printed trials."""
    _participants(folder / "limbs", title=TRICKY, simulated=False)
    _participants(folder / "simulated", title="SIMULATED trial", simulated=True)
    _printed(folder / "printed")
    pools = [_pool(), _widened()] if widened else [_pool()]
    table = estimates_table([*_estimates(), *pools])
    write_table(table, folder / "estimates.csv")
    _evidence(folder / "evidence.csv")
    pooled = PoolDetails(_pool().estimate_id, 0.01, 20.0, 1.2, -0.3, 0.239)
    write_pools([pooled], folder / "pools.csv")
    write_synthesis(folder)
    return folder


def write_synthesis(folder: Path) -> None:
    """What the synthesis writes beside: nothing is mapped, drawn or claimed."""
    write_map([], folder / "evidence_map.csv")
    for name, columns in (
        ("claims", CLAIM_COLUMNS),
        ("influence", ("estimate_id", "left_out", "estimate", "ci_low", "ci_high", "verdict")),
        ("small_studies", ("estimate_id", "test", "statistic", "df", "p", "trials")),
    ):
        (folder / f"{name}.csv").write_text(",".join(columns) + "\n", encoding="utf-8")
    for name, content in (("curves", []), ("network", []), ("answer", {"ladder": []})):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def _participants(folder: Path, *, title: str, simulated: bool) -> None:
    """A study with individual data of four people, a limb to each arm."""
    study = {
        "id": folder.name,
        "kind": "participants",
        "title": title,
        "simulated": simulated,
        "truth": "truth.yaml" if simulated else None,
        "source": _SOURCE,
        "population": {"description": "adults"},
        "design": "within_participant",
        "randomised": "yes",
        "arms": _ARMS,
        "visits": {
            "baseline": {"label": "Before", "week": 0.0, "phase": "baseline"},
            "post": {"label": "After", "week": 10.0, "phase": "training"},
        },
        "outcomes": {"csa": _OUTCOME},
        "primary_outcome": "csa",
        "contrasts": [{"contrast": "light - heavy", "question": "load"}],
        "at": ["post"],
        "tables": [{"file": "data.csv"}],
        "columns": {"limb": "limb"},
    }
    _declare(folder, study, None)
    rows: list[list[Any]] = []
    for person in range(1, 5):
        for limb, arm, gain in (("left", "light", person - 1), ("right", "heavy", person + 1)):
            for visit, value in (("baseline", 50), ("post", 50 + gain)):
                rows.append(
                    [folder.name, f"P{person}", limb, arm, visit, "csa", "level", "", value, "cm²"]
                )
    _measurements(folder, rows)


def _printed(folder: Path) -> None:
    """A collection: a trial with pseudo individual data, and one that prints a difference only."""
    trial = {
        "url": "https://example.org",
        "read_in": "abstract",
        "population": {"description": "adults"},
        "design": "parallel",
        "randomised": "yes",
        "arms": _ARMS,
        "contrasts": [{"contrast": "light - heavy", "question": "load"}],
    }
    trials = {
        "outcomes": {"csa": _OUTCOME},
        "trials": {
            "one-2001": {**trial, "cite": "One et al. 2001"},
            "two-2002": {**trial, "cite": "Two et al. 2002", "kind": "contrast"},
        },
    }
    study = {
        "id": "printed",
        "kind": "summary",
        "title": "What papers print",
        "caution": [],
        "source": _SOURCE,
    }
    _declare(folder, study, trials)
    _measurements(
        folder,
        [
            ["one-2001", f"pseudo-{k}", "", arm, visit, "csa", "level", "", value, "cm²"]
            for k, arm in enumerate(("light", "light", "heavy", "heavy"))
            for visit, value in (("baseline", 777 + k), ("week_10", 888 + k))
        ],
    )


def _declare(folder: Path, study: dict[str, Any], trials: dict[str, Any] | None) -> None:
    folder.mkdir(parents=True)
    (folder / "multiverse.csv").write_text(",".join(MULTIVERSE_COLUMNS) + "\n", encoding="utf-8")
    text = json.dumps({"study": study, "trials": trials, "tables": {}})
    (folder / "study.json").write_text(text, encoding="utf-8")


def _measurements(folder: Path, rows: list[list[Any]]) -> None:
    with (folder / "measurements.csv").open("w", encoding="utf-8", newline="") as file:
        empty = [""] * len(MEASUREMENT_COLUMNS)
        whole = ([*row, *empty[len(row) :]] for row in rows)
        csv.writer(file).writerows([MEASUREMENT_COLUMNS, *whole])


def _estimates() -> list[Estimate]:
    """Means and contrasts of every study; numbers are made up."""
    rows: list[Estimate] = []
    for study, collection, kind, at in (
        ("limbs", "", "participants", "post"),
        ("simulated", "", "participants", "post"),
        ("one-2001", "printed", "summary", "week_10"),
        ("two-2002", "printed", "contrast", "week_10"),
    ):
        note = "SIMULATED" if study == "simulated" else ""
        assumed = "SEM presumed; n derived" if study == "one-2001" else ""
        both: dict[str, Any] = {
            "study": study,
            "collection": collection,
            "kind": kind,
            "construct": "muscle_size",
            "outcome": "csa",
            "population": "adults",
            "ci_level": 0.95,
            "note": note,
            "assumed": assumed,
        }
        if kind != "contrast":
            for arm, mean in (("light", 1.5), ("heavy", 3.5)):
                rows.append(_mean(both, arm, mean, f"{at} - baseline"))
        rows.append(_contrast(both, at, margin=None if kind == "contrast" else 1.0))
        rows.append(_ratio(both, at))
    return rows


def _mean(both: dict[str, Any], arm: str, mean: float, at: str) -> Estimate:
    return Estimate(
        **both,
        estimand="mean change",
        tier="secondary",
        contrast=f"mean({arm})",
        at=at,
        scale="raw",
        estimate=mean,
        unit="cm²",
        method="change",
        se=0.65,
        df=3,
        ci_low=mean - 2.02,
        ci_high=mean + 2.02,
        n_participants=4,
        n_observations=4,
    )


def _contrast(both: dict[str, Any], at: str, margin: float | None) -> Estimate:
    return Estimate(
        **both,
        estimand="difference in mean change",
        tier="primary",
        contrast="light - heavy",
        at=at,
        scale="raw",
        estimate=-2.04,
        unit="cm²",
        method="mixed",
        se=0.5,
        df=3,
        ci_low=-3.63,
        ci_high=-0.47,
        eq_low=-3.22,
        eq_high=-0.86,
        margin=margin,
        verdict="different (size unsettled)" if margin else "",
        p=0.03,
        n_participants=4,
        n_observations=8,
    )


def _ratio(both: dict[str, Any], at: str) -> Estimate:
    return Estimate(
        **both,
        estimand="log ratio of means",
        tier="secondary",
        contrast="light - heavy",
        at=at,
        scale="log_ratio",
        estimate=-0.0396,
        unit="log ratio",
        method="mixed",
        se=0.01,
        df=3,
        ci_low=-0.0716,
        ci_high=-0.0076,
        n_participants=4,
    )


def _pool() -> Estimate:
    return Estimate(
        study="pooled:load",
        collection="",
        kind="pooled",
        construct="muscle_size",
        outcome="muscle_size",
        population="all",
        estimand="mean over trials",
        tier="secondary",
        contrast="light - heavy",
        at="6-26 weeks",
        scale="log_ratio",
        estimate=-0.0305,
        unit="log ratio",
        method="reml-hksj",
        se=0.01,
        df=1,
        ci_low=-0.2,
        ci_high=0.139,
        ci_level=0.95,
        verdict="inconclusive",
        n_participants=8,
        n_studies=2,
    )


def _widened() -> Estimate:
    """The pooled row with the wider interval, for trials that agree by chance."""
    wide = {"method": "reml-hksj-adhoc", "tier": "sensitivity", "verdict": ""}
    return replace(_pool(), **wide, se=0.02, ci_low=-0.3, ci_high=0.239)


def _evidence(path: Path) -> None:
    """Effects for two questions; a simulated row that should never have come here."""

    def row(question: str, study: str, cite: str, label: str, weeks: float, **rest: Any) -> Effect:
        at = "post" if study in ("limbs", "simulated") else "week_10"
        shared = {
            "question": question,
            "construct": "muscle_size",
            "study": study,
            "collection": "",
            "cite": cite,
            "estimate_id": f"{study}/csa/light - heavy/{at}/log_ratio/mixed",
            "contrast": "light - heavy",
            "label": label,
            "at": at,
            "weeks": float(weeks),
            "scale": "log_ratio",
            "unit": "",
            "assumed": "",
            "note": "",
        }
        return Effect(**(shared | rest))

    def fitted(assumed: str = "") -> dict[str, Any]:
        interval = {"estimate": -0.0396, "se": 0.01, "ci_low": -0.0716, "ci_high": -0.0076}
        return {**interval, "n": 4.0, "tier": "primary", "pooled": True, "assumed": assumed}

    nothing = dict.fromkeys(("se", "ci_low", "ci_high", "n"), math.nan)
    described = {"estimate": -0.1, **nothing, "tier": "described", "pooled": False}
    described["note"] = "no spread printed"
    loads, presumed = "30 % 1RM – 80 % 1RM", "SEM presumed; n derived"
    rows = [
        row("load", "limbs", TRICKY, loads, 10, **fitted()),
        row("load", "simulated", "SIMULATED trial", loads, 10, **fitted()),
        row("load", "one-2001", "One et al. 2001", loads, 10, **fitted(presumed)),
        row("load", "three-2003", "Three et al. 2003", loads, 8, **described),
        row("disuse", "slow-2005", "Slow et al. 2005", "Bed rest", 8, **described),
        row("disuse", "fast-2004", "Fast et al. 2004", "Cast", 1, **described),
        row("disuse", "raw-2006", "Raw et al. 2006", "Cast", 1, **described | IN_KG),
        row("recovery", "raw-2006", "Raw et al. 2006", "Cast", 2, **described | IN_KG),
        row("recovery", "back-2007", "Back et al. 2007", "Cast", 0, **described),
        row("deficit", "back-2007", "Back et al. 2007", "Cast", 90 / 7, **described),
    ]
    write_table(evidence_table(rows), path)
