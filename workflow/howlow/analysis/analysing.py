"""The model stage of one study: every trial, outcome and visit to fits and estimates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

from howlow.analysis.contrasts import ContrastRows
from howlow.analysis.designs import ArmFit, fit_design
from howlow.analysis.estimates import Estimate, estimates_table
from howlow.analysis.fits import Fit
from howlow.analysis.means import mean_rows
from howlow.analysis.printed import contrast_only, described
from howlow.analysis.units import AnalysisUnit, units
from howlow.analysis.verdicts import weakest
from howlow.config.settings import Config
from howlow.config.study import Participants
from howlow.config.trial import Contrast, sides
from howlow.data.declaration import Declaration, read_declaration
from howlow.data.measurements import (
    findings_table,
    read_measurements,
    write_table,
)
from howlow.data.published.printed_rows import PrintedRow, read_printed
from howlow.errors import DesignError
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

#: Columns of a study's table of fits.
FIT_COLUMNS = (
    "study",
    "outcome",
    "at",
    "method",
    "n_participants",
    "n_observations",
    "converged",
    "boundary",
    "variances",
    "messages",
)


@dataclass
class Results:
    """What the model stage found."""

    estimates: list[Estimate]
    fits: list[dict[str, object]]
    findings: list[Finding]


def analyse(folder: Path, config: Config) -> None:
    """Write a study's estimates.csv, fits.csv and model_findings.csv into its results folder."""
    import pandas as pd

    declared = read_declaration(folder / "study.json")
    measurements = read_measurements(folder / "measurements.csv")
    printed = read_printed(folder / "printed.csv")
    results = Results([], [], [])
    nothing = measurements.iloc[:0]
    measured = dict(iter(measurements.groupby("study", sort=False)))
    # While a study is ongoing its arms are masked, and nothing is estimated that tells them apart.
    ongoing = isinstance(declared.study, Participants) and declared.study.status == "ongoing"
    for trial in () if ongoing else declared.trials:
        mine = measured.get(trial.id, nothing)
        analyse_trial(trial, mine, printed.get(trial.id, []), config, results)
    write_table(estimates_table(results.estimates), folder / "estimates.csv")
    write_table(pd.DataFrame(results.fits, columns=list(FIT_COLUMNS)), folder / "fits.csv")
    write_table(findings_table(results.findings), folder / "model_findings.csv")


def wanted(outcome: str, construct: str, config: Config) -> bool:
    """Whether the configuration asks for an outcome."""
    return not config.outcomes or outcome in config.outcomes or construct in config.outcomes


def analyse_trial(
    trial: Declaration,
    measurements: pd.DataFrame,
    printed: list[PrintedRow],
    config: Config,
    results: Results,
) -> None:
    """Add all estimates of one trial to the results.

    `measurements` are those of the trial, `printed` the rows of its table of arms (none for
    individual data).
    """
    estimates: list[Estimate] = []
    for unit in units(trial, measurements, printed):
        if not wanted(unit.outcome, trial.outcomes[unit.outcome].construct, config):
            continue
        try:
            estimates.extend(_analyse_unit(unit, printed, config, results))
        except DesignError as error:
            action = "Descriptive values are given; no interval"
            results.findings.append(
                Finding("K11", "warning", "", 0, unit.outcome, str(error), action, trial.id)
            )
    for rows in (contrast_only(trial, printed, config), described(trial, printed)):
        estimates.extend(found for found in rows if wanted(found.outcome, found.construct, config))
    order = list(trial.at) or _longest_first(printed)
    results.estimates.extend(_weakened(_tiered(trial, estimates, order)))


def _analyse_unit(
    unit: AnalysisUnit, printed: list[PrintedRow], config: Config, results: Results
) -> Iterator[Estimate]:
    """Means and contrasts of one outcome at one visit in one reading."""
    assumed = _assumed(unit, printed)
    contrasts = _contrasts(unit, printed)
    yield from mean_rows(unit, config, assumed)
    named = {arm for contrast in contrasts for arm in sides(contrast.contrast)}
    if not named:
        return
    frame = unit.frame[unit.frame["arm"].isin(named)].reset_index(drop=True)
    compared = replace(unit, frame=frame)
    for found in fit_design(compared, cross_checks=unit.variant == ""):
        results.fits.append(_fit_row(compared, found))
        results.findings.extend(_fit_findings(compared, found))
        rows = ContrastRows(compared, found, config, assumed)
        for contrast in contrasts:
            yield from rows.of(*sides(contrast.contrast))


def _contrasts(unit: AnalysisUnit, printed: list[PrintedRow]) -> list[Contrast]:
    """The declared contrasts whose two arms have data here and may serve the question."""
    here = [
        contrast
        for contrast in unit.trial.contrasts
        if set(sides(contrast.contrast)) <= set(unit.arms)
    ]
    if unit.trial.kind == "participants":
        return here
    serves = {
        row.arm: row.questions
        for row in printed
        if (row.use, row.role, row.outcome, row.visit)
        == ("fitted", "arm", unit.outcome, unit.visit)
    }
    return [
        contrast
        for contrast in here
        if all(contrast.question in serves.get(arm, ()) for arm in sides(contrast.contrast))
    ]


