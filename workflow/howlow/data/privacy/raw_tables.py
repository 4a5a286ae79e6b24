"""What points at a person in a raw table: names of columns, and the look of cells.

Only the columns that study.yaml names are read, and those are looked at cell by cell; of all others
the header alone is known. No finding quotes a cell: it names the column and the lines.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from howlow.config.steps import Rename, Table
from howlow.config.study import Columns
from howlow.data.privacy.personal_words import PERSON, told_by_name
from howlow.data.tables import LINE, Raw
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

_NUMBER = re.compile(r"\s*[-+−<>~]?\s*\d*[.,]?\d+(?:[eE][-+]?\d+)?\s*")
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[A-Za-z]{2,}")
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:"
    r"(?:\+|00(?=(?:\D?\d){9}))[1-9](?:[\s()/-]{0,2}\d){7,13}"  # with the country
    r"|0[1-9](?:[\s/-]{0,2}\d){8,9}|\(0[1-9]\d{0,3}\)(?:[\s-]{0,2}\d){6,8}"  # as dialled at home
    r"|0[1-9](?:\.\d\d){4}"  # as the French write it
    r"|\(?[2-9]\d\d\)?[\s-]\d{3}-\d{4}"  # as Americans write it
    r")(?![\w.,/-])"
)
_DATE = re.compile(
    r"\s*(?:(\d{4})[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.\s](?:\d{1,2}|[A-Za-z]{3,9})[-/.\s](\d{4}))"
    r"(?:[T\s]+[\d:.Z+]+)?\s*"
)
#: A date without signs between, as some make ids of it: 19600512, JK-19600512 or 12051960.
_DATE_AS_ID = re.compile(
    r"[A-Za-z]{0,4}[-_]?(?:(?:19\d\d|200\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19\d\d|200\d))"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}\s?(?:[A-Z0-9]{4}\s?){2,7}[A-Z0-9]{1,4}\b")
_POSTCODE = re.compile(r"[1-9]\d{3}\s?[A-Z]{2}")
_NINE_DIGITS = re.compile(r"(?<![\d.,])\d{9}(?![\d.,])")
#: Born before this year is grown up in any cohort that is measured now.
_ADULT = 2010
#: Visits of one study lie within this many years; dates of birth do not.
_YEARS_OF_A_STUDY = 12
#: A cell of so many words is a sentence.
_SENTENCE = 8

_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_SEVERAL_WORDS = re.compile(rf"{_WORD}\.?(?:(?:\s+|,\s*){_WORD}\.?)+")
_DOTTED = re.compile(r"(?:[^\W\d_]\.\s?){2,}(?:[^\W\d_]\.?)?")
_ONE_WORD = re.compile(r"[^\W\d_][^\W\d_'’-]{3,}|[A-ZÀ-Þ][a-zß-ÿ]{2}")
_LETTERS = re.compile(r"[^\W\d_]{2,4}")

_MOST_VALUES = 5_000
_SAMPLE = 2_000
_REMOVE = "Remove the column from study.yaml; it is not needed, and then it is never read"


def scan(
    frame: pd.DataFrame,
    header: Collection[str],
    wanted: Collection[str] | None,
    shown: str,
    *,
    participant: Collection[str] = (),
    dates: Collection[str] = (),
) -> list[Finding]:
    """What points at a person in a raw table.

    Parameters
    ----------
    frame
        The columns that were read, all text, and the line of each row in `__line__`.
    header
        Every name in the file's header, read or not.
    wanted
        The columns that study.yaml names; all of them for None.
    shown
        The file as findings name it.
    participant, dates
        The raw columns that are declared to hold ids and dates.

    Returns
    -------
    Errors (S09) for the columns that are read, and one warning for all that are only in the header.
    """
    read = [name for name in header if name in frame.columns and name != LINE]
    read = read if wanted is None else [name for name in read if name in wanted]
    findings: list[Finding] = []
    for name in read:
        kind = "" if name in participant else told_by_name(name)
        if kind:
            found = f"by its name this column holds {kind}"
            findings.append(Finding("S09", "error", shown, 1, name, found, _REMOVE))
        else:
            findings.extend(_in_cells(frame, name, shown, participant, name in dates))
    unread = {name: told_by_name(name) for name in header if name not in read}
    telling = [f"{name} ({kind})" for name, kind in unread.items() if kind]
    if telling:
        more = f" and {len(telling) - 5} more" if len(telling) > 5 else ""
        found = f"columns that point at people stand in the file: {', '.join(telling[:5])}{more}"
        action = "They are not read; remove them from the file before you share it"
        findings.append(Finding("S09", "warning", shown, 1, "", found, action))
    return findings


def scan_table(raw: Raw, table: Table, columns: Columns, shown: str) -> list[Finding]:
    """`scan` for a table of a study, whose columns of ids and dates are known."""
    dates = (columns.date, columns.first_session)
    return scan(
        raw.frame,
        raw.header,
        None,
        shown,
        participant=raw_columns(table, columns.participant),
        dates={name for date in dates if date for name in raw_columns(table, date)},
    )


def raw_columns(table: Table, column: str) -> set[str]:
    """The columns of the raw table that become a column, back through `rename`."""
    names = {column}
    for step in reversed(table.steps):
        if isinstance(step, Rename):
            names |= {old for old, new in step.columns.items() if new in names}
    return names


def _in_cells(
    frame: pd.DataFrame, name: str, shown: str, participant: Collection[str], is_date: bool
) -> Iterator[Finding]:
    """What the cells of a column that is read tell of people."""
    values = _distinct(frame[name])
    is_participant = name in participant
    people = next((frame[column] for column in participant if column in frame.columns), None)
    kinds: dict[str, list[str]] = {
        "an e-mail address": [value for value in values if _EMAIL.search(value)],
        "a telephone number": [value for value in values if _PHONE.search(value)],
        "a date of birth": [
            *_birth_dates(values, is_date),
            *(_mostly(values, _DATE_AS_ID) if is_participant else []),
        ],
        "a bank account": [value for value in values if _IBAN.search(value)],
        "a postcode": _mostly(values, _POSTCODE),
        "a national number (BSN)": _national_numbers(values),
    }
    told = {value for found in kinds.values() for value in found}
    left = [value for value in values if value not in told]
    kinds["free text"] = _sentences(frame[name], left, people)
    if is_participant:
        kinds["the name of a person"] = _names(left)
    for kind, found in kinds.items():
        if not found:
            continue
        action = "Remove it from the file; a study needs no such thing"
        if is_participant:
            action = "Use codes such as P01, or let `howlow new --rekey` make them"
        elif kind == "a date of birth":
            action = "Give the age in years, and remove it; name dates of measurement under columns"
        elif kind == "free text":
            action = "Remove the column from study.yaml, or code what it says in a few words"
        words = f"{_lines(frame, name, found)}: this looks like {kind}"
        yield Finding("S09", "error", shown, _first(frame, name, found), name, words, action)
    if is_participant and _initials(left):
        words = "the ids look like initials, by which people can be told"
        action = "If they are, use codes such as P01, or let `howlow new --rekey` make them"
        yield Finding("S09", "warning", shown, 1, name, words, action)


def _distinct(cells: pd.Series) -> list[str]:
    """The different cells of a column; of a column of numbers a sample, and what holds an @."""
    some = cells.iloc[:: max(1, len(cells) // _SAMPLE)].unique().tolist()
    if all(_NUMBER.fullmatch(value) or not value for value in some):
        odd = cells[cells.str.contains("@", regex=False)]
        return [*some, *odd.unique().tolist()]
    every = cells.unique().tolist()
    return [str(value) for value in every[:: max(1, len(every) // _MOST_VALUES)]]


def _birth_dates(values: list[str], is_date: bool) -> list[str]:
    """Dates that are too old to be a visit."""
    years = {}
    for value in values:
        match = _DATE.fullmatch(value)
        if match:
            years[value] = int(match[1] or match[2])
    if is_date and years and max(years.values()) - min(years.values()) <= _YEARS_OF_A_STUDY:
        return []
    return [value for value, year in years.items() if 1900 <= year < _ADULT]


def _national_numbers(values: list[str]) -> list[str]:
    """Numbers of nine digits, where most of them pass the test of eleven that a BSN passes."""
    numbers = {value: match[0] for value in values if (match := _NINE_DIGITS.search(value))}
    passing = [value for value, number in numbers.items() if _is_bsn(number)]
    return passing if 2 * len(passing) > len(numbers) else []


def _is_bsn(number: str) -> bool:
    """Whether nine digits pass the test of eleven."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True))
    return total % 11 == 0 and number != "0" * 9


