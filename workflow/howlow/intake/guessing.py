"""What each column of a table is, guessed from its name and its cells, each guess with its reason.

Nothing is analysed on the strength of a guess alone: what is found here goes into a study.yaml that
says beside each line why it stands there, and that a person reads before the check is green.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from howlow.intake.columns import Column, TableGuess
from howlow.intake.headers import Header, header_parts, unit_in, visit_word
from howlow.intake.looking import Seen
from howlow.intake.vocabulary import (
    EXCLUDED,
    INCLUDED,
    LIMBS,
    SEXES,
    folded,
    is_no_outcome,
    measured,
)
from howlow.intake.words import Tell

#: Most different cells that a column of words may have to be one of arms, of visits, of outcomes.
MOST_ARMS, MOST_VISITS, MOST_OUTCOMES = 8, 20, 60


def guess_table(seen: Seen, chosen: Mapping[str, str], tell: Tell) -> TableGuess:
    """What the columns of a table are; `chosen` holds columns that the user named for a role."""
    columns = {
        name: Column(name, seen.cells(name), seen.table.decimal, seen.labels.get(name, ""))
        for name in seen.columns
        if name
    }
    guess = TableGuess(seen, columns)
    for role, name in chosen.items():
        if name in columns:
            guess.take(role, name, tell("why_chosen"))
    _limbs(guess, tell)
    _personal(guess, tell)
    _participant(guess, tell)
    for role in ("age", "height"):
        # Measured at each visit: only the one at baseline can be taken, and the table has no such.
        if {role, "participant"} <= set(guess.roles) and not _is_constant(
            guess, guess.roles[role], [guess.roles["participant"]]
        ):
            name = guess.roles.pop(role)
            guess.notes.append(tell("varies", column=name, role=role))
    _visit(guess, tell)
    _from_sheet_or_file(guess, tell)
    _wide_columns(guess)
    if any(header.visit for header in guess.wide.values()):
        # A row of several visits has no one date: `date` would be taken for that of each.
        name = guess.roles.pop("date", "")
        if name:
            guess.notes.append(tell("no_one_date", column=name))
    if _is_of_participants(guess):
        guess.holds = "participants"
        guess.constant = {}
        _arm(guess, tell)
        return guess
    _arm(guess, tell)
    _measurements(guess, tell)
    return guess


def _measurements(guess: TableGuess, tell: Tell) -> None:
    """What only a table of measurements has."""
    _outcome(guess, tell)
    _value(guess, tell)
    _period(guess, tell)
    _repeats(guess)


def settle_together(tables: Sequence[TableGuess], tell: Tell) -> None:
    """What can only be told of several tables: one of people is none if there is no other."""
    if all(guess.holds == "participants" for guess in tables):
        for guess in tables:
            guess.holds = "measurements"
            _measurements(guess, tell)
    said = {guess.constant["visit"] for guess in tables if "visit" in guess.constant}
    if len(said) == 1 and all("visit" not in guess.roles for guess in tables):
        # One file called `trial v2` names no visit.
        for guess in tables:
            guess.constant = {}


def _free(guess: TableGuess) -> list[Column]:
    """Columns that have no role yet and hold something."""
    taken = {*guess.roles.values(), *guess.limbs_of, *guess.wide, *guess.joined}
    return [
        column for column in guess.columns.values() if column.name not in taken and column.values
    ]


def _limbs(guess: TableGuess, tell: Tell) -> None:
    """Columns whose cells are sides."""
    sided = [column for column in _free(guess) if column.all_in(LIMBS)]
    if "limb" in guess.roles or not sided:
        return
    named = [column for column in sided if column.named("limb") and len(column.values) > 1]
    if len(sided) == 1 and (named or sided[0].named("limb")):
        guess.take("limb", sided[0].name, tell("why_limb", values=_some(sided[0])))
    elif len(named) == 1 and len(sided) > 1:
        guess.take("limb", named[0].name, tell("why_limb", values=_some(named[0])))
        guess.limbs_of = [column.name for column in sided if column is not named[0]]
    else:
        guess.limbs_of = [column.name for column in sided]


def _personal(guess: TableGuess, tell: Tell) -> None:
    """Sex, age, height, sessions, dates, units, and who is included."""
    for column in _free(guess):
        if "sex" not in guess.roles and column.all_in(SEXES) and _names_sex(column):
            guess.take("sex", column.name, tell("why_sex", values=_some(column)))
        elif (
            "unit" not in guess.roles and column.named("unit") and all(map(unit_in, column.values))
        ):
            guess.take("unit", column.name, tell("why_unit_column", values=_some(column)))
        elif "include" not in guess.roles and column.all_in(INCLUDED | EXCLUDED):
            if column.named("include") or any(v.startswith("incl") for v in column.values):
                guess.take("include", column.name, tell("why_include", values=_some(column)))
        elif column.is_numeric:
            for role in ("age", "height", "sessions_attended"):
                if role not in guess.roles and column.named(role) == 2:
                    guess.take(role, column.name, tell("why_named", name=column.name))
        elif "date" not in guess.roles and column.named("date") and date_format(column.values):
            guess.take("date", column.name, tell("why_date", format=date_format(column.values)))


def _names_sex(column: Column) -> bool:
    """Whether the header says sex, or the cells can mean nothing else."""
    return column.named("sex") > 0 or any(len(value) > 2 for value in column.values)


def date_format(values: Sequence[str]) -> str:
    """The one format in which all cells are dates, or nothing: day and month are never guessed."""
    if all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) for value in values):
        return "%Y-%m-%d"
    for sign in "-/.":
        parts = [re.fullmatch(rf"(\d\d?)\{sign}(\d\d?)\{sign}\d{{4}}", value) for value in values]
        if all(parts) and values:
            first = max(int(part[1]) for part in parts if part)
            second = max(int(part[2]) for part in parts if part)
            if first > 12 and second <= 12:
                return f"%d{sign}%m{sign}%Y"
            if second > 12 and first <= 12:
                return f"%m{sign}%d{sign}%Y"
    return ""


def _participant(guess: TableGuess, tell: Tell) -> None:
    """The column that names the participant."""
    if "participant" in guess.roles:
        return
    free = _free(guess)
    for sure in (2, 1):
        named = [
            column
            for column in free
            if column.named("participant") == sure
            and (len(column.values) > 2 or len(column.cells) < 4)
            and not (column.is_numeric and any(number % 1 for number in column.numbers))
        ]
        # `nr` and `naam` name a person only where no better header does.
        # A number of the row is no person where another column names one in several rows.
        named.sort(
            key=lambda column: (
                folded(column.name) in _WEAK_NAMES,
                len(column.values) == len(column.cells),
            )
        )
        if named:
            reason = tell("why_named", name=named[0].name)
            guess.take("participant", named[0].name, reason)
            return
    for column in free:
        whole = not column.is_numeric or all(number % 1 == 0 for number in column.numbers)
        if (
            whole
            and len(column.values) > 2
            and _evenly_repeated(column)
            and not _says_visit(column)
        ):
            reason = tell("why_participant", count=len(column.values))
            guess.take("participant", column.name, reason)
            return


_WEAK_NAMES = frozenset(
    {"nr", "nummer", "number", "no", "code", "naam", "name", "email", "initials"}
)


def _evenly_repeated(column: Column) -> bool:
    """Whether each value comes about as often as the others, as ids do."""
    counts: dict[str, int] = {}
    for cell in column.cells:
        if cell:
            counts[cell] = counts.get(cell, 0) + 1
    usual = sorted(counts.values())[len(counts) // 2]
    alike = sum(count == usual for count in counts.values())
    return alike >= 0.6 * len(counts) and sum(map(bool, column.cells)) >= 0.9 * len(column.cells)


def _says_visit(column: Column) -> bool:
    """Whether all cells are words for visits."""
    return all(visit_word(value) and not value.isdigit() for value in column.values)


def _visit(guess: TableGuess, tell: Tell) -> None:
    """The column that says when."""
    if "visit" in guess.roles:
        return
    free = [column for column in _free(guess) if 1 < len(column.values) <= MOST_VISITS]
    # What stays the same in a person is no visit: `2/wk` is an arm, whatever else it could say.
    who = [guess.roles["participant"]] if "participant" in guess.roles else []
    free = [column for column in free if not who or not _is_constant(guess, column.name, who)]
    worded = [column for column in free if _says_visit(column)]
    worded.sort(key=lambda column: -column.named("visit"))
    if worded:
        guess.take("visit", worded[0].name, tell("why_visit", values=_some(worded[0])))
        return
    named = [column for column in free if column.named("visit") == 2]
    named = [c for c in named if not c.is_numeric or all(n % 1 == 0 for n in c.numbers)]
    if named:
        guess.take("visit", named[0].name, tell("why_named", name=named[0].name))


def _wide_columns(guess: TableGuess) -> None:
    """Columns of numbers whose headers say what was measured, and when or on which side."""
    if "outcome" in guess.roles and "value" in guess.roles:
        return
    text_outcome = any(
        column.named("outcome") == 2 and not column.is_numeric and len(column.values) > 1
        for column in _free(guess)
    )
    found: dict[str, Header] = {}
    for column in _free(guess):
        if not column.is_numeric or column.name == guess.roles.get("value"):
            continue
        label = guess.seen.labels.get(column.name, "")
        header = header_parts(column.name)
        if header.visit and not header.stem and not text_outcome:
            header = replace(header, stem=_sheet_or_file(guess))
        from_label = header_parts(label) if label else header
        if from_label.visit and (not header.visit or not header.stem):
            header = from_label
        if not header.unit and from_label.unit:
            header = Header(header.stem, header.visit, header.limb, from_label.unit)
        says = measured(f"{header.stem} {from_label.stem}") or measured(column.name)
        if is_no_outcome(f"{header.stem} {label}") and says is None:
            continue
        if "visit" in guess.roles or "visit" in guess.constant:
            if says and not text_outcome and not header.visit:
                found[column.name] = header
        elif header.visit and (header.stem or text_outcome):
            found[column.name] = header
    known = {
        name: header
        for name, header in found.items()
        if measured(header.stem) or measured(guess.columns[name].label) or not header.stem
    }
    # Where some headers are of strength or size, what the others are is for their owner to add.
    found = known or found
    visits = {header.visit for header in found.values()}
    if "visit" not in {*guess.roles, *guess.constant} and len(visits) < 2:
        found = {}
    guess.wide = found


def _sheet_or_file(guess: TableGuess) -> str:
    """What the sheet or the file says was measured, for columns that only name visits."""
    for text in (guess.seen.table.sheet or "", guess.seen.path.stem):
        if text and measured(text):
            return header_parts(text).stem
    return ""


def _is_of_participants(guess: TableGuess) -> bool:
    """Whether a row is a person: each id once, no visit, and no columns of measurements."""
    who = guess.column("participant")
    if who is None or "visit" in guess.roles or guess.wide:
        return False
    there = [cell for cell in who.cells if cell]
    return len(who.values) >= 0.9 * len(there)


def _arm(guess: TableGuess, tell: Tell) -> None:
    """The column that says in which arm somebody was, or a limb."""
    if "arm" in guess.roles:
        return
    free = [
        column
        for column in _free(guess)
        if 1 < len(column.values) <= MOST_ARMS
        and (column.named("arm") == 2 or not _says_visit(column))
        and (not column.is_numeric or column.named("arm") == 2)
    ]
    for sure in (2, 1):
        named = [column for column in free if column.named("arm") == sure]
        named = [c for c in named if _is_constant(guess, c.name, _unit_of_arm(guess))] or named
        if named:
            best = min(named, key=lambda column: folded(column.name) in ("load", "test"))
            guess.take("arm", best.name, tell("why_arm", name=best.name, values=_some(best)))
            return
    if "participant" in guess.roles:
        unit = _unit_of_arm(guess)
        fixed = [
            column
            for column in free
            if len(column.values) <= 4
            and not column.named("outcome")
            and _is_constant(guess, column.name, unit)
        ]
        if len(fixed) == 1:
            reason = tell("why_arm_constant", count=len(fixed[0].values), values=_some(fixed[0]))
            guess.take("arm", fixed[0].name, reason)


def _unit_of_arm(guess: TableGuess) -> list[str]:
    """The columns that name who has one arm: the participant, and the limb if there is one."""
    return [guess.roles[role] for role in ("participant", "limb") if role in guess.roles]


def _is_constant(guess: TableGuess, name: str, within: Sequence[str]) -> bool:
    """Whether a column has one value in all rows of each group of others."""
    seen: dict[tuple[str, ...], str] = {}
    groups = [guess.columns[column].cells for column in within]
    for cell, *key in zip(guess.columns[name].cells, *groups, strict=True):
        if cell and seen.setdefault(tuple(key), cell) != cell:
            return False
    return True


def _outcome(guess: TableGuess, tell: Tell) -> None:
    """The column or columns of words that say what was measured."""
    if "outcome" in guess.roles:
        return
    free = [
        column
        for column in _free(guess)
        if not column.is_numeric and 1 <= len(column.values) <= MOST_OUTCOMES
    ]
    within = [guess.roles[role] for role in ("participant", "visit", "limb") if role in guess.roles]
    varying = [column for column in free if not _is_constant(guess, column.name, within)]
    named = [column for column in free if column.named("outcome") == 2]
    chosen = list(dict.fromkeys([*[c for c in named if c in varying], *varying]))
    if not chosen and named and not guess.wide:
        chosen = named[:1]
    if any(header.stem for header in guess.wide.values()):
        return
    if len(chosen) == 1:
        guess.take("outcome", chosen[0].name, tell("why_outcome", values=_some(chosen[0])))
    elif chosen:
        guess.joined = [column.name for column in chosen[:3]]
        guess.why["outcome"] = tell("why_outcome_joined", columns=", ".join(guess.joined))


def _value(guess: TableGuess, tell: Tell) -> None:
    """The column with the numbers of a long table; a table of one outcome is one as well."""
    if "value" in guess.roles:
        return
    has_words = "outcome" in guess.roles or guess.joined
    if guess.wide and not (has_words and all(not part.stem for part in guess.wide.values())):
        if len(guess.wide) == 1 and "visit" in {*guess.roles, *guess.constant}:
            name = next(iter(guess.wide))
            guess.wide = {}
            guess.take("value", name, tell("why_value_only"))
        return
    if guess.wide:
        return
    numeric = [
        column
        for column in _free(guess)
        if column.is_numeric and not (column.named("participant") and "value" not in column.name)
    ]
    # A header that speaks of strength or size comes before one that speaks of nothing.
    numeric.sort(key=lambda column: measured(f"{column.name} {column.label}") is None)
    for sure in (2, 1, 0):
        named = [column for column in numeric if column.named("value") >= sure]
        if named:
            best = max(named, key=lambda column: len(set(column.numbers)))
            reason = "why_named" if sure else "why_value_only"
            guess.take("value", best.name, tell(reason, name=best.name))
            return


def _from_sheet_or_file(guess: TableGuess, tell: Tell) -> None:
    """A visit that only the name of the sheet or the file says."""
    headers = [
        header_parts(text)
        for column in _free(guess)
        for text in (column.name, column.label)
        if column.is_numeric and text
    ]
    if "visit" in guess.roles or len({header.visit for header in headers if header.visit}) > 1:
        return
    for text in (guess.seen.table.sheet or "", guess.seen.path.stem):
        said = header_parts(text).visit if text else ""
        if said:
            guess.constant["visit"] = said
            guess.why["visit"] = tell("why_visit_from_name", text=text)
            return


def _period(guess: TableGuess, tell: Tell) -> None:
    """The column of the periods, where people are in several arms in turn."""
    for column in _free(guess):
        if guess.changing[0] and "period" not in guess.roles and column.named("period") == 2:
            guess.take("period", column.name, tell("why_named", name=column.name))


def _repeats(guess: TableGuess) -> None:
    """How many tests were done more than once, where that is the habit and not a slip."""
    named = ("participant", "arm", "period", "visit", "limb", "outcome")
    keys = [*(guess.roles[role] for role in named if role in guess.roles), *guess.joined]
    if guess.wide or "value" not in guess.roles or "participant" not in guess.roles:
        return
    counts: dict[tuple[str, ...], int] = {}
    for key in zip(*(guess.columns[name].cells for name in keys), strict=True):
        counts[key] = counts.get(key, 0) + 1
    twice = sum(count > 1 for count in counts.values())
    guess.repeated = twice if twice >= 0.1 * len(counts) else 0


def _some(column: Column) -> str:
    """The first few values of a column, for a reason in words."""
    more = ", ..." if len(column.values) > 5 else ""
    return ", ".join(value[:20] for value in column.values[:5]) + more
