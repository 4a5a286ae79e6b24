"""Which columns of the raw tables a tidy column comes from, read off the declared steps."""

from __future__ import annotations

from collections.abc import Iterable

from howlow.config.steps import Constant, Join, LookUp, Map, Match, Rename, Reshape, Step, Table
from howlow.config.study import Participants

#: A raw table's file and the name of a column in it.
Origin = tuple[str, str]


def origins(study: Participants, column: str, outcome: str = "") -> tuple[Origin, ...]:
    """The raw columns that a declared column comes from, over all tables.

    Parameters
    ----------
    study
        The study as it is declared.
    column
        The name of a column after the last step, such as `study.columns.value`.
    outcome
        Only the columns with this outcome's values, where columns were turned into rows.
    """
    found: list[Origin] = []
    for table in study.tables:
        found.extend(_of_table(study, table, column, outcome))
    return tuple(dict.fromkeys(found))


def _of_table(study: Participants, table: Table, column: str, outcome: str) -> list[Origin]:
    """The raw columns of one table that a column comes from."""
    wanted, elsewhere = [column], []
    later: list[Step] = []
    for step in reversed(table.steps):
        if isinstance(step, LookUp) and step.table != table.name:
            for name in set(step.take) & set(wanted):
                for other in study.tables:
                    if other.name == step.table:
                        elsewhere.extend(_of_table(study, other, name, outcome))
            wanted = [name for name in wanted if name not in step.take]
        else:
            wanted = list(
                dict.fromkeys(
                    old for name in wanted for old in _before(step, name, study, outcome, later)
                )
            )
        later.insert(0, step)
    return [*((table.file, name) for name in wanted), *elsewhere]


def _before(
    step: Step, name: str, study: Participants, outcome: str, later: Iterable[Step]
) -> tuple[str, ...]:
    """The columns that a column was made from by a step."""
    if isinstance(step, Rename):
        # A column that gave its name away is another one from here on.
        return tuple(old for old, new in step.columns.items() if new == name) or (name,)
    if isinstance(step, Map):
        return (step.column,) if (step.to or step.column) == name else (name,)
    if isinstance(step, Join):
        return step.columns if step.to == name else (name,)
    if isinstance(step, Match):
        return (step.column, *step.against) if step.to == name else (name,)
    if isinstance(step, Constant):
        return () if step.to == name else (name,)
    if isinstance(step, Reshape):
        return _before_reshape(step, name, study, outcome, later)
    return (name,)


def _before_reshape(
    step: Reshape, name: str, study: Participants, outcome: str, later: Iterable[Step]
) -> tuple[str, ...]:
    """The columns that were turned into rows, only those of an outcome if one is named."""
    labels = {label for said in step.columns.values() for label in said}
    if name != step.value and name not in labels:
        return (name,)
    if not outcome:
        return tuple(step.columns)
    column = study.columns.outcome
    kept = []
    for header, said in step.columns.items():
        word, place = said.get(column), column
        if word is None:  # the outcome may be made from another label by a later step
            place, word = next(iter(said.items()), (column, ""))
        if _after(place, word, later) in (outcome, None):
            kept.append(header)
    return tuple(kept)


def _after(column: str, word: str, later: Iterable[Step]) -> str | None:
    """What a word in a column becomes by the steps that follow; None where that cannot be told."""
    for step in later:
        if isinstance(step, Map) and step.column == column:
            if step.to not in (None, column):
                column = str(step.to)
            word = step.values.get(word, word)
        elif isinstance(step, Rename):
            column = step.columns.get(column, column)
        elif isinstance(step, Join) and column in step.columns:
            return None
    return word


def origins_of_outcome(study: Participants, outcome: str) -> tuple[str, ...]:
    """Where an outcome's values stand in the raw tables, as `file: column (other = word)`."""
    said: list[str] = []
    for table in study.tables:
        if table.holds == "participants" or not _may_hold(study, table, outcome):
            continue
        words = _words_of(study, table, outcome)
        for file, column in _of_table(study, table, study.columns.value, outcome):
            suffix = f" ({'; '.join(words)})" if words else ""
            said.append(f"{file.removeprefix('raw/')}: {column}{suffix}")
    return tuple(dict.fromkeys(said))


def _may_hold(study: Participants, table: Table, outcome: str) -> bool:
    """Whether the steps of a table can end in this outcome."""
    column = study.columns.outcome
    for step in table.steps:
        if isinstance(step, Constant) and step.to == column and step.value != outcome:
            return False
        if isinstance(step, Map) and (step.to or step.column) == column:
            return outcome in step.values.values()
        if isinstance(step, Reshape) and any(column in said for said in step.columns.values()):
            named = {said[column] for said in step.columns.values() if column in said}
            later = table.steps[table.steps.index(step) + 1 :]
            return any(_after(column, word, later) in (outcome, None) for word in named)
    return True


def _words_of(study: Participants, table: Table, outcome: str) -> list[str]:
    """The words of the raw table that stand for an outcome."""
    for step in table.steps:
        if isinstance(step, Map) and (step.to or step.column) == study.columns.outcome:
            raw = [word for word, name in step.values.items() if name == outcome]
            if any(isinstance(before, Reshape) and step.column in labels
                   for before in table.steps if isinstance(before, Reshape)
                   for labels in before.columns.values()):  # fmt: skip
                return []  # the words were made from headers
            return [f"{step.column} = {' or '.join(raw)}"]
    return []
