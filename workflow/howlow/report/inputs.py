"""Everything the page is made from, read once from the results folder."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from howlow.analysis.estimand.cards import Card, read_cards
from howlow.analysis.estimates import Estimate, read_estimates
from howlow.config.claims import Claims, read_claims
from howlow.config.collection import Trial
from howlow.config.frozen import FrozenPlan
from howlow.config.settings import Config
from howlow.config.study import Study
from howlow.data.declaration import Declaration, read_declaration
from howlow.data.flow_rows import FlowRow, read_flow
from howlow.data.measurements import read_table
from howlow.data.privacy.small_cells import known_of, smallest_group
from howlow.data.published.printed_rows import PrintedRow, read_printed
from howlow.findings import COLUMNS as FINDING_COLUMNS
from howlow.findings import Finding
from howlow.present.specification import Choice, Key, read_choices
from howlow.report.synthesised import Synthesised, read_synthesised, text_rows
from howlow.synthesis.evidence import Effect, read_evidence
from howlow.synthesis.pools import PoolDetails, read_pools

if TYPE_CHECKING:
    import pandas as pd

POOLED = "pooled:"


@dataclass(frozen=True)
class Alike:
    """The smallest group of participants who share what is known of them (`columns`)."""

    people: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Analysis:
    """What the analysis wrote beside its estimates.

    `cards` are of the contrasts that were analysed; `missing` and `diagnostics` the rows of their
    tables as text; `plan` was frozen, if one was; `script` is the script in R, or nothing.
    """

    cards: tuple[Card, ...]
    choices: dict[Key, list[Choice]]
    missing: tuple[dict[str, str], ...]
    diagnostics: tuple[dict[str, str], ...]
    plan: FrozenPlan | None
    script: str


@dataclass(frozen=True)
class Source:
    """One entry of config's list of studies: its trials, what papers print, who took part."""

    study: Study
    trials: tuple[Declaration, ...]
    declared: dict[str, Trial]
    printed: tuple[PrintedRow, ...]
    flow: tuple[FlowRow, ...]
    alike: Alike
    analysis: Analysis

    @property
    def is_collection(self) -> bool:
        """Whether it is a collection of published trials."""
        return self.study.kind == "summary"


@dataclass(frozen=True)
class Inputs:
    """The results folder as objects, and the claims under test where a file declares them."""

    folder: Path
    config: Config
    sources: tuple[Source, ...]
    estimates: tuple[Estimate, ...]
    effects: tuple[Effect, ...]
    pools: dict[str, PoolDetails]
    findings: tuple[Finding, ...]
    answer: dict[str, Any]
    figures: tuple[dict[str, Any], ...]
    provenance: dict[str, Any]
    synthesised: Synthesised
    claims: Claims | None

    @cached_property
    def trials(self) -> dict[str, Declaration]:
        """Every trial by its id."""
        return {trial.id: trial for source in self.sources for trial in source.trials}

    @cached_property
    def by_id(self) -> dict[str, Estimate]:
        """Every estimate by its id."""
        return {found.estimate_id: found for found in self.estimates}

    @cached_property
    def by_study(self) -> dict[str, list[Estimate]]:
        """The estimates of each trial, in the order of the table."""
        found: dict[str, list[Estimate]] = {}
        for estimate in self.estimates:
            found.setdefault(estimate.study, []).append(estimate)
        return found

    def is_simulated(self, study: str) -> bool:
        """Whether a trial is simulated."""
        return study in self.trials and self.trials[study].simulated


def read_inputs(results: Path, config: Config, claims: Path | None = None) -> Inputs:
    """Read the results folder, and the file of claims."""
    return Inputs(
        folder=results,
        config=config,
        sources=tuple(_source(results / name) for name in config.studies),
        estimates=tuple(_estimates(results / "estimates.csv")),
        effects=tuple(_effects(results / "evidence.csv")),
        pools=read_pools(results / "pools.csv"),
        findings=tuple(_findings(results / "findings.csv")),
        answer=_json(results / "answer.json"),
        figures=tuple(_json(results / "figures" / "index.json")),
        provenance=_json(results / "provenance.json"),
        synthesised=read_synthesised(results),
        claims=None if claims is None else read_claims(claims, config.constructs),
    )


def _json(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def _source(folder: Path) -> Source:
    """One study's declaration, and the rows its papers print."""
    declared = read_declaration(folder / "study.json")
    rows = tuple(row for trial in read_printed(folder / "printed.csv").values() for row in trial)
    return Source(
        declared.study,
        declared.trials,
        declared.collected,
        rows,
        read_flow(folder / "flow.csv"),
        _alike(folder / "participants.csv"),
        _analysis(folder, declared.plan),
    )


def _analysis(folder: Path, plan: FrozenPlan | None) -> Analysis:
    """What the analysis of a study wrote beside its estimates."""
    script = folder.parent / "r" / f"{folder.name}.R"
    return Analysis(
        cards=tuple(read_cards(folder / "cards.json")),
        choices=read_choices(folder / "multiverse.csv"),
        missing=text_rows(folder / "missing.csv"),
        diagnostics=text_rows(folder / "diagnostics.csv"),
        plan=plan,
        script=script.read_text(encoding="utf-8") if script.is_file() else "",
    )


def _alike(path: Path) -> Alike:
    """How many people the smallest group has by sex and by age in bands."""
    columns = ("sex", "age")
    if not path.is_file():
        return Alike(0, ())
    people = read_table(path, text=None)
    return Alike(smallest_group(people, columns), tuple(known_of(people, columns)))


def _estimates(path: Path) -> list[Estimate]:
    """The rows of the table of all estimates as objects."""
    names = [field.name for field in fields(Estimate)]
    found = []
    for row in _records(read_estimates(path)):
        values = {name: _or_none(row[name]) for name in names}
        for name in ("n_to_settle", "n_participants", "n_observations", "n_studies"):
            values[name] = None if values[name] is None else int(values[name])
        found.append(Estimate(**values))
    return found


def _effects(path: Path) -> list[Effect]:
    """The rows of the evidence as objects; numbers that are not known are NaN."""
    return [Effect(**row) for row in _records(read_evidence(path))]


def _findings(path: Path) -> list[Finding]:
    """The rows of the table of findings as objects."""
    rows = _records(read_table(path, text=FINDING_COLUMNS))
    return [
        Finding(**{name: row[name] for name in FINDING_COLUMNS} | {"line": int(row["line"] or 0)})
        for row in rows
    ]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dictionaries."""
    return [
        dict(zip(table.columns, row, strict=True))
        for row in table.itertuples(index=False, name=None)
    ]


def _or_none(cell: Any) -> Any:
    """A cell, or None for NaN."""
    return None if isinstance(cell, float) and math.isnan(cell) else cell
