"""The cleaned tables of a study as one tidy table of values and what is said of each person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from howlow.config.schema import did_you_mean
from howlow.config.steps import Constant, Join, Map, Match, Rename, Reshape, Table
from howlow.config.study import Participants
from howlow.config.units import UNITS, factor, unit_named
from howlow.data import cells
from howlow.data.categories import blank, category, first_rows
from howlow.data.cells import FILE
from howlow.data.tables import LINE
from howlow.errors import InputError
from howlow.findings import Finding, Severity

if TYPE_CHECKING:
    import pandas as pd

#: Key columns of a value; cells are categories, empty where a table does not say.
KEYS = ("participant", "limb", "arm", "visit", "outcome", "period")
#: What a row may say of how it was measured.
CONDITIONS = ("assessor", "device")
#: What is said of a participant, in any table.
OF_PEOPLE = (
    "arm",
    "sex",
    "age",
    "height",
    "training",
    "site",
    "sessions_attended",
    "reason_left",
    "adverse_events",
    "first_session",
)
#: Of what is said of a participant: numbers, and the range they lie in.
PLAUSIBLE = {
    "age": (0.0, 120.0),
    "height": (40.0, 250.0),
    "sessions_attended": (0.0, 5000.0),
    "adverse_events": (0.0, 1000.0),
}

#: Of what is said of a participant: words, and what each stands for.
_WORDS = {"sex": cells.SEXES, "training": cells.TRAININGS}

#: How many lines or cells of one kind of fault are told one by one.
SHOWN = 5


@dataclass
class Tidy:
    """A study's tables, put together.

    `rows` has one row a value: the keys and conditions as categories, `value` in the outcome's
    unit (NaN where empty), `date`, and the file and line. `said` holds for each column of
    `OF_PEOPLE` what the tables say: participant, visit (empty in a roster), the cell, file, line.
    `roster` has participant, file and line of the tables that hold participants. `unsure` is set
    where a table or a value could not be read, so that what seems to be absent may not be.
    """

    rows: pd.DataFrame
    said: dict[str, pd.DataFrame]
    roster: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)
    unsure: bool = False


def tell(
    study: Participants,
    code: str,
    severity: Severity,
    rows: pd.DataFrame,
    column: str,
    found: str,
    action: str,
) -> Finding:
    """A finding at the first of the rows that have it; further lines and their number are added."""
    file = str(rows[FILE].iloc[0])
    lines = list(dict.fromkeys(int(line) for line in rows.loc[rows[FILE] == file, LINE][:SHOWN]))
    if len(rows) > 1:
        found = f"{found}: {len(rows)} rows, line{'s' if len(lines) > 1 else ''} {_and(lines)}"
        found += " and more" if len(rows) > len(lines) else ""
    return Finding(code, severity, file, lines[0], column, found, action, study.id)


def more(
    study: Participants, code: str, tidy: Tidy, column: str, found: str, action: str
) -> Finding:
    """What is left of a kind of fault after the first few."""
    file = str(tidy.rows[FILE].iloc[0]) if len(tidy.rows) else ""
    return Finding(code, "error", file, 0, column, found, action, study.id)


def _and(lines: Sequence[int]) -> str:
    """Lines as they are told."""
    return ", ".join(str(line) for line in lines)


def tidy_measurements(
    frame: pd.DataFrame, table: Table, study: Participants, shown: str, *, arm_elsewhere: bool
) -> Tidy:
    """One cleaned table of measurements under howlow's column names, with its own faults.

    `arm_elsewhere` is set where a table of participants says who is in which arm.
    """
    import numpy as np
    import pandas as pd

    columns = study.columns
    there = [str(column) for column in frame.columns if column != LINE]
    needed = {
        "participant": columns.participant,
        "visit": columns.visit,
        "outcome": columns.outcome,
        "value": columns.value,
    }
    if columns.limb is not None:
        needed["limb"] = columns.limb
    if columns.period is not None:
        needed["period"] = columns.period
    if not arm_elsewhere:
        needed["arm"] = columns.arm
    _require(needed.values(), there, study, shown)
    findings: list[Finding] = []
    named = {key: getattr(columns, key) for key in (*KEYS, *CONDITIONS)}
    rows = pd.DataFrame(
        {
            key: category(frame[name]) if name in there else blank(len(frame))
            for key, name in named.items()
        },
        index=frame.index,
    )
    lines = category(frame[LINE])
    rows[LINE] = np.array(lines.categories.tolist(), dtype=np.int32)[lines.codes]
    rows[FILE] = blank(len(rows), shown)
    rows["value"] = _numbers(frame, columns.value, shown, findings)
    if columns.date in there:
        rows["date"] = dates(frame, columns.date, table, shown, findings)
    if columns.unit in there:
        units = category(frame[columns.unit])
        rows["value"] = _in_one_unit(rows, units, study, columns.unit, findings)
    rows = rows.reset_index(drop=True)
    said = _said(frame, rows, table, study, shown, findings)
    unsure = any(finding.severity == "error" for finding in findings)
    return Tidy(rows, said, no_roster(), findings, unsure)


def tidy_roster(frame: pd.DataFrame, table: Table, study: Participants, shown: str) -> Tidy:
    """One cleaned table of participants: a row is a person."""
    import pandas as pd

    there = [str(column) for column in frame.columns if column != LINE]
    _require([study.columns.participant], there, study, shown)
    findings: list[Finding] = []
    rows = pd.DataFrame(
        {"participant": category(frame[study.columns.participant]), LINE: frame[LINE].astype("int")}
    ).reset_index(drop=True)
    rows[FILE] = shown
    rows["visit"] = blank(len(rows))
    said = _said(frame, rows, table, study, shown, findings)
    return Tidy(rows.iloc[:0], said, rows[["participant", FILE, LINE]], findings)


def no_roster() -> pd.DataFrame:
    """A roster without anybody."""
    import pandas as pd

    return pd.DataFrame({"participant": pd.Categorical([]), FILE: [], LINE: []})


def put_together(parts: Sequence[Tidy]) -> Tidy:
    """The tables of a study as one, in their order."""
    import pandas as pd
    from pandas.api.types import union_categoricals

    tables = [part.rows for part in parts if "value" in part.rows]
    if len(tables) == 1:
        rows = tables[0]
    else:
        rows = pd.concat(
            [table[[LINE, "value", *(["date"] if "date" in table else [])]] for table in tables],
            ignore_index=True,
        )
        for column in (*KEYS, *CONDITIONS, FILE):
            rows[column] = union_categoricals([table[column] for table in tables])
    said = {
        column: pd.concat(
            [part.said[column].astype({"participant": "str"}) for part in found],
            ignore_index=True,
        )
        for column in OF_PEOPLE
        if (found := [part for part in parts if column in part.said])
    }
    rosters = [part.roster.astype({"participant": "str"}) for part in parts if len(part.roster)]
    roster = pd.concat(rosters, ignore_index=True) if rosters else no_roster()
    findings = [finding for part in parts for finding in part.findings]
    return Tidy(rows, said, roster, findings, any(part.unsure for part in parts))


def dates(
    frame: pd.DataFrame, column: str, table: Table, shown: str, findings: list[Finding]
) -> pd.Series:
    """A column of dates as declared, NaT where empty; a cell that is none is a fault."""
    import pandas as pd

    words = category(frame[column])
    # Each date once, with the first line that has it: a table holds few different ones.
    codes = pd.Series(words.codes, index=frame.index)
    first = frame.loc[~codes.duplicated(), [column, LINE]].astype({column: "str"})
    known, faults = cells.dates(first, column, table.date_format, shown)
    findings.extend(faults)
    days = pd.Series(pd.to_datetime(known).to_numpy("datetime64[s]"), first[column].astype("str"))
    in_order = days.reindex(words.categories.astype("str")).to_numpy("datetime64[s]")
    return pd.Series(in_order[words.codes], index=frame.index)


def _require(needed: Iterable[str], there: Sequence[str], study: Participants, shown: str) -> None:
    """Raise InputError for columns that a table lacks."""
    missing = [name for name in needed if name not in there]
    if missing:
        listed = f"Columns: {', '.join(there[:12])}{' ...' if len(there) > 12 else ''}"
        raise InputError(
            [
                Finding(
                    "G01",
                    "error",
                    shown,
                    1,
                    name,
                    "there is no such column",
                    f"{did_you_mean(name, there)}Name it under `columns:` or make it by a step. "
                    f"{listed}",
                    study.id,
                )
                for name in missing
            ]
        )


def _numbers(frame: pd.DataFrame, column: str, shown: str, findings: list[Finding]) -> pd.Series:
    """A column as numbers; what is none becomes a fault and is left out of further checks."""
    values, faults = cells.number_cells(frame, column, shown)
    findings.extend(faults)
    return values


def _in_one_unit(
    rows: pd.DataFrame,
    units: pd.Categorical,
    study: Participants,
    column: str,
    findings: list[Finding],
) -> pd.Series:
    """Values turned from the unit of their row into the outcome's; words that are none are told."""
    import pandas as pd

    values = rows["value"].copy()
    there = values.notna()
    pairs = pd.DataFrame({"outcome": rows["outcome"], "unit": pd.Series(units, index=rows.index)})
    for outcome, word in pairs[there].drop_duplicates().itertuples(index=False):
        if outcome not in study.outcomes:
            continue
        mine = there & (pairs["outcome"] == outcome) & (pairs["unit"] == word)
        to = study.outcomes[outcome].unit
        name = unit_named(word)
        multiply = factor(name, to) if name else None
        if multiply is None:
            found = f"'{word}' is no unit" if word else "no unit beside a value"
            action = f"Correct it. {did_you_mean(word, UNITS)}Known: {', '.join(UNITS)}"
            if name:
                found = f"{name} cannot be turned into {to}, the unit of {outcome}"
                action = "Correct the unit, or that of the outcome"
            findings.append(tell(study, "C09", "error", rows[mine], column, found, action))
        elif multiply != 1.0:
            values = values.where(~mine, values * multiply)
            found = f"{int(mine.sum())} values of {outcome} in {name} were turned into {to}"
            action = f"Multiplied by {multiply:.9g}"
            file = str(rows[FILE].iloc[0])
            findings.append(Finding("C09", "note", file, 0, column, found, action, study.id))
    return values


