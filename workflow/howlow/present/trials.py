"""What an estimation plot shows, picked from the written tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from howlow.analysis.estimand.cards import card
from howlow.analysis.estimand.words import card_phrase
from howlow.config.settings import Config
from howlow.config.trial import sides
from howlow.data.declaration import Declaration
from howlow.present.notes import contrast_notes

if TYPE_CHECKING:
    import pandas as pd

#: Tiers of the contrasts that get a figure.
SHOWN_TIERS = ("primary", "secondary")

#: A participant (and limb) with the change it showed.
Changes = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval (NaN where there is none), by its id."""

    estimate_id: str
    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class ArmShown:
    """What an arm did: its mean change and, with individual data, each one's."""

    label: str
    n: int | None
    mean: Interval
    changes: Changes


@dataclass(frozen=True)
class ContrastShown:
    """A difference between two arms, in the unit and in per cent."""

    first: str
    second: str
    raw: Interval
    se: float
    df: float
    equivalence: tuple[float, float]
    margin: float | None
    verdict: str
    ratio: Interval | None
    n: int | None
    method: str
    tier: str


@dataclass(frozen=True)
class TrialFigure:
    """All that is drawn of an outcome of a trial at a visit."""

    stem: str
    study: str
    collection: str
    cite: str
    construct: str
    outcome: str
    at: str
    outcome_label: str
    unit: str
    better: bool
    ratio_scale: bool
    visit: str
    design: str
    limb_pairs: bool
    simulated: bool
    level: float
    equivalence_level: float
    margin_pct: float | None
    arms: tuple[ArmShown, ...]
    contrasts: tuple[ContrastShown, ...]
    assumed: tuple[str, ...]
    cautions: tuple[str, ...]
    notes: tuple[str, ...]
    estimand: str = ""

    @property
    def estimate_ids(self) -> tuple[str, ...]:
        """Every estimate that is drawn or written."""
        ids = [arm.mean.estimate_id for arm in self.arms]
        for contrast in self.contrasts:
            ids.append(contrast.raw.estimate_id)
            ids.extend([contrast.ratio.estimate_id] if contrast.ratio else [])
        return tuple(ids)


def trial_figures(
    trial: Declaration, estimates: pd.DataFrame, measurements: pd.DataFrame | None, config: Config
) -> Iterator[TrialFigure]:
    """A figure for each outcome and visit of a trial that has a contrast with an interval.

    `estimates` are the trial's own; `measurements` are those of a study with individual data; of
    printed summaries there are none, for nobody may take a reconstructed value for a person's.
    """
    of_arm = estimates["contrast"].str.startswith("mean(")
    declared = estimates["contrast"].isin([found.contrast for found in trial.contrasts])
    at_visit = ~estimates["at"].str.contains(" - ", regex=False)
    contrasts = estimates[estimates["tier"].isin(SHOWN_TIERS) & declared & at_visit]
    raw = contrasts[contrasts["scale"] == "raw"]
    if raw.empty:
        return
    in_unit = estimates[
        of_arm & (estimates["scale"] == "raw") & estimates["tier"].isin([*SHOWN_TIERS, "described"])
    ]
    for (outcome, at), rows in raw.groupby(["outcome", "at"], sort=False):
        ratios = {
            (row["contrast"], row["method"]): _interval(row)
            for row in _rows(contrasts[contrasts["scale"] == "log_ratio"], outcome, at)
        }
        means = in_unit[(in_unit["outcome"] == outcome) & in_unit["at"].str.startswith(f"{at} - ")]
        # Beside a contrast stands the whole change; what only the last phase did has its own rows.
        whole = means["at"] == f"{at} - {trial.start}"
        means = means[whole] if whole.any() else means
        changes = (
            _changes(measurements, outcome, at, trial.start) if measurements is not None else {}
        )
        arms = _arms(trial, means, changes)
        yield _figure(trial, rows, ratios, arms, means, config)


def _figure(
    trial: Declaration,
    rows: pd.DataFrame,
    ratios: Mapping[tuple[str, str], Interval],
    arms: tuple[ArmShown, ...],
    means: pd.DataFrame,
    config: Config,
) -> TrialFigure:
    """One figure."""
    first = rows.iloc[0]
    outcome = trial.outcomes[first["outcome"]]
    contrasts = tuple(
        _contrast(trial, row, ratios.get((row["contrast"], row["method"])))
        for _, row in rows.iterrows()
    )
    described = [row["note"] for _, row in means[means["tier"] == "described"].iterrows()]
    notes = [note for _, row in rows.iterrows() for note in contrast_notes(trial, row, len(rows))]
    notes += [part for cell in described for part in cell.split("; ")]
    if not rows["converged"].all():
        notes.append("the fit did not converge: do not rely on it")
    if rows["boundary"].any():
        notes.append("a variance component is zero (singular fit)")
    words = [word for cell in [*rows["assumed"], *means["assumed"]] for word in cell.split("; ")]
    distinct = tuple(dict.fromkeys(word for word in words if word))
    return TrialFigure(
        stem=f"estimation-{trial.id}-{first['outcome']}-{first['at']}",
        study=trial.id,
        collection=trial.collection,
        cite=trial.cite,
        construct=outcome.construct,
        outcome=first["outcome"],
        at=first["at"],
        outcome_label=outcome.label,
        unit=outcome.unit,
        better=outcome.higher_is == "better",
        ratio_scale=outcome.ratio_scale,
        visit=visit_words(trial, first["at"]),
        design=_design(trial),
        limb_pairs=trial.limb_pairs,
        simulated=trial.simulated or any("SIMULATED" in cell for cell in rows["note"]),
        level=first["ci_level"],
        equivalence_level=1 - 2 * config.alpha,
        margin_pct=None if outcome.margin else config.constructs[outcome.construct].margin_pct,
        arms=arms,
        contrasts=contrasts,
        assumed=tuple(word for word in distinct if _presumes(word)),
        cautions=tuple(word for word in distinct if not _presumes(word)),
        notes=tuple(dict.fromkeys(note for note in notes if note and note != "SIMULATED")),
        estimand=_estimand(trial, first, config),
    )


