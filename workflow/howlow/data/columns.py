"""Which columns each cleaning step needs, and which there are after it."""

from __future__ import annotations

from collections.abc import Collection

from howlow.config.steps import (
    Combine,
    Constant,
    Filter,
    Join,
    LookUp,
    Map,
    Match,
    Rename,
    Reshape,
    Step,
    Table,
    Unit,
)


def columns_of(step: Step, *, needed: bool = False) -> list[str]:
    """The columns that a step names; with `needed`, only those that must be there before it."""
    made = [] if needed else list(made_by(step))
    match step:
        case Rename(columns=columns) | Reshape(columns=columns):
            return [*columns, *made]
        case Join(columns=columns):
            return [*columns, *made]
        case Match(column=column, against=against):
            return [column, *against, *made]
        case Combine(by=by, value=value):
            return [*by, value]
        case Unit(column=column, where=where):
            return [column, *where]
        case Filter(column=column) | Map(column=column):
            return [column, *made]
        case LookUp(on=on):
            return [on, *made]
    return made


def made_by(step: Step) -> tuple[str, ...]:
    """The columns that a step makes."""
    match step:
        case Rename(columns=columns):
            return tuple(columns.values())
        case Reshape(columns=columns, value=value):
            return tuple(
                dict.fromkeys([*(key for says in columns.values() for key in says), value])
            )
        case Map(column=column, to=to):
            return () if to is None or to == column else (to,)
        case Join(to=to) | Match(to=to) | Constant(to=to):
            return (to,)
        case LookUp(take=take):
            return take
    return ()


def columns_through(step: Step, there: Collection[str]) -> set[str]:
    """The columns after a step, from those before it."""
    gone = set(step.columns) if isinstance(step, Rename | Reshape) else set()
    return (set(there) - gone) | set(made_by(step))


def own_words(table: Table, column: str) -> set[str]:
    """The cells of a column that study.yaml lists word for word, in a `map` or a `filter`."""
    words: set[str] = set()
    for step in table.steps:
        if isinstance(step, Map) and step.column == column:
            words |= set(step.values)
        elif isinstance(step, Filter) and step.column == column:
            words |= set(step.keep)
    return words