def _said(
    frame: pd.DataFrame,
    rows: pd.DataFrame,
    table: Table,
    study: Participants,
    shown: str,
    findings: list[Finding],
) -> dict[str, pd.DataFrame]:
    """What a table says of its participants, each thing once; dates and numbers are checked."""
    import numpy as np

    said: dict[str, pd.DataFrame] = {}
    whole, once = rows[["participant", "visit"]], None
    for key in OF_PEOPLE:
        name = getattr(study.columns, key)
        if name is None or name not in frame.columns:
            continue
        told, people = frame[name].reset_index(drop=True), whole
        if not {name, study.columns.participant} & _made(table):
            # Where columns were turned into rows, a line of the file says it many times over.
            once = np.flatnonzero(~rows[LINE].duplicated()) if once is None else once
            told, people = told.iloc[once], whole.iloc[once]
        pairs = people.assign(**{key: category(told)})
        # Age and height may differ from visit to visit; all else is one thing a person.
        columns = (
            ("participant", "visit", key) if key in ("age", "height") else ("participant", key)
        )
        found = pairs.iloc[first_rows(pairs, columns)]
        found = found[(found[key] != "") & (found["participant"] != "")]
        lines = rows.loc[found.index, LINE].astype("int")
        found = found.assign(**{FILE: shown, LINE: lines})
        found = found.astype({key: "str", "visit": "str"})
        if key == "first_session":
            found[key] = dates(found, key, table, shown, findings)
        elif key in _WORDS:
            found[key], faults = cells.accepted(found, key, _WORDS[key], shown)
            findings.extend(faults)
            found = found[found[key] != ""]
        elif key in PLAUSIBLE:
            found[key] = _numbers(found, key, shown, findings)
            findings.extend(_implausible(found, key, name, study))
        said[key] = found.reset_index(drop=True)
    return said


def _made(table: Table) -> set[str]:
    """The columns that the steps of a table make."""
    made: set[str] = set()
    for step in table.steps:
        match step:
            case Reshape(columns=columns):
                made |= {label for said in columns.values() for label in said}
            case Rename(columns=names):
                made |= set(names.values())
            case Map(to=str(to)) | Join(to=to) | Match(to=to) | Constant(to=to):
                made.add(to)
    return made


def _implausible(
    found: pd.DataFrame, key: str, name: str, study: Participants
) -> Iterable[Finding]:
    """Numbers that no person has."""
    low, high = PLAUSIBLE[key]
    outside = found[(found[key] < low) | (found[key] > high) | ((key == "age") & (found[key] == 0))]
    if len(outside):
        words = f"{outside[key].iloc[0]:g} is outside {low:g} to {high:g}"
        yield tell(study, "C08", "error", outside, name, words, "Correct the value")