def _estimand(trial: Declaration, row: pd.Series, config: Config) -> str:
    """What the first contrast estimates, by its card; nothing of what a paper counted."""
    if trial.kind != "participants":
        return ""
    return card_phrase(card(trial, config, row["outcome"], row["contrast"], row["at"]), trial)


def visit_words(trial: Declaration, at: str) -> str:
    """A visit in words: its label and week where they are declared, else its name."""
    if at not in trial.labels:
        return at.replace("_", " ")
    label, week = trial.labels[at], trial.weeks[at]
    return (
        label if "week" in label.lower() or "day" in label.lower() else f"{label} (week {week:g})"
    )


def _presumes(word: str) -> bool:
    """Whether a word of `assumed` names an assumption, not a caution about the source."""
    return any(sign in word for sign in ("presumed", "derived", "correlation", "independent arms"))


def _design(trial: Declaration) -> str:
    """How arms were made, in words."""
    design = {
        "parallel": "parallel arms",
        "within_participant": "limbs of one person compared",
        "crossover": "crossover",
        "single_arm": "single arm",
    }[trial.design]
    chance = {"yes": "randomised", "no": "not randomised", "not stated": "randomisation not stated"}
    return f"{design}, {chance[trial.randomised]}"


def _contrast(trial: Declaration, row: pd.Series, ratio: Interval | None) -> ContrastShown:
    """One contrast."""
    first, second = sides(row["contrast"])
    margin = None if math.isnan(row["margin"]) else float(row["margin"])
    verdict = str(row["verdict"])
    if verdict and "depends on r" in row["note"]:
        verdict = f"{verdict}; depends on the correlation assumed"
    return ContrastShown(
        first=trial.arms[first].label,
        second=trial.arms[second].label,
        raw=_interval(row),
        se=float(row["se"]),
        df=float(row["df"]),
        equivalence=(float(row["eq_low"]), float(row["eq_high"])),
        margin=margin,
        verdict=verdict,
        ratio=ratio,
        n=None if math.isnan(row["n_participants"]) else int(row["n_participants"]),
        method=row["method"],
        tier=row["tier"],
    )


def _arms(
    trial: Declaration, means: pd.DataFrame, changes: Mapping[str, Changes]
) -> tuple[ArmShown, ...]:
    """Arms that have a mean, in their declared order."""
    by_arm = {row["contrast"][5:-1]: row for _, row in means.iterrows()}
    return tuple(
        ArmShown(
            label=arm.label,
            n=_people(by_arm[name], changes.get(name, ())),
            mean=_interval(by_arm[name]),
            changes=changes.get(name, ()),
        )
        for name, arm in trial.arms.items()
        if name in by_arm
    )


def _people(row: pd.Series, changes: Changes) -> int | None:
    """How many of an arm the change is seen in: the people that are drawn, else as printed."""
    if changes:
        return len({person for person, _ in changes})
    return None if math.isnan(row["n_participants"]) else int(row["n_participants"])


def _changes(measurements: pd.DataFrame, outcome: str, at: str, start: str) -> dict[str, Changes]:
    """Every individual's change by arm: those who have both values, as the model takes them."""
    key = ["participant", "limb", "arm", "period"]
    mine = measurements[(measurements["outcome"] == outcome) & (measurements["variant"] == "")]
    before = mine[mine["visit"] == start].set_index(key)["value"]
    after = mine[mine["visit"] == at].set_index(key)["value"]
    changes = (after - before).dropna().sort_index()
    by_arm: dict[str, list[tuple[str, float]]] = {}
    for (person, _, arm, _), change in changes.items():
        by_arm.setdefault(arm, []).append((person, float(change)))
    return {arm: tuple(each) for arm, each in by_arm.items()}


def _rows(table: pd.DataFrame, outcome: str, at: str) -> list[pd.Series]:
    """Rows of one outcome and visit."""
    chosen = table[(table["outcome"] == outcome) & (table["at"] == at)]
    return [row for _, row in chosen.iterrows()]


def _interval(row: pd.Series) -> Interval:
    """The estimate of a row."""
    return Interval(
        row["estimate_id"], float(row["estimate"]), float(row["ci_low"]), float(row["ci_high"])
    )
