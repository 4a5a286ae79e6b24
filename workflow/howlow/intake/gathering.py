"""All tables of a study looked at and guessed together, and what cannot be made into one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from howlow.config.schema import unknown
from howlow.errors import HowlowError, InputError
from howlow.findings import Finding
from howlow.intake.assembled import Assembled
from howlow.intake.columns import TableGuess
from howlow.intake.guessing import guess_table, settle_together
from howlow.intake.looking import Seen, kept_name, look
from howlow.intake.rekeying import personal_columns, with_codes
from howlow.intake.words import Tell

#: Options that name a column, and the role of that column.
COLUMN_OPTIONS = {
    "id_column": "participant",
    "arm_column": "arm",
    "visit_column": "visit",
    "limb_column": "limb",
    "outcome_column": "outcome",
    "value_column": "value",
}


def guess_all(
    paths: Sequence[Path], sheets: Sequence[str], given: Mapping[str, str], tell: Tell
) -> list[TableGuess]:
    """Look at every table and guess what its columns are; all faults of all files at once."""
    seen: list[Seen] = []
    faults: list[Finding] = []
    names: list[str] = []
    for path in paths:
        names.append(kept_name(path, names))
        try:
            seen += look(path, names[-1], sheets, tell)
        except InputError as error:
            faults += error.findings
    if faults:
        raise InputError(faults)
    for sheet in sheets:
        if not any(table.table.sheet == sheet or table.table.object == sheet for table in seen):
            raise HowlowError(tell("no_such_sheet", name=sheet))
    chosen = {role: given[option] for option, role in COLUMN_OPTIONS.items() if option in given}
    columns = list(dict.fromkeys(name for table in seen for name in table.columns))
    for option, role in COLUMN_OPTIONS.items():
        if role in chosen and chosen[role] not in columns:
            known = unknown(chosen[role], columns)
            shown = option.replace("_", "-")
            raise HowlowError(tell("no_such_column", option=shown, name=chosen[role], known=known))
    guesses = [guess_table(table, chosen, tell) for table in seen]
    settle_together(guesses, tell)
    usable = [guess for guess in guesses if is_usable(guess)]
    for guess in guesses if usable else []:
        if guess not in usable:
            print(tell("table_skipped", table=guess.seen.shown), file=sys.stderr)
    return usable or guesses


def is_usable(guess: TableGuess) -> bool:
    """Whether a table names participants, and says or measures something of them."""
    says = guess.holds == "participants" or guess.wide or "value" in guess.roles
    return "participant" in guess.roles and bool(says)


def show_table(guess: TableGuess, tell: Tell, show: Callable[[str], None]) -> None:
    """Say what was found in a table."""
    shape = "people" if guess.holds == "participants" else "wide" if guess.wide else "long"
    rows = len(guess.seen.frame)
    show(tell("found", table=guess.seen.shown, rows=rows, shape=tell(f"shape_{shape}")))
    for role, column in guess.roles.items():
        show(tell("found_role", role=role, column=column, why=guess.why[role]))
    if guess.unread:
        more = " ..." if len(guess.unread) > 12 else ""
        listed = ", ".join(guess.unread[:12]) + more
        show("  " + tell("not_read_told", columns=listed))
    if guess.repeated:
        show("  " + tell("why_combine", count=guess.repeated))
    for note in (*guess.notes, *guess.seen.notes):
        show(f"  {note}")


def refuse_what_cannot_be(study: Assembled, tell: Tell) -> None:
    """Raise HowlowError for tables out of which no study can be made, with what to do."""
    for guess in study.tables:
        said = {"table": guess.seen.shown, "columns": ", ".join(list(guess.columns)[:20])}
        if "participant" not in guess.roles:
            raise HowlowError(tell("no_participant", **said))
        if guess.holds == "participants":
            continue
        if not guess.wide and "value" not in guess.roles:
            raise HowlowError(tell("no_value", **said))
        dated = any(part.visit for part in guess.wide.values())
        if "visit" not in guess.roles and "visit" not in guess.constant and not dated:
            raise HowlowError(tell("no_visit", **said))
    rosters = [guess.seen.shown for guess in study.tables if guess.holds == "participants"]
    if len(rosters) > 1:
        raise HowlowError(tell("two_rosters", tables=", ".join(rosters)))
    if len(study.visits) < 2:
        raise HowlowError(tell("one_visit", visit=", ".join(v.label for v in study.visits)))
    if not study.outcomes:
        raise HowlowError(tell("no_outcome"))


def tell_of_people(guesses: Sequence[TableGuess], rekey: bool, tell: Tell) -> None:
    """Warn of columns that tell who somebody is, unless they are about to be replaced."""
    if rekey:
        return
    told = False
    for guess in guesses:
        for column, kind in personal_columns(guess).items():
            told = True
            words = tell("names_found", table=guess.seen.shown, column=column, kind=kind)
            print(words, file=sys.stderr)
    if told:
        print(tell("names_kept"), file=sys.stderr)


def rekeyed(
    guesses: Sequence[TableGuess], names: dict[str, str], given: Mapping[str, str], tell: Tell
) -> tuple[list[TableGuess], dict[str, str]]:
    """The tables with codes for names, guessed again, and the text of each copy."""
    found: list[TableGuess] = []
    copies: dict[str, str] = {}
    own = {guess.roles["participant"] for guess in guesses if "participant" in guess.roles}
    for guess in guesses:
        if "participant" not in guess.roles:
            said = {"table": guess.seen.shown, "columns": ", ".join(list(guess.columns)[:20])}
            raise HowlowError(tell("no_participant", **said))
        left_out = [name for name in personal_columns(guess) if name not in own]
        if left_out:
            listed = ", ".join(left_out)
            print(tell("rekey_left_out", table=guess.seen.shown, columns=listed), file=sys.stderr)
        stem = guess.seen.path.stem + (
            f"-{guess.seen.table.sheet}" if guess.seen.table.sheet else ""
        )
        kept = kept_name(Path(f"{stem}.csv"), list(copies))
        copies[kept], seen = with_codes(guess, names, left_out, kept)
        chosen = {role: given[option] for option, role in COLUMN_OPTIONS.items() if option in given}
        found.append(guess_table(seen, {**chosen, "participant": "participant"}, tell))
    settle_together(found, tell)
    return found, copies
