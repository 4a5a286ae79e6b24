"""The model stage of one study: every trial, outcome and visit to fits and estimates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from howlow.analysis.asking import Answers, analyse_unit
from howlow.analysis.checking import check_robustness
from howlow.analysis.estimand.amendments import plan_findings
from howlow.analysis.estimand.cards import cards, cards_json
from howlow.analysis.estimand.masked import masked_rows
from howlow.analysis.estimand.plan import Look, unmasked
from howlow.analysis.estimates import Estimate, estimates_table
from howlow.analysis.printed import contrast_only, described
from howlow.analysis.questions.measurement_error import (
    measured_error,
    measurement_error_rows,
)
from howlow.analysis.questions.several_arms import holm
from howlow.analysis.r_script import Block, r_script
from howlow.analysis.relative_means import RELATIVE_COLUMNS
from howlow.analysis.results import FIT_COLUMNS, Results
from howlow.analysis.robustness.diagnostics import DIAGNOSTIC_COLUMNS
from howlow.analysis.robustness.missing import MISSING_COLUMNS
from howlow.analysis.robustness.multiverse import MULTIVERSE_COLUMNS
from howlow.analysis.tiers import longest_first, superseded, tiered, weakened
from howlow.analysis.units import units
from howlow.config.settings import Config
from howlow.data.declaration import Declaration, read_declaration
from howlow.data.measurements import (
    findings_table,
    read_measurements,
    read_participants,
    write_table,
    write_text,
)
from howlow.data.published.printed_rows import PrintedRow, read_printed

if TYPE_CHECKING:
    import pandas as pd


def analyse(folder: Path, config: Config) -> None:
    """Analyse a study and write what was found into its results folder.

    Writes estimates.csv, fits.csv, model_findings.csv, cards.json, multiverse.csv, missing.csv,
    diagnostics.csv and relative_means.csv, and beside the folder, in `r`, the R script that fits
    the primary estimates again.
    """
    declared = read_declaration(folder / "study.json")
    measurements = read_measurements(folder / "measurements.csv")
    people = read_participants(folder / "participants.csv")
    printed = read_printed(folder / "printed.csv")
    results = Results(findings=plan_findings(declared, config))
    measured = dict(iter(measurements.groupby("study", sort=False)))
    look = unmasked(declared)
    for trial in declared.trials:
        mine = measured.get(trial.id, measurements.iloc[:0])
        if trial.ongoing and look is None:
            # While a study is ongoing nothing is estimated that tells its arms apart.
            results.estimates.extend(masked_rows(trial, mine, config))
            results.cards.extend(cards(trial, config))
            continue
        analyse_trial(trial, mine, printed.get(trial.id, []), config, results, people)
    if look is not None:
        results.estimates = [_interim(found, look) for found in results.estimates]
        # Without a verdict there is nothing that another choice could change.
        results.multiverse, results.missing = [], []
    _write(results, folder)
    script = r_script(folder.name, results.blocks)
    write_text(script, folder.parent / "r" / f"{folder.name}.R")


def _write(results: Results, folder: Path) -> None:
    """Write the tables of a study."""
    import pandas as pd

    write_table(estimates_table(results.estimates), folder / "estimates.csv")
    write_table(findings_table(results.findings), folder / "model_findings.csv")
    write_text(cards_json(results.cards), folder / "cards.json")
    for name, rows, columns in (
        ("fits", results.fits, FIT_COLUMNS),
        ("multiverse", results.multiverse, MULTIVERSE_COLUMNS),
        ("missing", results.missing, MISSING_COLUMNS),
        ("diagnostics", results.diagnostics, DIAGNOSTIC_COLUMNS),
        ("relative_means", results.relative, RELATIVE_COLUMNS),
    ):
        write_table(pd.DataFrame(rows, columns=list(columns)), folder / f"{name}.csv")


def _interim(found: Estimate, look: Look) -> Estimate:
    """An estimate of an interim look: it says so, and has no verdict."""
    note = "; ".join(part for part in (look.note, found.note) if part)
    return replace(found, verdict="", n_to_settle=None, note=note)


def wanted(outcome: str, construct: str, config: Config) -> bool:
    """Whether the configuration asks for an outcome."""
    return not config.outcomes or outcome in config.outcomes or construct in config.outcomes


def analyse_trial(
    trial: Declaration,
    measurements: pd.DataFrame,
    printed: list[PrintedRow],
    config: Config,
    results: Results,
    people: pd.DataFrame | None = None,
) -> None:
    """Add all estimates of one trial to the results.

    `measurements` are those of the trial, `printed` the rows of its table of arms (none for
    individual data), `people` its participants (none for a printed trial).
    """
    estimates: list[Estimate] = []
    answers = Answers(config, results)
    for unit in units(trial, measurements, printed, people, config.estimand):
        if wanted(unit.outcome, trial.outcomes[unit.outcome].construct, config):
            error = measured_error(trial, unit.outcome, measurements)
            if error is not None:
                estimates.extend(measurement_error_rows(trial, unit.outcome, error, config))
            estimates.extend(analyse_unit(unit, printed, answers, error))
    for rows in (contrast_only(trial, printed, config), described(trial, printed)):
        estimates.extend(found for found in rows if wanted(found.outcome, found.construct, config))
    order = list(trial.at) or longest_first(printed)
    ranked = tiered(trial, superseded(estimates), order)
    named = holm(list(weakened(ranked)), config.alpha)
    primary = next((found for found in named if found.tier == "primary"), None)
    named.extend(check_robustness(trial, primary, answers))
    results.estimates.extend(named)
    if primary is not None:
        subject = answers.subject_of(primary)
        results.blocks.append(Block(trial, primary, subject))
