"""What each analysis estimates, as it was written down before anything was fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from howlow.analysis.estimand.amendments import Difference, amendments
from howlow.analysis.estimand.cards import Card, cards
from howlow.analysis.estimand.words import card_lines, card_sentence
from howlow.config.frozen import FrozenPlan
from howlow.config.settings import Config
from howlow.data.declaration import Declaration
from howlow.report.contrasts import contrast_words
from howlow.report.inputs import Analysis


@dataclass(frozen=True)
class CardView:
    """One analysis: what it is about, the rows of its card, and the same as sentences."""

    title: str
    lines: tuple[tuple[str, str], ...]
    sentence: str


@dataclass(frozen=True)
class PlanView:
    """A plan that was frozen, what was changed since, and the interim looks.

    `changes` were written down (day, reason, what), `unrecorded` were not.
    """

    frozen: str
    registered: str
    complete: bool
    changes: tuple[tuple[str, str, tuple[str, ...]], ...]
    unrecorded: tuple[str, ...]
    looks: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cards:
    """The card of a trial's primary analysis, those of all others, and the plan."""

    primary: CardView | None
    others: tuple[CardView, ...]
    plan: PlanView | None


def cards_of(
    trial: Declaration, analysis: Analysis, config: Config, primary: Sequence[str]
) -> Cards:
    """The cards of a trial; `primary` is the outcome, contrast and visit of its primary row.

    Of an ongoing study, of which nothing was analysed yet, they are those that are planned.
    """
    found = [card for card in analysis.cards if card.study == trial.id]
    if not found and not trial.collection:
        found = list(cards(trial, config))
    key = tuple(primary)
    first = next((card for card in found if (card.outcome, card.contrast, card.at) == key), None)
    first = first or next((card for card in found if card.role == "primary"), None)
    return Cards(
        primary=_view(first, trial) if first else None,
        others=tuple(_view(card, trial) for card in found if card is not first),
        plan=_plan(analysis.plan, trial, config) if analysis.plan else None,
    )


def _view(card: Card, trial: Declaration) -> CardView:
    """One card."""
    title = _title(trial, card.outcome, card.contrast, card.at)
    # A printed trial has names of visits, and no labels.
    labels = {card.at: card.at.replace("_", " ")} | trial.labels
    named = replace(trial, labels=labels)
    return CardView(title, tuple(card_lines(card, named)), card_sentence(card, named))


def _title(trial: Declaration, outcome: str, contrast: str, at: str) -> str:
    """Outcome, contrast and visit by their labels."""
    what = f"{trial.outcomes[outcome].label}, {contrast_words(contrast, trial.arms)}"
    return f"{what}, {trial.labels.get(at, at.replace('_', ' '))}"


def _plan(plan: FrozenPlan, trial: Declaration, config: Config) -> PlanView:
    """A frozen plan."""
    found = amendments(plan, cards(trial, config))
    return PlanView(
        frozen=plan.frozen,
        registered=plan.registered or trial.registration,
        complete=plan.status == "complete",
        changes=_recorded(found, trial),
        unrecorded=tuple(_said(one, trial) for one in found if not one.recorded),
        looks=tuple((look.date, look.reason) for look in plan.looks),
    )


def _recorded(
    found: Sequence[Difference], trial: Declaration
) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Each amendment with what it changed."""
    told: dict[tuple[str, str], list[str]] = {}
    for one in found:
        if one.recorded:
            told.setdefault((one.date, one.reason), []).append(_said(one, trial))
    return tuple((date, reason, tuple(texts)) for (date, reason), texts in told.items())


def _said(one: Difference, trial: Declaration) -> str:
    """A difference with the analyses it names by their labels."""
    text = one.text
    for name in one.cards:
        parts = name.split("/")
        if len(parts) == 4 and parts[1] in trial.outcomes:
            text = text.replace(name, _title(trial, *parts[1:]))
    return text
