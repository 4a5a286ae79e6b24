"""The synthesis stage: all estimates in one table, evidence by question, pools and the answer."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.estimates import (
    ESTIMATE_COLUMNS,
    Estimate,
    estimates_table,
    intervals,
)
from howlow.analysis.verdicts import judge, weakest
from howlow.config.settings import Config
from howlow.data.declaration import DeclaredStudy
from howlow.data.measurements import findings_table, read_table, write_table, write_text
from howlow.data.same_files import shared_files
from howlow.synthesis.answering import answer
from howlow.synthesis.evidence import Effect, evidence_table
from howlow.synthesis.mapping import evidence_map, write_map
from howlow.synthesis.material import read_material
from howlow.synthesis.pooling import FEW_TRIALS, Pool, pool
from howlow.synthesis.pools import PoolDetails, write_pools

if TYPE_CHECKING:
    import pandas as pd

#: The arms that a pooled contrast sets against each other.
CLASSES = {
    "load": "light - heavy",
    "frequency": "fewer - more sessions",
    "volume": "fewer - more sets",
    "failure": "short of failure - failure",
    "training": "training - none",
}


def synthesise(
    folders: list[Path], config: Config, output: Path, claims: Path | None = None
) -> None:
    """Write what follows from the estimates of all studies into a results folder.

    Parameters
    ----------
    folders
        The studies' results folders.
    config
        The configuration of the run.
    output
        The folder of all results.
    claims
        The claims under test; without them there is no ledger.
    """
    tables = [read_table(folder / "estimates.csv", text=ESTIMATE_COLUMNS) for folder in folders]
    material = read_material(folders, config)
    declared, effects = material.studies, material.effects
    pooled, pools = pool_effects(effects, config)
    write_pools(pools, output / "pools.csv")
    write_estimates(pooled, tables, output / "estimates.csv")
    write_table(evidence_table(effects), output / "evidence.csv")
    write_map(evidence_map(material, [], []), output / "evidence_map.csv")
    write_findings(declared, output / "findings.csv")
    fits = [read_table(folder / "fits.csv", text=None) for folder in folders]
    write_table(_stacked(fits), output / "fits.csv")
    text = json.dumps(answer(effects, pooled, config), ensure_ascii=False, indent=1)
    write_text(text + "\n", output / "answer.json")


def write_findings(declared: dict[Path, DeclaredStudy], path: Path) -> None:
    """Write what was noticed in each study and its fits, and what only all studies can show."""
    names = ("findings.csv", "model_findings.csv")
    parts = [read_table(folder / name, text=None) for folder in declared for name in names]
    tables = {Path("data", folder.name): study.tables for folder, study in declared.items()}
    write_table(_stacked([*parts, findings_table(shared_files(tables))]), path)


def write_estimates(pooled: list[Estimate], tables: list[pd.DataFrame], path: Path) -> None:
    """Write pooled rows, then those of the studies, cell by cell as the studies wrote them."""
    buffer = io.StringIO(estimates_table(pooled).to_csv(index=False, float_format="%.9g"))
    write_table(_stacked([read_table(buffer, text=ESTIMATE_COLUMNS), *tables]), path)


def _stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Tables one below the other; empty ones only lend their columns."""
    import pandas as pd

    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def pool_effects(effects: list[Effect], config: Config) -> tuple[list[Estimate], list[PoolDetails]]:
    """Pooled rows, and what stands behind them, where a question and construct has two trials."""
    groups: dict[tuple[str, str], list[Effect]] = {}
    for effect in effects:
        if effect.pooled:
            groups.setdefault((effect.question, effect.construct), []).append(effect)
    rows: list[Estimate] = []
    pools: list[PoolDetails] = []
    for (question, construct), members in groups.items():
        if len(members) < 2 or not config.constructs[construct].pooled:
            continue
        found = pool(
            np.array([effect.estimate for effect in members]),
            np.array([effect.se**2 for effect in members]),
        )
        rows += _pooled(question, construct, members, found, config)
        low, high = found.prediction_interval(1 - config.alpha)
        tau = float(np.sqrt(found.tau2))
        first = next(row for row in reversed(rows) if row.method == "reml-hksj")
        pools.append(PoolDetails(first.estimate_id, tau, found.i2, found.q, low, high))
    return rows, pools


def _pooled(
    question: str, construct: str, members: list[Effect], found: Pool, config: Config
) -> Iterator[Estimate]:
    """The pooled row, and beside it the cautious one where trials agree by chance.

    Fewer than five trials get no verdict. A pool of contrasts alone cannot show that the arms
    gained more than no training would have brought, so it cannot show equivalence either.
    """
    percent = config.constructs[construct].margin_pct
    margin = None if percent is None else float(np.log1p(percent / 100))
    window = config.training_window
    means = {"reml-hksj": found.mean}
    if found.cautious.se > found.mean.se:
        means["reml-hksj-adhoc"] = found.cautious
    found_by = {method: intervals(mean, config.alpha) for method, mean in means.items()}
    verdict = ""
    if found.k >= FEW_TRIALS:
        verdict = weakest(
            [judge(bounds, margin, assay_sensitive=False) for bounds in found_by.values()]
        )
    for method, mean in means.items():
        yield Estimate(
            study=f"pooled:{question}",
            collection="",
            kind="pooled",
            construct=construct,
            outcome=construct,
            population="all",
            estimand="log ratio of means, random-effects mean over trials",
            tier="secondary" if method == "reml-hksj" else "sensitivity",
            contrast=CLASSES[question],
            at=f"{window.min_weeks:g}-{window.max_weeks:g} weeks",
            scale="log_ratio",
            unit="log ratio",
            method=method,
            **found_by[method],
            margin=margin,
            verdict=verdict if method == "reml-hksj" else "",
            p=mean.p,
            n_participants=int(np.nansum([effect.n for effect in members])),
            n_studies=found.k,
            converged=found.converged,
            boundary=found.tau2 == 0,
            assumed=_assumed(members),
            note=_note(found, members),
        )


def _assumed(members: list[Effect]) -> str:
    """Every assumption that a member rests on."""
    words = (word for effect in members for word in effect.assumed.split("; ") if word)
    return "; ".join(dict.fromkeys(words))


def _note(found: Pool, members: list[Effect]) -> str:
    """How much rests on assumptions, and whether trials are few."""
    cautioned = sum(bool(effect.assumed) for effect in members)
    rest = "rests" if cautioned == 1 else "rest"
    notes = [f"{cautioned} of {found.k} {rest} on an assumption or a caution"]
    unknown = sum(np.isnan(effect.n) for effect in members)
    if unknown:
        notes.append(f"participants of {unknown} not known, and not counted")
    if found.k < FEW_TRIALS:
        notes.append(f"few trials: {found.k}, fewer than {FEW_TRIALS}, so no verdict")
    return "; ".join(notes)
