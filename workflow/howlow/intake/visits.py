"""The visits of a study in their order, and the week of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from howlow.intake.assembled import PlannedVisit
from howlow.intake.columns import TableGuess
from howlow.intake.headers import VisitWord, visit_word
from howlow.intake.spelling import grouped
from howlow.intake.vocabulary import clean_label, folded, safe_name
from howlow.intake.words import Tell

#: Weeks from the first to the last visit where no header or cell says it.
WEEKS = 12.0


def visits_of(tables: Sequence[TableGuess], tell: Tell, unlike: list[str]) -> list[PlannedVisit]:
    """The visits in their order, with the week of each."""
    counts: Counter[str] = Counter()
    header = ""
    for guess in tables:
        column = guess.column("visit")
        if column is not None:
            header = column.name
            counts.update(cell for cell in column.cells if cell)
        rows = max((len(c.cells) for c in guess.columns.values()), default=0)
        for part in guess.wide.values():
            if part.visit:
                counts[part.visit] += rows
        if "visit" in guess.constant:
            counts[guess.constant["visit"]] += rows
    visits: list[PlannedVisit] = []
    for position, spellings in enumerate(grouped(counts, unlike)):
        says = _visit_said(spellings[0], header)
        order = says.order if says else 950.0 + position
        assumed = says is None or says.week is None
        week = -1.0 if says is None or says.week is None else says.week
        phase = says.phase if says else "training"
        text = spellings[0].strip()
        if text.isdigit():
            text = f"{header} {text}"
        visits.append(
            PlannedVisit("", clean_label(text, "visit"), spellings, "", week, phase, assumed, order)
        )
    visits = _same_visits(sorted(visits, key=lambda visit: visit.order))
    _give_weeks(visits)
    for position, visit in enumerate(visits):
        taken = [other.name for other in visits[:position]]
        name = f"week_{visit.week:g}".replace(".", "_") if _is_week(visit) else visit.label
        visit.name = "baseline" if position == 0 else safe_name(name, "visit", [*taken, "baseline"])
        visit.phase = "baseline" if position == 0 else visit.phase
        visit.why = tell("why_first_visit" if position == 0 else "why_visit_order")
    return visits


def _visit_said(text: str, header: str) -> VisitWord | None:
    """What a cell says of a visit; a number alone counts weeks or visits, as its header says."""
    if re.fullmatch(r"\d+", text):
        return visit_word(
            f"week{text}" if visit_word(f"{folded(header)}1") is None else f"{folded(header)}{text}"
        )
    return visit_word(text)


def _is_week(visit: PlannedVisit) -> bool:
    """Whether the visit's own word is a number of weeks."""
    return bool(re.fullmatch(r"(week|wk|w|weken)\d+|\d+(week|wk|w|weken)", folded(visit.label)))


def _same_visits(visits: list[PlannedVisit]) -> list[PlannedVisit]:
    """Words of several tables for before, middle or after put together, such as pre and voor."""
    merged: list[PlannedVisit] = []
    for visit in visits:
        if merged and visit.order in (0.0, 500.0, 900.0) and merged[-1].order == visit.order:
            merged[-1].spellings += visit.spellings
        else:
            merged.append(visit)
    return merged


def _give_weeks(visits: list[PlannedVisit]) -> None:
    """Weeks of visits that do not say theirs: between those that do, or at even distances."""
    if not visits:
        return
    if visits[0].week != 0:
        # The first visit is the baseline, whatever it is called.
        shift = max(visits[0].week, 0.0)
        for visit in visits:
            visit.week = visit.week - shift if visit.week >= 0 else visit.week
        visits[0].week = 0.0
    visits[0].assumed = False
    last = 0
    for place in range(1, len(visits)):
        known = visits[place].week
        if known > visits[last].week:
            _between(visits, last, place)
            last = place
    gap = WEEKS / max(1, len(visits) - 1)
    if last:
        # As far again as between the two before, in whole weeks.
        gap = max(1.0, round(visits[last].week - visits[last - 1].week))
    for place in range(last + 1, len(visits)):
        visits[place].week = round(visits[place - 1].week + gap, 1)
        visits[place].assumed = True


def _between(visits: list[PlannedVisit], first: int, last: int) -> None:
    """Even distances between two visits whose weeks are known."""
    step = (visits[last].week - visits[first].week) / (last - first)
    for place in range(first + 1, last):
        visits[place].week = round(visits[first].week + step * (place - first), 2)
        visits[place].assumed = True
