"""The codebook of a study's tidy tables: what each column and each outcome is, and whence.

Three texts stand beside the tables: `codebook.csv`, `codebook.html` for reading, and
`datapackage.json` (Frictionless Data Package 1) for programs that check a table against it.

Of the values only the 10th and the 90th percentile are told, in three digits, and only where ten
people or more have one: a minimum and a maximum are the values of two people.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import astuple, fields, replace
from typing import TYPE_CHECKING

from howlow.config.collection import Trials
from howlow.config.study import Participants, Study
from howlow.config.trial import Outcome
from howlow.data.cells import guarded
from howlow.data.codebook.column_words import (
    FEWEST_PEOPLE,
    MEASUREMENTS,
    PARTICIPANTS,
    PSEUDO,
    Column,
    outcomes_of,
)
from howlow.data.codebook.datapackage import datapackage
from howlow.data.codebook.origins import origins, origins_of_outcome
from howlow.data.codebook.page import CodebookRow, codebook_page
from howlow.data.measurements import MEASUREMENT_COLUMNS, PARTICIPANT_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

#: What is written beside the tidy tables of every study.
CODEBOOK_FILES = ("codebook.csv", "codebook.html", "datapackage.json")


def codebook(
    study: Study,
    trials: Trials | None,
    participants: pd.DataFrame,
    measurements: pd.DataFrame,
    flow: pd.DataFrame | None = None,
) -> dict[str, str]:
    """The texts that describe a study's tidy tables, by the name of the file.

    Parameters
    ----------
    study
        The study as it is declared.
    trials
        Of a collection, what it declares of its trials.
    participants, measurements
        The tidy tables, as they are written.
    flow
        The flow of participants, which knows how many values are missing.
    """
    rows = _rows(study, trials, participants, measurements, flow)
    package = datapackage(study, trials)
    return {
        "codebook.csv": _csv(rows),
        "codebook.html": codebook_page(study, rows),
        "datapackage.json": json.dumps(package, ensure_ascii=False, indent=1) + "\n",
    }


def _rows(
    study: Study,
    trials: Trials | None,
    participants: pd.DataFrame,
    measurements: pd.DataFrame,
    flow: pd.DataFrame | None,
) -> list[CodebookRow]:
    """The columns of participants.csv, those of measurements.csv, and the outcomes."""
    rows = [
        _of_column("participants", name, PARTICIPANTS.get(name), study, participants)
        for name in PARTICIPANT_COLUMNS
    ]
    rows += [
        _of_column("measurements", name, MEASUREMENTS.get(name), study, measurements)
        for name in MEASUREMENT_COLUMNS
    ]
    by_outcome = dict(tuple(measurements.groupby("outcome", sort=False)))
    missing = _missing(flow)
    for name, outcome in outcomes_of(study, trials).items():
        if name in by_outcome or isinstance(study, Participants):
            rows.append(_of_outcome(name, outcome, study, by_outcome.get(name), missing))
    return rows


def _of_column(
    table: str, name: str, known: Column | None, study: Study, frame: pd.DataFrame
) -> CodebookRow:
    """One column of a table."""
    known = known or Column(name.replace("_", " ").capitalize(), "")
    row = CodebookRow(table, name, known.label, known.meaning, known.type, known.unit)
    if not isinstance(study, Participants):
        meaning = PSEUDO if name == "participant" and table == "measurements" else row.meaning
        return replace(row, meaning=meaning)
    declared = getattr(study.columns, known.declared, None) if known.declared else None
    raw = origins(study, declared) if declared else ()
    original = "; ".join(f"{file.removeprefix('raw/')}: {column}" for file, column in raw)
    if name not in frame.columns:
        return replace(row, original=original)
    cells = frame[name]
    there = cells.notna() & (cells.astype(str) != "")
    row = replace(row, n=str(int(there.sum())), missing=str(int((~there).sum())), original=original)
    if table == "participants" and known.type == "number":
        low, high = _percentiles(cells[there], int(there.sum()))
        row = replace(row, percentile_10=low, percentile_90=high)
    return row


def _of_outcome(
    name: str,
    outcome: Outcome,
    study: Study,
    mine: pd.DataFrame | None,
    missing: dict[str, int],
) -> CodebookRow:
    """One outcome; of a collection nothing is counted, for nobody was measured."""
    direction = f"higher is {outcome.higher_is}"
    meaning = (
        f"{outcome.measure.replace('_', ' ')}, {outcome.region.replace('_', ' ')}; {direction}"
    )
    low, high = outcome.range or (None, None)
    row = CodebookRow(
        table="measurements",
        name=name,
        label=outcome.label,
        meaning=meaning,
        type="number",
        unit=outcome.unit,
        construct=outcome.construct,
        instrument=outcome.instrument or "",
        plausible_low=_number(low),
        plausible_high=_number(high),
        margin=_number(outcome.margin),
        mdc=_number(outcome.mdc),
    )
    if not isinstance(study, Participants):
        return replace(row, meaning=f"{meaning}. {PSEUDO}")
    original = "; ".join(origins_of_outcome(study, name))
    if mine is None:
        return replace(row, n="0", original=original)
    percentile_10, percentile_90 = _percentiles(mine["value"], mine["participant"].nunique())
    lost = str(missing[name]) if name in missing else ""
    return replace(
        row,
        n=str(len(mine)),
        missing=lost,
        percentile_10=percentile_10,
        percentile_90=percentile_90,
        original=original,
    )


def _missing(flow: pd.DataFrame | None) -> dict[str, int]:
    """How many people lack a value, over all arms and visits of an outcome."""
    import pandas as pd

    if flow is None or flow.empty:
        return {}
    rows = flow[(flow["outcome"].fillna("") != "") & (flow["visit"].fillna("") != "")]
    counts = pd.to_numeric(rows["missing"], errors="coerce").fillna(0)
    return {str(name): int(n) for name, n in counts.groupby(rows["outcome"]).sum().items()}


def _percentiles(values: pd.Series, people: int) -> tuple[str, str]:
    """The 10th and the 90th percentile in three digits; empty where too few people have one."""
    import pandas as pd

    numbers = pd.to_numeric(values, errors="coerce").dropna()
    if people < FEWEST_PEOPLE or numbers.empty:
        return "", ""
    low, high = numbers.quantile([0.1, 0.9])
    # Three digits without an exponent: 6070, not 6.07e+03.
    return f"{float(f'{low:.3g}'):g}", f"{float(f'{high:.3g}'):g}"


def _number(value: float | None) -> str:
    """A declared number; empty where there is none."""
    return "" if value is None else f"{value:g}"


def _csv(rows: Iterable[CodebookRow]) -> str:
    """The codebook as a table; no cell is one that a spreadsheet would run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(CodebookRow))
    for row in rows:
        writer.writerow(guarded(cell) for cell in astuple(row))
    return text.getvalue()
