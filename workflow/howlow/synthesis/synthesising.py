"""The synthesis stage: all estimates in one table, evidence by question, pools and the answer."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

from howlow.analysis.estimates import ESTIMATE_COLUMNS, Estimate, estimates_table
from howlow.config.claims import read_claims
from howlow.config.settings import Config
from howlow.data.declaration import DeclaredStudy
from howlow.data.measurements import findings_table, read_table, write_table, write_text
from howlow.data.same_files import shared_files
from howlow.synthesis.answer.exchange import exchange_of
from howlow.synthesis.answer.ladder import ladders_of
from howlow.synthesis.answering import answer
from howlow.synthesis.borrowed import borrow_spreads
from howlow.synthesis.claims.changes import changes, check_earlier, write_changes
from howlow.synthesis.claims.ledger import Ledger, ledger
from howlow.synthesis.claims.rows import write_claims
from howlow.synthesis.curves.curves import curves_of
from howlow.synthesis.curves.steps import first_step
from howlow.synthesis.evidence import evidence_table
from howlow.synthesis.mapping import evidence_map, write_map
from howlow.synthesis.material import read_material
from howlow.synthesis.network.networks import networks_of
from howlow.synthesis.one_stage.rows import one_stage_rows
from howlow.synthesis.pooled_rows import pool_effects
from howlow.synthesis.pools import write_influence, write_pools, write_small_studies

if TYPE_CHECKING:
    import pandas as pd


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
    if config.compare_to:
        check_earlier(Path(config.compare_to), output)
    material = read_material(folders, config)
    declared = read_claims(claims, config.constructs) if claims is not None else None
    effects = borrow_spreads(material.effects, material)
    pools = pool_effects(effects, material)
    beside = one_stage_rows(material, [effect for effect in effects if effect.pooled])
    networks, of_networks = networks_of(material)
    ladders = ladders_of(material)
    rows = [
        *(beside.noted(row) for row in pools.rows),
        *beside.rows,
        *(row for ladder in ladders for row in ladder.estimates()),
        *of_networks,
    ]
    found = ledger(material, declared) if declared else Ledger((), ())
    curves = curves_of(material)
    page = answer(
        material,
        rows,
        ladders,
        exchange_of(material),
        first_step(material.arms, config),
        declared.published if declared else (),
    )
    write_pools(pools.details, output / "pools.csv")
    write_influence(pools.influence, output / "influence.csv")
    write_small_studies(pools.small_studies, output / "small_studies.csv")
    write_table(evidence_table(effects), output / "evidence.csv")
    write_map(evidence_map(material, curves, networks), output / "evidence_map.csv")
    for name, content in (("network", networks), ("curves", curves), ("answer", page)):
        text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
        write_text(text + "\n", output / f"{name}.json")
    tables = [read_table(folder / "estimates.csv", text=ESTIMATE_COLUMNS) for folder in folders]
    write_estimates([*rows, *found.estimates], tables, output / "estimates.csv")
    write_claims(found.rows, output / "claims.csv")
    changed = changes(Path(config.compare_to), output) if config.compare_to else []
    write_changes(changed, output / "changes.csv")
    write_findings(material.studies, output / "findings.csv")
    fits = [read_table(folder / "fits.csv", text=None) for folder in folders]
    write_table(_stacked(fits), output / "fits.csv")


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
