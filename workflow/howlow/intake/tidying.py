"""The cleaning steps of a guessed table, as study.yaml writes them, each with its reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from howlow.intake.assembled import Assembled, Word
from howlow.intake.columns import TableGuess
from howlow.intake.headers import split_unit, unit_in
from howlow.intake.outcomes import (
    constant_outcome,
    found_outcomes,
    outcome_columns,
    stem_key,
)
from howlow.intake.vocabulary import INCLUDED, LIMBS, SEXES, folded
from howlow.intake.words import Tell

#: The columns that every cleaned table has, and those of them that a table of people may have.
_STANDARD = ("participant", "arm", "visit", "outcome", "value", "limb", "sex", "age", "unit")
_KEPT_AS_IS = (
    *("participant", "value", "sex", "age", "height", "sessions_attended", "date", "unit"),
    "period",
)
#: What `look_up` steps call the table of participants.
PEOPLE = "people"


class StepLine(NamedTuple):
    """A step, and why it stands there."""

    step: dict[str, Any]
    why: str = ""


def steps_of(guess: TableGuess, study: Assembled, tell: Tell) -> list[StepLine]:
    """The steps that turn a table as found into one that the data stage can check."""
    steps = [*_rename(guess), *_excluded(guess, study, tell)]
    limbs = guess.limbs_of
    if guess.holds == "participants":
        steps += [*_sex(guess, tell), *_sides(guess, study, limbs)]
        if "arm" in guess.roles:
            steps += _map(guess, "arm", guess.roles["arm"], study.arms, guess.why["arm"])
        return steps
    if guess.wide:
        steps.append(_reshape(guess, study, tell))
    if "limb" in guess.roles:
        steps += _limb(guess, study, tell)
    steps += _outcome(guess, study, tell)
    if "visit" in guess.constant:
        name = _named(study.visits, guess.constant["visit"])
        steps.append(
            StepLine({"step": "constant", "to": "visit", "value": name}, guess.why["visit"])
        )
    elif "visit" in guess.roles:
        steps += _map(guess, "visit", guess.roles["visit"], study.visits, guess.why["visit"])
    steps += _sex(guess, tell)
    steps += _arm(guess, study, tell)
    if guess.repeated:
        limb = ["limb"] if study.has_limbs else []
        period = ["period"] if "period" in guess.roles else []
        keys = ["participant", *limb, *period, "visit", "outcome"]
        step = {"step": "combine", "how": "largest", "by": keys}
        steps.append(StepLine(step, tell("why_combine", count=guess.repeated)))
    return steps


def _rename(guess: TableGuess) -> list[StepLine]:
    """Columns whose cells stay as they are get the names of a tidy table."""
    columns = {
        guess.roles[role]: role
        for role in _KEPT_AS_IS
        if role in guess.roles and guess.roles[role] != role
    }
    if "limb" in guess.roles and guess.roles["limb"] != "limb":
        columns[guess.roles["limb"]] = "limb"
    for name in guess.columns:
        # A column that bears the name of a tidy column and is something else gives way.
        if name in _STANDARD and name not in columns and guess.roles.get(name) != name:
            made = name in columns.values() or name in ("arm", "visit", "outcome", "value")
            if made:
                columns[name] = f"{name}_as_found"
    return [StepLine({"step": "rename", "columns": columns})] if columns else []


def _now(guess: TableGuess, name: str) -> str:
    """What a column is called after the renaming."""
    for line in _rename(guess):
        columns: dict[str, str] = line.step["columns"]
        return columns.get(name, name)
    return name


def _excluded(guess: TableGuess, study: Assembled, tell: Tell) -> list[StepLine]:
    """Only people that are said to be included, where the table itself says it."""
    if "include" not in guess.roles or guess.holds == "participants":
        return []
    column = guess.columns[guess.roles["include"]]
    return [_keep_included(column.name, column.values, tell)]


def _keep_included(name: str, values: Sequence[str], tell: Tell) -> StepLine:
    """The step that keeps who is included."""
    keep = [value for value in values if folded(value) in INCLUDED]
    step = {"step": "filter", "column": name, "keep": keep}
    return StepLine(step, tell("why_filter_include", column=name))


def _reshape(guess: TableGuess, study: Assembled, tell: Tell) -> StepLine:
    """One row for each column that holds values."""
    of_words = bool(outcome_columns(guess))
    with_unit = _units_differ(guess, study)
    columns: dict[str, dict[str, str]] = {}
    for name, part in guess.wide.items():
        says: dict[str, str] = {}
        if not of_words and not study.has_limbs and "limb" in guess.roles:
            says["measured"] = stem_key(guess, name, with_limb=True)
        elif not of_words:
            outcome = _named(study.outcomes, stem_key(guess, name, not study.has_limbs))
            if not outcome:
                continue
            says["outcome"] = outcome
        if "visit" not in guess.roles and part.visit:
            says["visit"] = _named(study.visits, part.visit)
        if study.has_limbs and part.limb:
            says["limb"] = study.sides[LIMBS[folded(part.limb)]]
        if with_unit:
            says["unit"] = unit_in(part.unit) or next(
                outcome.unit for outcome in study.outcomes if outcome.name == says.get("outcome")
            )
        columns[name] = says
    return StepLine(
        {"step": "reshape", "columns": columns}, tell("why_reshape", count=len(columns))
    )


def units_differ(study: Assembled) -> bool:
    """Whether columns of one outcome have different units, so that a row must say its own."""
    return any(_units_differ(guess, study) for guess in study.tables)


def _units_differ(guess: TableGuess, study: Assembled) -> bool:
    """Whether columns of one outcome have different units in their headers."""
    units: dict[str, set[str]] = {}
    for name, part in guess.wide.items():
        key = folded(stem_key(guess, name, not study.has_limbs))
        units.setdefault(key, set()).add(unit_in(part.unit) or "")
    return any(len(found - {""}) > 1 for found in units.values())


def _limb(guess: TableGuess, study: Assembled, tell: Tell) -> list[StepLine]:
    """Limbs written one way; where limbs are arms, rows without a limb are no part of it."""
    if not study.has_limbs:
        return []
    steps = _sides(guess, study, [guess.roles["limb"]])
    column = guess.columns[guess.roles["limb"]]
    missing = sum(not cell for cell in column.cells)
    if missing:
        step = {"step": "filter", "column": "limb", "keep": list(study.sides.values())}
        steps.append(StepLine(step, tell("why_filter_limb", count=missing)))
    return steps


def _sides(guess: TableGuess, study: Assembled, columns: Sequence[str]) -> list[StepLine]:
    """Maps for columns of sides that are not all written as the study writes them."""
    steps = []
    for name in columns:
        values = guess.columns[name].values
        if set(values) <= set(study.sides.values()):
            continue
        mapping = {value: study.sides[LIMBS[folded(value)]] for value in values}
        steps.append(StepLine({"step": "map", "column": _now(guess, name), "values": mapping}))
    return steps


def _outcome(guess: TableGuess, study: Assembled, tell: Tell) -> list[StepLine]:
    """The outcome of each row."""
    names = [_now(guess, name) for name in outcome_columns(guess)]
    if not names:
        if guess.wide and not study.has_limbs and "limb" in guess.roles:
            return _outcome_and_limb(guess, study, ["measured"], guess.why["limb"])
        if guess.wide:
            return []
        value = _named(study.outcomes, constant_outcome(guess))
        why = tell("why_outcome_constant")
        if not study.has_limbs and "limb" in guess.roles:
            return _outcome_and_limb(guess, study, [], why)
        return [StepLine({"step": "constant", "to": "outcome", "value": value}, why)]
    why = guess.why["outcome"]
    there = found_outcomes(guess, not study.has_limbs)
    if not study.has_limbs and "limb" in guess.roles:
        return _outcome_and_limb(guess, study, names, why)
    if len(names) > 1:
        join = {"step": "join", "columns": names, "to": "outcome"}
        return [
            StepLine(join, why),
            StepLine(
                {"step": "map", "column": "outcome", "values": _values(study.outcomes, there)}
            ),
        ]
    return _map_values(names[0], "outcome", _values(study.outcomes, there), why)


def _outcome_and_limb(
    guess: TableGuess, study: Assembled, names: list[str], why: str
) -> list[StepLine]:
    """Where limbs are not arms, each side is an outcome of its own."""
    steps = []
    if not names:
        step = {"step": "constant", "to": "measured", "value": constant_outcome(guess)}
        steps.append(StepLine(step))
        names = ["measured"]
    join = {"step": "join", "columns": [*names, "limb"], "to": "outcome"}
    steps.append(StepLine(join, why))
    values = _values(study.outcomes, found_outcomes(guess, with_limb=True))
    steps.append(StepLine({"step": "map", "column": "outcome", "values": values}))
    return steps


def _arm(guess: TableGuess, study: Assembled, tell: Tell) -> list[StepLine]:
    """The arm of each row: from its own column, from the table of people, or from the limb."""
    roster = study.roster()
    if study.design == "single_arm":
        return [StepLine({"step": "constant", "to": "arm", "value": study.arms[0].name})]
    steps: list[StepLine] = []
    owner = guess if guess.limbs_of or roster is None else roster
    takes = [*(owner.limbs_of if study.has_limbs and owner is not guess else [])]
    include = roster.roles.get("include") if roster is not None else None
    if include and "include" not in guess.roles:
        takes.append(include)
    if takes:
        look_up = {"step": "look_up", "table": PEOPLE, "on": "participant", "take": takes}
        steps.append(StepLine(look_up, tell("why_look_up")))
    if include and roster is not None and include in takes:
        steps.append(_keep_included(include, roster.columns[include].values, tell))
    if study.has_limbs and len(owner.limbs_of) > 1:
        against = {
            arm.spellings[0]: arm.name for arm in study.arms if arm.spellings[0] in owner.limbs_of
        }
        match = {"step": "match", "column": "limb", "against": against, "to": "arm"}
        steps.append(StepLine(match, tell("why_match", columns=", ".join(against))))
    elif study.has_limbs and len(owner.limbs_of) == 1:
        name = owner.limbs_of[0]
        left, right = study.sides["left"], study.sides["right"]
        other = {"step": "map", "column": name, "to": "other", "values": {left: right, right: left}}
        against = {name: study.arms[0].name, "other": study.arms[1].name}
        match = {"step": "match", "column": "limb", "against": against, "to": "arm"}
        steps += [StepLine(other), StepLine(match, tell("why_match", columns=name))]
    elif "arm" in guess.roles:
        steps += _map(guess, "arm", guess.roles["arm"], study.arms, guess.why["arm"])
    return steps


def _sex(guess: TableGuess, tell: Tell) -> list[StepLine]:
    """Sex in the words that howlow has, where the file has others."""
    column = guess.column("sex")
    if column is None or set(column.values) <= {"F", "M", "female", "male"}:
        return []
    mapping = {value: SEXES[folded(value)] for value in column.values}
    return [StepLine({"step": "map", "column": "sex", "values": mapping}, guess.why["sex"])]


def _map(
    guess: TableGuess, role: str, column: str, words: Sequence[Word], why: str
) -> list[StepLine]:
    """A column in the names of study.yaml."""
    there = guess.columns[column].values
    return _map_values(_now(guess, column), role, _values(words, there), why)


def _map_values(column: str, to: str, values: dict[str, str], why: str) -> list[StepLine]:
    """A map to a tidy column, or a new name alone where the words are the same already."""
    step: dict[str, Any] = {"step": "map", "column": column}
    if column != to:
        step["to"] = to
    step["values"] = values
    return [StepLine(step, why)]


def _values(words: Sequence[Word], there: Collection[str] | None = None) -> dict[str, str]:
    """Spelling: name, for the spellings that a table has."""
    return {
        spelling: word.name
        for word in words
        for spelling in word.spellings
        if there is None or spelling in there
    }


def _named(words: Sequence[Word], text: str) -> str:
    """The name of the word with a spelling."""
    for word in words:
        if text in word.spellings or folded(text) in map(folded, word.spellings):
            return word.name
    return split_unit(text)[0] and ""
