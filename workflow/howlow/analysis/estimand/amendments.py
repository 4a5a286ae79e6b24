"""What of a frozen plan was changed since: written down with a reason, or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from howlow.analysis.estimand.cards import Card, cards
from howlow.config.frozen import PLAN_FILE, Change, FrozenPlan, PlannedCard, Value
from howlow.config.settings import Config
from howlow.data.declaration import DeclaredStudy
from howlow.findings import Finding

_CHANGED, _LOOK = "P01", "P02"
#: What is called otherwise among readers than in a card.
_WORDS = {
    "margin_pct": "margin",
    "per_protocol_pct": "per protocol from",
    "at": "visit",
    "higher_is": "higher is",
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is otherwise than when the plan was frozen, in as many cards as it concerns.

    `text` says it ("margin: 5 % when frozen, 3 % now"). `date` and `reason` are those of the
    amendment that it was written down in, and empty where it was not.
    """

    cards: tuple[str, ...]
    field: str
    text: str
    date: str = ""
    reason: str = ""

    @property
    def recorded(self) -> bool:
        """Whether it was written down with a reason."""
        return self.date != ""


def amendments(frozen: FrozenPlan, now: Iterable[Card]) -> list[Difference]:
    """Every difference between a frozen plan and the cards of now, field by field.

    Those that amendments tell come first, in their order, then those that nothing tells.
    """
    told = []
    for amendment in frozen.amendments:
        for alike in _alike(amendment.changes):
            text = f"{_said(alike[0], 'before', 'since')}{_where(alike)}"
            told.append(_difference(alike, text, amendment.date, amendment.reason))
    when = "as amended" if frozen.amendments else "when frozen"
    for alike in _alike(changes(as_amended(frozen), planned(now))):
        told.append(_difference(alike, f"{_said(alike[0], when, 'now')}{_where(alike)}"))
    return told


def planned(now: Iterable[Card]) -> dict[str, PlannedCard]:
    """Cards as a plan holds them."""
    return {card.card_id: dict(sorted(asdict(card).items())) for card in now}


def as_amended(plan: FrozenPlan) -> dict[str, PlannedCard]:
    """The cards that were frozen, with what the amendments changed."""
    found = {name: dict(card) for name, card in plan.cards.items()}
    for change in (change for amendment in plan.amendments for change in amendment.changes):
        if change.kind == "removed":
            found.pop(change.card, None)
        elif isinstance(change.now, dict):
            found[change.card] = dict(change.now)
        elif change.card in found:
            found[change.card][change.field] = change.now
    return found


def changes(before: Mapping[str, PlannedCard], now: Mapping[str, PlannedCard]) -> Iterator[Change]:
    """What differs between two sets of cards, in the order of the first."""
    for name, card in before.items():
        if name not in now:
            yield Change(card=name, kind="removed", before=dict(card), now=None)
            continue
        for field in dict.fromkeys((*card, *now[name])):
            old, new = card.get(field), now[name].get(field)
            if old != new:
                yield Change(card=name, kind="changed", field=field, before=old, now=new)
    for name, card in now.items():
        if name not in before:
            yield Change(card=name, kind="added", before=None, now=dict(card))


def plan_findings(declared: DeclaredStudy, config: Config) -> list[Finding]:
    """P01 and P02: what was changed since the plan was frozen, and the interim looks.

    Nothing where no plan was frozen.
    """
    plan = declared.plan
    if plan is None:
        return []
    study = declared.study.id
    file = f"data/{study}/{PLAN_FILE}"
    told = []
    found = amendments(plan, [card for trial in declared.trials for card in cards(trial, config)])
    for difference in found:
        column = difference.field
        if difference.recorded:
            words = f"amended on {difference.date} ({difference.reason}): {difference.text}"
            action = "The report tells it with its reason"
            told.append(Finding(_CHANGED, "note", file, 0, column, words, action, study))
        else:
            words = f"changed after freezing, not recorded: {difference.text}"
            action = f"Put it back, or say why with `howlow freeze {study} --amend 'reason'`"
            told.append(Finding(_CHANGED, "warning", file, 0, column, words, action, study))
    told += _other_file(declared, plan, file, found)
    told += _looks(declared, plan, file)
    return told


def _other_file(
    declared: DeclaredStudy, plan: FrozenPlan, file: str, found: list[Difference]
) -> Iterator[Finding]:
    """A study.yaml that was changed in what no card holds, such as the cleaning of its tables."""
    last = plan.amendments[-1].study_sha256 if plan.amendments else plan.study_sha256
    if declared.study_sha256 == last or not all(difference.recorded for difference in found):
        return
    study = declared.study.id
    words = "study.yaml was changed after freezing, in nothing that an analysis is declared by"
    action = "If the tables are cleaned otherwise now, say so under `deviations`"
    yield Finding(_CHANGED, "note", file, 0, "study_sha256", words, action, study)


def _looks(declared: DeclaredStudy, plan: FrozenPlan, file: str) -> Iterator[Finding]:
    """Every interim look, and whether it is of the tables at hand."""
    study = declared.study
    holds = plan.look_at(declared.tables)
    for number, look in enumerate(plan.looks, start=1):
        words = f"interim look {number} ({look.date}): {look.reason}"
        action = "It was of other tables than those at hand"
        if holds is not None and number == holds[0]:
            action = "The arms of these tables are told apart, and no verdict is given"
            if getattr(study, "status", "complete") == "complete":
                action = "The study is complete now"
        yield Finding(_LOOK, "note", file, 0, "looks", words, action, study.id)


def _alike(found: Iterable[Change]) -> list[list[Change]]:
    """Changes that say the same of several cards, together."""
    kinds: dict[str, list[Change]] = {}
    for change in found:
        whole = change.kind != "changed"
        said = change.card if whole else f"{change.field}\n{change.before}\n{change.now}"
        kinds.setdefault(f"{change.kind}\n{said}", []).append(change)
    return list(kinds.values())


def _difference(alike: list[Change], text: str, date: str = "", reason: str = "") -> Difference:
    """The difference that several changes alike make."""
    names = tuple(change.card for change in alike)
    return Difference(cards=names, field=alike[0].field, text=text, date=date, reason=reason)


def _said(change: Change, before: str, now: str) -> str:
    """A change in words."""
    if change.kind != "changed":
        return f"analysis {change.kind}: {change.card}"
    word = _WORDS.get(change.field, change.field.replace("_", " "))
    values = [_value(change.field, value) for value in (change.before, change.now)]
    return f"{word}: {values[0]} {before}, {values[1]} {now}"


def _where(alike: list[Change]) -> str:
    """In which analyses, where it is not plain from the words."""
    if alike[0].kind != "changed" or alike[0].card == "plan":
        return ""
    if len(alike) == 1:
        return f" ({alike[0].card})"
    return f" (in {len(alike)} analyses)"


def _value(field: str, value: Value | PlannedCard) -> str:
    """A value as a reader knows it."""
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, tuple | list):
        return ", ".join(value)
    if isinstance(value, float | int):
        return f"{value:g} %" if field.endswith("_pct") else f"{value:g}"
    return str(value).replace("_", " ") if field in ("missed_sessions", "drop_out") else str(value)
