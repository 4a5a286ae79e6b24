"""Codes in place of names: a copy of each table without what tells who somebody is."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Sequence
from pathlib import Path

from howlow.config.steps import Table
from howlow.errors import HowlowError
from howlow.intake.columns import TableGuess
from howlow.intake.looking import Seen
from howlow.intake.vocabulary import folded
from howlow.intake.words import Tell


def personal_columns(guess: TableGuess) -> dict[str, str]:
    """The columns of a table that may tell who somebody is, each with what was found."""
    from howlow.data.privacy.personal_words import told_by_name
    from howlow.data.privacy.raw_tables import scan
    from howlow.data.tables import LINE

    seen = guess.seen
    own = guess.roles.get("participant", "")
    header = [*seen.columns, LINE]
    date = {guess.roles["date"]} if "date" in guess.roles else set()
    findings = scan(seen.frame, header, None, seen.shown, participant={own} - {""}, dates=date)
    found = {finding.column: finding.found for finding in findings if finding.severity == "error"}
    found |= {finding.column: finding.found for finding in findings if finding.column == own}
    for name in seen.columns:
        if name not in found and told_by_name(name):
            found[name] = told_by_name(name)
    return found


def codes(guesses: Sequence[TableGuess]) -> dict[str, str]:
    """A code for each participant of all tables: p01, p02 ... in an order drawn by chance.

    Spellings that are equal but for case, accents and spaces are one person.
    """
    people: dict[str, list[str]] = {}
    for guess in guesses:
        column = guess.column("participant")
        for value in column.values if column is not None else []:
            group = people.setdefault(folded(value) or value, [])
            if value not in group:
                group.append(value)
    width = max(2, len(str(len(people))))
    # The order of the letters, or of the rows, would tell who is who.
    order = sorted(people)
    secrets.SystemRandom().shuffle(order)
    return {
        value: f"p{place:0{width}}"
        for place, key in enumerate(order, start=1)
        for value in people[key]
    }


def key_file_for(path: Path, data: Path, chosen: Path | None, tell: Tell) -> Path:
    """Where the list of codes goes: beside the original file, never inside the project.

    Raises
    ------
    HowlowError
        If that is inside the project, or a file of that name is there.
    """
    project = data.resolve().parent
    place = chosen or path.with_name(f"{path.stem}-codes.csv")
    if place.resolve().is_relative_to(project):
        raise HowlowError(tell("rekey_inside", folder=place.parent.as_posix()))
    if place.exists():
        raise HowlowError(tell("key_exists", path=place.as_posix()))
    return place


def key_list(names: dict[str, str]) -> str:
    """The list of codes as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["name", "code"])
    for name, code in sorted(names.items(), key=lambda pair: (pair[1], pair[0])):
        writer.writerow([name, code])
    return out.getvalue()


def with_codes(
    guess: TableGuess, names: dict[str, str], left_out: Sequence[str], kept: str
) -> tuple[str, Seen]:
    """A table as CSV text with codes for names, and how that copy is read.

    Columns that tell who somebody is are not in it; the cells of the others are as they were, and
    the rows stand in the order of the codes.
    """
    from howlow.data.tables import LINE

    seen = guess.seen
    own = guess.roles["participant"]
    columns = [name for name in seen.columns if name not in left_out or name == own]
    frame = seen.frame[[*columns, LINE]].rename(columns={own: "participant"})
    frame["participant"] = [names.get(cell, "") for cell in frame["participant"]]
    frame = frame.sort_values("participant", kind="stable", ignore_index=True)
    # A row of the copy stands on another line than it did.
    frame[LINE] = [str(place) for place in range(2, len(frame) + 2)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    header = ["participant" if name == own else name for name in columns]
    writer.writerow(header)
    for cells in frame[header].itertuples(index=False, name=None):
        writer.writerow(cells)
    keys = {"decimal": seen.table.decimal, "missing": seen.table.missing}
    table = Table(file=f"raw/{kept}", **keys)  # type: ignore[arg-type]
    why = {key: reason for key, reason in seen.why.items() if key in keys}
    labels = {name: label for name, label in seen.labels.items() if name in columns and name != own}
    return out.getvalue(), Seen(seen.path, table, frame, labels, why, seen.notes)
