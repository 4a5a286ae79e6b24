"""Rows of the one-stage model: of which trials it can be fitted, and why not of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from howlow.analysis.estimates import Estimate, assumptions_of, intervals
from howlow.analysis.verdicts import judge
from howlow.errors import DesignError
from howlow.model import ModelError
from howlow.synthesis.one_stage.model import OneStage, TrialValues, fit_one_stage
from howlow.synthesis.one_stage.values import Values
from howlow.synthesis.placing import position
from howlow.synthesis.pooled_rows import CLASSES
from howlow.synthesis.pooling import FEW_TRIALS

if TYPE_CHECKING:
    from howlow.synthesis.evidence import Effect
    from howlow.synthesis.material import Material

#: Each trial's values are divided by their mean before, and so share this unit.
UNIT = "% of baseline"


@dataclass(frozen=True)
class OneStageRows:
    """Rows of the one-stage model; and of pools that have none, by question and construct, why."""

    rows: list[Estimate]
    without: dict[tuple[str, str], str]

    def noted(self, row: Estimate) -> Estimate:
        """A two-stage row; where no one-stage row can stand beside it, its note says why."""
        question = row.study.removeprefix("pooled:")
        why = self.without.get((question, row.construct), "")
        if not why or row.method != "reml-hksj" or row.scale != "log_ratio":
            return row
        return replace(row, note="; ".join(part for part in (row.note, why) if part))


def one_stage_rows(material: Material, members: Sequence[Effect]) -> OneStageRows:
    """The one-stage model of each pool in which trials share a kind of measurement.

    Of a pool those trials enter that have values before and after, or changes in per cent of the
    start; it takes two with one kind of measurement (`Outcome.measure`). The kind with most trials
    gives the row `one-stage`, another `one-stage[<kind>]`. What cannot be fitted is told and stops
    nothing.

    Parameters
    ----------
    members
        The effects that are pooled, of all questions.
    """
    values, found = Values(material), OneStageRows([], {})
    for key, group in groupby(sorted(members, key=_pool), key=_pool):
        effects = list(group)
        if len(effects) < 2 or not material.config.constructs[key[1]].pooled:
            continue
        pool = _Pool(effects, values, CLASSES[key[0]])
        rows = list(pool.rows())
        found.rows.extend(rows)
        if not rows:
            found.without[key] = f"no one-stage model: {', '.join(pool.left_out)}"
    return found


def _pool(effect: Effect) -> tuple[str, str]:
    """The pool that an effect is in."""
    return effect.question, effect.construct


class _Pool:
    """The effects of one pool; `left_out` says which do not enter, and why."""

    def __init__(self, effects: list[Effect], values: Values, contrast: str) -> None:
        self.effects, self.values, self.contrast = effects, values, contrast
        self.config = values.material.config
        self.left_out: list[str] = []

    def rows(self) -> Iterator[Estimate]:
        """One row for each kind of measurement that two trials or more have."""
        fitted = []
        for measure, trials in self._by_measure().items():
            try:
                fitted.append((measure, fit_one_stage(trials), [trial.name for trial in trials]))
            except (DesignError, ModelError) as refusal:
                self.left_out.append(f"{measure} ({refusal})")
        for place, (measure, found, names) in enumerate(fitted):
            method = f"one-stage[{measure}]" if place else "one-stage"
            others = [f"{other} in a row of its own" for other, *_ in fitted if other != measure]
            yield self._row(method, found, (measure, names), [*others, *self.left_out])

    def _by_measure(self) -> dict[str, list[TrialValues]]:
        """The values of the trials by kind of measurement: most trials first, then as declared."""
        kinds: dict[str, list[TrialValues]] = {}
        for effect in self.effects:
            measure = self.values.measure(effect)
            try:
                trial = self.values.of(effect)
                if trial.lacks:
                    raise DesignError(trial.lacks)
            except DesignError as reason:
                self.left_out.append(f"{effect.study} ({reason})")
            else:
                kinds.setdefault(measure, []).append(trial)
        for measure, trials in kinds.items():
            if len(trials) < 2:
                self.left_out.append(f"{trials[0].name} (alone with {measure})")
        order = self.config.preference.measures
        several = [measure for measure in kinds if len(kinds[measure]) > 1]
        several.sort(key=lambda measure: (-len(kinds[measure]), position(measure, order), measure))
        return {measure: kinds[measure] for measure in several}

    def _row(
        self, method: str, found: OneStage, kind: tuple[str, list[str]], left_out: list[str]
    ) -> Estimate:
        """The row of one fit."""
        question, construct = _pool(self.effects[0])
        measure, names = kind
        members = [effect for effect in self.effects if effect.study in names]
        value, window = found.effect.one(), self.config.training_window
        shown = intervals(value, self.config.alpha)
        margin, converged = self.config.constructs[construct].margin_pct, bool(found.converged[0])
        judged = converged and len(names) >= FEW_TRIALS
        return Estimate(
            study=f"pooled:{question}",
            collection="",
            kind="pooled",
            construct=construct,
            outcome=construct,
            population="all",
            estimand="difference in mean adjusted for baseline, random-effects mean over trials",
            tier="cross-check",
            contrast=self.contrast,
            at=f"{window.min_weeks:g}-{window.max_weeks:g} weeks",
            scale="raw",
            unit=UNIT,
            method=method,
            **shown,
            margin=margin,
            verdict=judge(shown, margin, assay_sensitive=False) if judged else "",
            p=value.p if len(names) >= FEW_TRIALS else None,
            n_participants=found.n,
            n_studies=len(names),
            converged=converged,
            boundary=bool(found.tau2[0] == 0),
            assumed=assumptions_of(effect.assumed for effect in members),
            note=_note(measure, names, left_out, together=bool(found.tau2[0] == 0)),
        )


def _note(measure: str, names: list[str], left_out: list[str], *, together: bool) -> str:
    """Which trials are in a row, which are not, and whether they are few or seem alike."""
    notes = [f"{measure}: {', '.join(names)}"]
    if together:
        notes.append("no spread between trials was estimated, so the interval takes them as one")
    if left_out:
        notes.append(f"not in it: {', '.join(left_out)}")
    if len(names) < FEW_TRIALS:
        notes.append(f"few trials: {len(names)}, fewer than {FEW_TRIALS}, so no verdict")
    return "; ".join(notes)
