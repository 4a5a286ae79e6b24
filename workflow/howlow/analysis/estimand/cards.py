"""Estimand cards: what each analysis estimates, written down before anything is fitted.

A card follows from the declarations alone (ICH E9(R1), 2019): population, contrast, outcome, time,
summary measure, and what is done about missed sessions and drop-out. The model, the caption, the
sentence of the methods and the row of the table are all made from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from howlow.config.settings import Config
from howlow.config.trial import sides
from howlow.data.declaration import Declaration


@dataclass(frozen=True, kw_only=True)
class Card:
    """One analysis as it is meant, before it is run; texts are for readers.

    `margin` is in `unit` where the study declares one, else `margin_pct` per cent of the pooled
    baseline mean. `comparisons` names the declared contrasts with the same reference that share a
    simultaneous interval (Dunnett 1955), this one among them; empty where there is no other.
    `control` is the arm that does not train (the reference, if that is one), or nothing. `week` is
    that of the visit, and `moderators` are what the effect is asked to depend on.
    """

    study: str
    outcome: str
    contrast: str
    at: str
    question: str
    role: Literal["primary", "secondary"]
    population: str
    design: str
    baseline: Literal["one for all arms", "of each arm"]
    covariates: tuple[str, ...]
    missed_sessions: str
    per_protocol_pct: float
    drop_out: str
    aim: str
    unit: str
    margin: float | None
    margin_pct: float | None
    alpha: float
    comparisons: tuple[str, ...] = ()
    higher_is: str = "better"
    control: str = ""
    week: float | None = None
    planned_sessions: int | None = None
    moderators: tuple[str, ...] = ()

    @property
    def card_id(self) -> str:
        """The card's name: the start of the ids of all estimates that answer it."""
        return "/".join((self.study, self.outcome, self.contrast, self.at))


def cards(trial: Declaration, config: Config) -> Iterator[Card]:
    """The cards of a trial: every outcome, visit of comparison and contrast, the primary one first.

    A collection declares no visits of comparison; `card` makes the card of what a page prints.
    """
    outcomes = sorted(trial.outcomes, key=lambda name: name != trial.primary_outcome)
    for outcome in outcomes:
        for at in trial.at:
            for contrast in trial.contrasts:
                yield card(trial, config, outcome, contrast.contrast, at)


def card(trial: Declaration, config: Config, outcome: str, contrast: str, at: str) -> Card:
    """The card of one contrast of one outcome at one visit.

    A trial without contrasts has none to judge; `mean(arm)` then stands for an arm's mean change.
    """
    declared = trial.outcomes[outcome]
    which = next((found for found in trial.contrasts if found.contrast == contrast), None)
    estimand = trial.estimand or config.estimand
    chief = trial.contrasts[0].contrast if trial.contrasts else contrast
    first = (trial.primary_outcome, chief, *trial.at[:1])
    is_primary = (outcome, contrast, *((at,) if trial.at else ())) == first
    return Card(
        study=trial.id,
        outcome=outcome,
        contrast=contrast,
        at=at,
        question=which.question if which else "",
        role="primary" if is_primary else "secondary",
        population=trial.population.description,
        design=trial.design,
        baseline="of each arm" if trial.randomised == "no" else "one for all arms",
        covariates=trial.covariates,
        missed_sessions=estimand.missed_sessions,
        per_protocol_pct=estimand.per_protocol_pct,
        drop_out=estimand.drop_out,
        aim=which.aim if which else "difference",
        unit=declared.unit,
        margin=declared.margin,
        margin_pct=config.constructs[declared.construct].margin_pct,
        alpha=config.alpha,
        comparisons=_comparisons(trial, contrast),
        higher_is=declared.higher_is,
        control=_control(trial, contrast),
        week=trial.weeks.get(at),
        planned_sessions=trial.planned_sessions,
        moderators=trial.moderators,
    )


def cards_json(found: Iterable[Card]) -> str:
    """Cards as the text of cards.json: a list in their order, the fields of each in order."""
    listed = [asdict(one) for one in found]
    return json.dumps(listed, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read_cards(path: Path) -> list[Card]:
    """The cards that the model stage wrote, in their order."""
    listed: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    for fields in listed:
        # JSON knows no tuples.
        fields |= {key: tuple(said) for key, said in fields.items() if isinstance(said, list)}
    return [Card(**fields) for fields in listed]


def no_training(trial: Declaration) -> str:
    """The arm that does not train, or nothing."""
    found = [name for name, arm in trial.arms.items() if arm.sessions_per_week == 0]
    return found[0] if found else ""


def _control(trial: Declaration, contrast: str) -> str:
    """The reference itself where it does not train, else the arm that does not."""
    reference = sides(contrast)[1]
    arm = trial.arms.get(reference)
    return reference if arm and arm.sessions_per_week == 0 else no_training(trial)


def _comparisons(trial: Declaration, contrast: str) -> tuple[str, ...]:
    """The declared contrasts with the same reference, where there are several."""
    reference = sides(contrast)[1]
    family = tuple(
        found.contrast for found in trial.contrasts if sides(found.contrast)[1] == reference
    )
    return family if len(family) > 1 else ()
