"""Which effect of each trial speaks to which question: one for a trial and a construct.

The choice is by a declared order (config: `preference`), never by size or P: fitted before
described, then body region, kind of measurement, the longest time, the first declared contrast.
Simulated studies are left out here, once, so that nothing further down can hold them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from itertools import groupby
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from howlow.config.doses import dose_class, higher_dose_first
from howlow.config.settings import Config
from howlow.config.trial import sides
from howlow.data.declaration import Declaration
from howlow.data.measurements import read_table
from howlow.data.published.printed_rows import PrintedRow
from howlow.data.published.reconstruction import START
from howlow.synthesis.placing import Placing, position, visit_of

if TYPE_CHECKING:
    import pandas as pd

#: Questions answered by one arm's change over time rather than by a contrast. `recovery` is counted
#: from the end of disuse; `deficit`, what is still missing after it, from before.
CHANGE_QUESTIONS = ("disuse", "recovery", "deficit", "detraining")
#: The phase in which a contrast speaks to its question; training, if not named here.
PHASES = {"countermeasure": "disuse"}
#: Questions that are not drawn as effects at all.
NOT_DRAWN = ("supplement", "rest_interval", "exercise", "maintenance", "critical_illness")


@dataclass(frozen=True)
class Effect:
    """One row of the evidence: an effect with its interval, turned to its question.

    Its `scale` is a log ratio wherever one can be had; where a page prints no baseline it is raw,
    in `unit`, and stands in a table of its own.

    Positive means that the first-named arm (the lighter, the fewer, the trained) gained more, or,
    for a change over time, that the arm gained; times, where less is better, are turned round.
    """

    question: str
    construct: str
    study: str
    collection: str
    cite: str
    estimate_id: str
    contrast: str
    label: str
    at: str
    weeks: float
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    n: float
    scale: str
    unit: str
    tier: str
    pooled: bool
    assumed: str
    note: str
    #: Where no spread is printed: the interval that one borrowed from other trials gives, and what
    #: was borrowed. Drawn, never pooled.
    borrowed_low: float = nan
    borrowed_high: float = nan
    borrowed: str = ""


EVIDENCE_COLUMNS = tuple(field.name for field in fields(Effect))


def evidence_table(effects: list[Effect]) -> pd.DataFrame:
    """Effects as a table with the columns of `Effect`."""
    import pandas as pd

    return pd.DataFrame([asdict(effect) for effect in effects], columns=list(EVIDENCE_COLUMNS))


def read_evidence(path: Path) -> pd.DataFrame:
    """Evidence as the synthesis stage wrote it: numbers as floats (NaN where empty)."""
    import pandas as pd

    kinds = {field.name: field.type for field in fields(Effect)}
    table = read_table(path, text=None)
    for name in EVIDENCE_COLUMNS:
        if kinds[name] == "float":
            table[name] = pd.to_numeric(table[name].where(table[name] != "", None)).astype(float)
    return table.assign(pooled=table["pooled"] == "True")


@dataclass(frozen=True)
class TrialEvidence:
    """A trial with its estimates and the rows its paper prints, as plain records."""

    trial: Declaration
    estimates: list[dict[str, Any]]
    printed: list[PrintedRow]
    config: Config

    @property
    def placing(self) -> Placing:
        """Where its estimates stand."""
        return Placing(self.trial, self.printed, self.config)

    def effects(self) -> Iterator[Effect]:
        """One effect for each question and construct (and arm and visit, for changes).

        None of a simulated trial, nor of one that goes on.
        """
        if self.trial.simulated or self.trial.interim or self.trial.ongoing:
            return
        rows = [
            row
            for row in self.estimates
            if row["scale"] != "d" and row["tier"] in ("primary", "secondary", "described")
        ]
        rows.sort(key=self._rank)
        asked: list[str] = [contrast.question for contrast in self.trial.contrasts]
        for question in dict.fromkeys(asked):
            if question not in (*NOT_DRAWN, *CHANGE_QUESTIONS):
                yield from self._contrasts(question, rows)
        for question in CHANGE_QUESTIONS:
            yield from self._changes(question, rows)

    def _contrasts(self, question: str, rows: list[dict[str, Any]]) -> Iterator[Effect]:
        """The first-ranked contrast of each construct."""
        named = [found.contrast for found in self.trial.contrasts if found.question == question]
        # Differences between phases (`recovery - disuse`) are the trial's own question.
        mine = [row for row in rows if row["contrast"] in named and " - " not in row["at"]]
        wanted = PHASES.get(question, "training")
        in_phase = [row for row in mine if self.placing.phase(row["outcome"], row["at"]) == wanted]
        for row in _first_of_each(in_phase or mine, ("construct",)):
            first, second = sides(row["contrast"])
            if question == "load" and self._same_class(first, second):
                continue
            turned = higher_dose_first(question, self.trial.arms[first], self.trial.arms[second])
            if turned:
                first, second = second, first
            obstacle = self._obstacle(question, (first, second), row)
            labels = [self.trial.arms[arm].label for arm in (first, second)]
            names = f"{first} - {second}"
            yield self._effect(question, row, names, " – ".join(labels), turned, obstacle)

    def _changes(self, question: str, rows: list[dict[str, Any]]) -> Iterator[Effect]:
        """The first-ranked change over time of each construct, arm and visit."""
        mine = [
            row
            for row in rows
            if row["contrast"].startswith("mean(")
            and row["at"].endswith(self.trial.start)
            and self._serves(question, row)
        ]
        for row in _first_of_each(mine, ("construct", "contrast", "at")):
            label = self.trial.arms[row["contrast"][5:-1]].label
            if question != "disuse":
                visit = visit_of(row["at"])
                label = f"{label}: {self.trial.labels.get(visit, visit.replace('_', ' '))}"
            obstacle = "changes over time are not pooled"
            yield self._effect(question, row, row["contrast"], label, False, obstacle)

    def _rank(self, row: dict[str, Any]) -> tuple[float, ...]:
        """Sort key of a candidate: smaller is wanted more."""
        named = [contrast.contrast for contrast in self.trial.contrasts]
        return (
            float(row["scale"] == "raw"),
            float(row["tier"] == "described"),
            *self.placing.preference(row["outcome"], row["at"]),
            position(row["contrast"], tuple(named)),
        )

    def _same_class(self, first: str, second: str) -> bool:
        """Whether two loads are known to be both light, or both heavy."""
        classes = {dose_class(self.trial.arms[arm], self.config) for arm in (first, second)}
        return len(classes) == 1 and "unknown" not in classes

    def _serves(self, question: str, row: dict[str, Any]) -> bool:
        """Whether a mean may speak to a question about change over time."""
        arm = row["contrast"][5:-1]
        from_before = not str(row["at"]).endswith(START["end of previous phase"])
        if question in ("recovery", "deficit") and from_before != (question == "deficit"):
            return False
        asked = "recovery" if question == "deficit" else question
        if self.trial.phases:
            untrained = self.trial.arms[arm].sessions_per_week == 0 or len(self.trial.arms) == 1
            return untrained and self.placing.phase(row["outcome"], row["at"]) == asked
        return any(
            asked in printed.questions
            for printed in self.placing.behind(row["outcome"], row["at"])
            if printed.arm == arm
        )

    def _obstacle(self, question: str, arms: tuple[str, str], row: dict[str, Any]) -> str:
        """Why a contrast does not enter a pool, or nothing."""
        if row["scale"] == "raw":
            return "no baseline printed, so in its own unit only"
        if question == "load":
            classes = [dose_class(self.trial.arms[arm], self.config) for arm in arms]
            if classes != ["light", "heavy"]:
                return f"{classes[0]} against {classes[1]} load"
        if row["tier"] == "described":
            return "no spread printed"
        if self.trial.population.age == "children":
            return "children"
        if self.trial.randomised == "no":
            return "arms not drawn by lot"
        if question == "countermeasure":
            return "countermeasures differ too much to be pooled"
        if self.placing.phase(row["outcome"], row["at"]) != "training":
            return f"{self.placing.phase(row['outcome'], row['at'])} phase"
        weeks, window = self.placing.weeks(row["outcome"], row["at"]), self.config.training_window
        if weeks == 0:
            return "time not printed"
        if not window.min_weeks <= weeks <= window.max_weeks:
            return f"outside {window.min_weeks:g}-{window.max_weeks:g} weeks"
        return ""

    def _effect(
        self,
        question: str,
        row: dict[str, Any],
        contrast: str,
        label: str,
        turned: bool,
        obstacle: str,
    ) -> Effect:
        """The row of evidence that an estimate makes."""
        less_is_better = self.trial.outcomes[row["outcome"]].higher_is == "worse"
        sign = -1.0 if turned != less_is_better else 1.0
        low, high = sign * row["ci_low"], sign * row["ci_high"]
        notes = [
            row["note"].rstrip("."),
            obstacle,
            "turned round: less is better" if less_is_better else "",
        ]
        return Effect(
            question=question,
            construct=row["construct"],
            study=self.trial.id,
            collection=self.trial.collection,
            cite=self.trial.cite,
            estimate_id=row["estimate_id"],
            contrast=contrast,
            label=label,
            at=row["at"],
            weeks=self.placing.weeks(row["outcome"], row["at"]),
            estimate=sign * row["estimate"],
            se=row["se"],
            ci_low=min(low, high),
            ci_high=max(low, high),
            n=row["n_participants"],
            scale=row["scale"],
            unit=row["unit"] if row["scale"] == "raw" else "",
            tier=row["tier"],
            pooled=not obstacle,
            assumed=row["assumed"],
            note="; ".join(note for note in notes if note),
        )


def _first_of_each(
    rows: Iterable[dict[str, Any]], key: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    """The first row of each value of a key; rows are sorted by rank and stay so within a key."""
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in key))
    for _, group in groupby(ordered, key=lambda row: tuple(row[name] for name in key)):
        yield next(group)
