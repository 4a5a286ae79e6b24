"""The flow of participants in numbers, and what is missing, by arm, visit and outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from howlow.data.declaration import Declaration
from howlow.data.flow_rows import MASKED, NOT_ALLOCATED, FlowRow

_LABELS = {MASKED: "All arms together (masked)", NOT_ALLOCATED: "Not allocated"}


@dataclass(frozen=True)
class FlowLine:
    """One visit of an arm; numbers as they are shown."""

    when: str
    people: str
    measured: str
    missing: str
    left: str


@dataclass(frozen=True)
class ArmFlow:
    """The flow of one arm: the arm as a whole, and each of its visits."""

    label: str
    whole: str
    lines: tuple[FlowLine, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class MissingLine:
    """One visit of an outcome: for each arm how many people lack it."""

    when: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Missing:
    """What is missing of one outcome: of every visit that was planned for it."""

    outcome: str
    lines: tuple[MissingLine, ...]
    complete: bool


@dataclass(frozen=True)
class Flow:
    """The flow of one study and what is missing in it."""

    arms: tuple[ArmFlow, ...]
    columns: tuple[str, ...]
    missing: tuple[Missing, ...]


def flow_of(trial: Declaration, rows: Sequence[FlowRow]) -> Flow | None:
    """The flow of a study with individual data; None where nothing of it is known."""
    if not rows:
        return None
    arms = list(dict.fromkeys(row.arm for row in rows))
    shown = [arm for arm in arms if any(row.arm == arm and row.outcome for row in rows)]
    missing = [_missing(trial, outcome, rows, shown) for outcome in trial.outcomes]
    return Flow(
        tuple(_arm(trial, arm, [row for row in rows if row.arm == arm]) for arm in arms),
        tuple(label_of(trial, arm) for arm in shown),
        tuple(found for found in missing if found.lines),
    )


def label_of(trial: Declaration, arm: str) -> str:
    """The words for an arm, or for what stands in its place."""
    return trial.arms[arm].label if arm in trial.arms else _LABELS.get(arm, arm)


def _arm(trial: Declaration, arm: str, rows: Sequence[FlowRow]) -> ArmFlow:
    """The flow of one arm."""
    whole = next((row for row in rows if not (row.visit or row.outcome or row.reason)), None)
    said = []
    if whole is not None:
        said = [
            f"{whole.planned} planned" if whole.planned is not None else "",
            f"{_n(whole.people)} participants",
            f"{whole.missing} never measured" if whole.missing else "",
            f"{whole.left} left{' or not due yet' if arm == MASKED else ''}" if whole.left else "",
        ]
    visits = [row for row in rows if row.visit and not row.outcome]
    return ArmFlow(
        label_of(trial, arm),
        ", ".join(part for part in said if part),
        tuple(
            FlowLine(
                trial.labels.get(row.visit, row.visit),
                _n(row.people),
                _n(row.measured),
                _n(row.missing),
                _n(row.left),
            )
            for row in visits
        ),
        tuple(f"{row.reason}: {_n(row.left)}" for row in rows if row.reason),
    )


def _missing(
    trial: Declaration, outcome: str, rows: Sequence[FlowRow], arms: Sequence[str]
) -> Missing:
    """What is missing of one outcome, visit by visit."""
    at = {(row.visit, row.arm): row for row in rows if row.outcome == outcome}
    visits = [visit for visit in trial.weeks if any((visit, arm) in at for arm in arms)]
    visits.sort(key=trial.weeks.__getitem__)
    lines = tuple(
        MissingLine(
            trial.labels.get(visit, visit), tuple(_share(at.get((visit, arm))) for arm in arms)
        )
        for visit in visits
    )
    complete = not any(row.missing for row in at.values())
    return Missing(trial.outcomes[outcome].label, lines, complete)


def _share(row: FlowRow | None) -> str:
    """How many of an arm's people lack a value."""
    return "" if row is None or not row.people else f"{_n(row.missing)} of {row.people}"


def _n(count: int | None) -> str:
    """A number of people; empty where it is not known."""
    return "" if count is None else str(count)