def _mostly(values: list[str], form: re.Pattern[str]) -> list[str]:
    """The values of a form, where they are three or more and most of all."""
    filled = [value.strip() for value in values if value.strip()]
    found = [value for value in values if form.fullmatch(value.strip())]
    return found if len(found) > 2 and 2 * len(found) > len(filled) else []


def _sentences(cells: pd.Series, values: list[str], people: pd.Series | None) -> list[str]:
    """Long texts that are hardly anybody else's; a long label is said of many people."""
    long = [value for value in values if len(value) > 30 and len(value.split()) >= _SENTENCE]
    if not long:
        return []
    # A remark on a person may stand in each of the person's rows.
    said = cells.isin(long)
    times = int(said.sum())
    if people is not None and people.nunique() > 1:
        times = len((people[said].astype("str") + "\0" + cells[said].astype("str")).unique())
    return long if 2 * len(long) > times else []


def _names(values: list[str]) -> list[str]:
    """Ids that are names: several words, letters with points, or words where most ids are words."""
    ids = [value.strip() for value in values if value.strip()]
    named = [value for value in ids if _DOTTED.fullmatch(value) or _is_full_name(value)]
    words = [value for value in ids if _ONE_WORD.fullmatch(value)]
    return named + (words if len(words) > 2 and 2 * len(words) > len(ids) else [])


def _is_full_name(value: str) -> bool:
    """Several words, all letters, of which none says `participant`."""
    if not _SEVERAL_WORDS.fullmatch(value):
        return False
    words = re.findall(_WORD, value)
    capitals = sum(word[0].isupper() and len(word) > 1 for word in words)
    return capitals > 0 and not {word.lower() for word in words} & (PERSON - {"de", "van", "du"})


def _initials(values: list[str]) -> bool:
    """Whether most ids are two to four letters."""
    ids = [value.strip() for value in values if value.strip()]
    short = [value for value in ids if _LETTERS.fullmatch(value)]
    return len(short) > 2 and 2 * len(short) > len(ids)


def _lines(frame: pd.DataFrame, name: str, found: list[str]) -> str:
    """`on line 3` or `on lines 3, 4, 5 and 17 more`."""
    lines = [str(line) for line in frame.loc[frame[name].isin(found), LINE]]
    if len(lines) == 1:
        return f"on line {lines[0]}"
    more = f" and {len(lines) - 3} more" if len(lines) > 3 else ""
    return f"on lines {', '.join(lines[:3])}{more}"


def _first(frame: pd.DataFrame, name: str, found: list[str]) -> int:
    """The first line on which one of the values stands."""
    return int(frame.loc[frame[name].isin(found), LINE].iloc[0])