def _assumed(unit: AnalysisUnit, printed: list[PrintedRow]) -> str:
    """What the main reading of these rows assumes."""
    rows = [row for row in printed if (row.outcome, row.visit) == (unit.outcome, unit.visit)]
    return "; ".join(
        dict.fromkeys(word for row in rows for word in row.assumed.split("; ") if word)
    )


def _fit_row(unit: AnalysisUnit, found: ArmFit) -> dict[str, object]:
    """One row of the table of fits."""
    fit = found.fit
    return {
        "study": unit.trial.id,
        "outcome": unit.outcome,
        "at": unit.visit,
        "method": method_name(fit, unit.variant),
        "n_participants": fit.n_participants,
        "n_observations": fit.n_observations,
        "converged": fit.converged,
        "boundary": fit.boundary,
        "variances": "; ".join(f"{name} {value:.6g}" for name, value in fit.variances.items()),
        "messages": "; ".join(fit.messages),
    }


def method_name(fit: Fit, variant: str) -> str:
    """The method with the reading it was applied to, as in `ancova[r_low]`."""
    return f"{fit.method}[{variant}]" if variant else fit.method


def _fit_findings(unit: AnalysisUnit, found: ArmFit) -> Iterator[Finding]:
    """A boundary or a failure to converge, for the data-quality section."""
    if found.fit.boundary:
        what = f"{found.fit.method} at {unit.visit}: a variance component is zero (singular fit)"
        action = "An ordinary result of small trials; read with the paired analysis beside it"
        yield Finding("K20", "warning", "", 0, unit.outcome, what, action, unit.trial.id)
    if not found.fit.converged:
        what = f"{found.fit.method} at {unit.visit} did not converge"
        yield Finding(
            "R11", "warning", "", 0, unit.outcome, what, "Do not rely on it", unit.trial.id
        )


def _longest_first(printed: list[PrintedRow]) -> list[str]:
    """The visits of a printed trial: what is counted from baseline first, the longest time first.

    Training and disuse stand before what follows them (recovery, detraining, maintenance).
    """

    def place(row: PrintedRow) -> tuple[bool, bool, float]:
        after = row.phase not in ("training", "disuse")
        return after, row.change_vs != "baseline", 0.0 if isnan(row.weeks) else -row.weeks

    return list(dict.fromkeys(row.visit for row in sorted(printed, key=place)))


def _tiered(
    trial: Declaration, estimates: Iterable[Estimate], visits: list[str]
) -> Iterator[Estimate]:
    """Name the primary estimate: in raw units, of the primary outcome, at the first visit in order.

    There it is the first declared contrast, else the first mean.
    """
    listed = list(estimates)
    order = [contrast.contrast for contrast in trial.contrasts]
    candidates = [
        found
        for found in listed
        if found.tier == "secondary"
        and found.outcome == trial.primary_outcome
        and found.scale == "raw"
    ]
    ranked = [found for name in order for found in candidates if found.contrast == name]
    if not ranked:
        ranked = [found for found in candidates if found.contrast.startswith("mean(")]
    ranked.sort(key=lambda found: visits.index(found.at.split(" - ")[0]))
    chosen = ranked[0] if ranked else None
    for found in listed:
        yield replace(found, tier="primary") if found is chosen else found


def _weakened(estimates: Iterable[Estimate]) -> Iterator[Estimate]:
    """Verdicts that change inside a declared range become their weakest value, and say on what.

    The range of a correlation counts always; another reading of the spread where the page gives no
    hint which is right. Otherwise the note says what the other reading would give.
    """
    listed = list(estimates)
    others: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for found in listed:
        method, _, variant = found.method.rstrip("]").partition("[")
        if variant:
            others.setdefault(_same(found, method), []).append((variant, found.verdict))
    for found in listed:
        ways = others.get(_same(found, found.method), []) if found.verdict else []
        changed = [(way, verdict) for way, verdict in ways if verdict != found.verdict]
        binding = [
            (way, verdict)
            for way, verdict in changed
            if "r_" in way or (way.startswith("spread") and "type unknown" in found.assumed)
        ]
        notes = [found.note, *dict.fromkeys(f"depends on {_words(way)}" for way, _ in binding)]
        notes += [
            f"{verdict or 'no verdict'} under another reading of {_words(way)}"
            for way, verdict in changed
            if (way, verdict) not in binding
        ]
        verdict = weakest([found.verdict, *(verdict for _, verdict in binding)])
        yield replace(found, verdict=verdict, note="; ".join(note for note in notes if note))


def _same(found: Estimate, method: str) -> tuple[str, ...]:
    """What an estimate and its other readings share."""
    return found.outcome, found.contrast, found.at, found.scale, method


def _words(variant: str) -> str:
    """What a variant is another reading of."""
    if variant.startswith("n_"):
        return "n"
    return "the spread" if variant.startswith("spread") else "r"
