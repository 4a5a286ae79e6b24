"""The assumptions for a new cohort out of a study's own results."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtri

from howlow.analysis.estimand.cards import Card, card
from howlow.analysis.fitting.longitudinal import Model, fit_cells
from howlow.analysis.fitting.structures import chain_of, choose
from howlow.analysis.fitting.tables import cohort_of
from howlow.analysis.planning.assumed import WHO_LEAVES, Assumed, detected, gained
from howlow.analysis.rounding import magnitude
from howlow.config.schema import unknown
from howlow.config.settings import Config
from howlow.config.trial import Arm, sides
from howlow.data.declaration import Declaration, read_declaration
from howlow.data.flow_rows import MASKED
from howlow.data.measurements import read_measurements
from howlow.errors import DesignError, HowlowError
from howlow.model.marginal_covariance import covariance_of_rows

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Cohort, Matrix
    from howlow.analysis.fitting.fits import Cell
    from howlow.model import BatchFit


def from_study(
    results: Path,
    config: Config,
    *,
    outcome: str | None = None,
    contrast: str | None = None,
    difference: float | None = None,
) -> tuple[Assumed, float]:
    """The assumptions that a study's measurements give, and the share of people who left.

    The visits are the baseline and the last at which the study compares arms. While the study is
    ongoing all arms count as one, so that nothing tells them apart.

    Raises
    ------
    HowlowError
        If the study has no individual data, compares no arms, has no such outcome or contrast, or
        has neither a margin nor a difference to plan for.
    DesignError
        If nobody was seen at every visit.
    """
    trial = _trial_of(results)
    which = _named(outcome, trial.outcomes, trial.primary_outcome, "outcome")
    contrasts = [found.contrast for found in trial.contrasts]
    chosen = _named(contrast, contrasts, contrasts[0] if contrasts else "", "contrast")
    about = card(trial, config, which, chosen, trial.at[0])
    # ASSUME: a new cohort is randomised, its analysis adjusts for the baseline alone, and it
    # compares two arms; other covariates would make it a little more precise.
    about = replace(about, baseline="one for all arms", covariates=(), comparisons=(), control="")
    measured = read_measurements(results / "measurements.csv")
    rows = measured[measured["outcome"] == which]
    seen = replace(trial, arms=_one_arm(trial)) if trial.ongoing else trial
    cohort = cohort_of(seen, rows, (trial.start, about.at))
    return _assumed(trial, config, about, cohort, difference), _left(cohort)


def _trial_of(results: Path) -> Declaration:
    """The study of a results folder, if a new cohort can be planned from it."""
    path = results / "study.json"
    if not path.is_file():
        raise HowlowError(
            f"{path.as_posix()}: there is no such file. Run `snakemake` first, or name a study "
            "that has results"
        )
    found = read_declaration(path)
    if found.study.kind != "participants":
        raise HowlowError(f"{found.study.id}: a new cohort is planned from individual data")
    trial = found.trials[0]
    if trial.design not in ("parallel", "within_participant") or not (trial.contrasts and trial.at):
        raise HowlowError(
            f"{trial.id}: its design is {trial.design}, with {len(trial.contrasts)} contrasts at "
            f"{len(trial.at)} visits; planning needs two arms, of people or of limbs"
        )
    return trial


def _named(given: str | None, known: Collection[str], default: str, what: str) -> str:
    """The outcome or contrast that is asked for."""
    if given is not None and given not in known:
        raise HowlowError(f"'{given}' is no {what} of this study. {unknown(given, known)}")
    return given or default


def _one_arm(trial: Declaration) -> dict[str, Arm]:
    """All arms as one, as a masked table names them."""
    return {MASKED: next(iter(trial.arms.values()))}


def _left(cohort: Cohort) -> float:
    """Share of the people with a baseline who have no later value."""
    after = len(np.unique(cohort.participant[cohort.visit == len(cohort.visits) - 1]))
    before = len(np.unique(cohort.participant[cohort.visit == 0]))
    return max(0.0, 1 - after / before)


def _assumed(
    trial: Declaration, config: Config, about: Card, cohort: Cohort, difference: float | None
) -> Assumed:
    """Assumptions out of a cohort with its baseline and one later visit."""
    if len(cohort.visits) < 2:
        raise DesignError(f"{trial.id}, {about.outcome}: there is no value at {about.at}")
    structure = choose(cohort, chain_of(cohort)).structure
    batch, cells = fit_cells(cohort, Model(structure))
    person, limb = _parts(cohort, batch, config.limb_correlation.value)
    baseline = float(cohort.values[0, cohort.visit == 0].mean())
    gain = _gain(batch, cells, about, cohort)
    margin = about.margin
    if margin is None and about.margin_pct is not None:
        margin = about.margin_pct / 100 * abs(baseline)
    if margin is None and difference is None:
        raise HowlowError(
            f"{trial.id}, {about.outcome}: no margin is declared, so give a true difference that "
            "is to be detected: --difference NUMBER"
        )
    declared, (first, second) = trial.outcomes[about.outcome], sides(about.contrast)
    return Assumed(
        name=trial.id,
        source=f"study {trial.id}{', itself SIMULATED' if trial.simulated else ''}",
        outcome=declared.label,
        arms=(trial.arms[first].label, trial.arms[second].label),
        card=about,
        visits=cohort.visits,
        weeks=tuple(cohort.weeks.tolist()),
        means=(baseline, baseline + gain),
        person=person,
        limb=limb,
        margin=margin,
        differences=detected(margin, difference),
        statements=_statements(trial, about, cohort, (person, limb), (baseline, gain), config),
    )


def _parts(cohort: Cohort, batch: BatchFit, correlation: float) -> tuple[Matrix, Matrix]:
    """Covariances over visits: of what the limbs of a person share, and of each limb's own part.

    Where arms are people, the share of the limbs is assumed.
    """
    limbs, visits = int(cohort.limb.max()) + 1, len(cohort.visits)
    people, counts = np.unique(cohort.participant, return_counts=True)
    whole = people[counts == limbs * visits]
    if not len(whole):
        raise DesignError("nobody was seen at every visit, so the spread cannot be estimated")
    rows = np.flatnonzero(cohort.participant == whole[0])
    order = np.lexsort((cohort.visit[rows], cohort.limb[rows]))
    matrix = np.asarray(covariance_of_rows(batch.fit(0), rows[order]), dtype=np.float64)
    if limbs == 1:
        return correlation * matrix, (1 - correlation) * matrix
    blocks = matrix.reshape(limbs, visits, limbs, visits).swapaxes(1, 2)
    total: Matrix = np.asarray(np.einsum("kkij->ij", blocks) / limbs, dtype=np.float64)
    # The sum over all pairs of limbs, without each with itself, is symmetric.
    shared: Matrix = (blocks.sum(axis=(0, 1)) - limbs * total) / (limbs * (limbs - 1))
    return _possible(shared), _possible(total - shared)


def _possible(matrix: Matrix) -> Matrix:
    """The nearest matrix that is a covariance."""
    values, vectors = np.linalg.eigh(matrix)
    found: Matrix = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return found


def _gain(batch: BatchFit, cells: dict[Cell, int], about: Card, cohort: Cohort) -> float:
    """Mean gain of the reference arm; of all arms, where they are masked."""
    reference = sides(about.contrast)[1]
    arms = [reference] if reference in cohort.arms else list(cohort.arms)
    beta = batch.beta[0]
    start = cohort.visits[0]
    return float(np.mean([beta[cells[arm, about.at]] - beta[cells[arm, start]] for arm in arms]))


def _statements(
    trial: Declaration,
    about: Card,
    cohort: Cohort,
    parts: tuple[Matrix, Matrix],
    means: tuple[float, float],
    config: Config,
) -> tuple[str, ...]:
    """What is taken from a study, and what is assumed beside it, in sentences."""
    unit, total = about.unit, parts[0] + parts[1]
    sd = np.sqrt(np.diag(total))
    df = len(cohort.people) - len(cohort.arms)
    low, high = df / chdtri(df, 0.025), df / chdtri(df, 0.975)
    who = (
        "all arms together (masked)"
        if trial.ongoing
        else trial.arms[sides(about.contrast)[1]].label
    )
    limbs = float(parts[0][-1, -1] / total[-1, -1])
    known = ", as in the study"
    if not cohort.limb.any():
        known = ", of values and of changes alike (`limb_correlation`; not from the study)"
    note = ("SIMULATED study: these numbers are no evidence.",) if trial.simulated else ()
    course = (
        f"Mean before {magnitude(means[0])} {unit}; {who} {gained(means[1])} {unit} by "
        f"{trial.labels[about.at]}, as in the study."
    )
    spread = (
        f"Standard deviation between people {magnitude(sd[0])} {unit} before and "
        f"{magnitude(sd[-1])} {unit} after, correlation {total[0, -1] / (sd[0] * sd[-1]):.2f}, "
        f"estimated from {len(cohort.people)} people: the 95 % interval of the variance, and so of "
        f"the number of people needed, reaches from {low:.2f} to {high:.2f} times what is used."
    )
    return (
        *note,
        course,
        spread,
        f"Correlation {limbs:.2f} between the limbs of one person{known}.",
        WHO_LEAVES,
    )
