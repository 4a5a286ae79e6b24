"""What nobody may learn of the people of a study: their ids, their dates, their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from howlow.config.study import Participants, Study
from howlow.data.codebook.origins import origins
from howlow.data.fetching import digest_of
from howlow.data.measurements import read_measurements, read_table
from howlow.data.privacy.points import FEWEST
from howlow.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_DATE_FORMS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y"),
    *("%m/%d/%Y", "%m-%d-%Y", "%d-%m-%y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d%m%Y"),
    *("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y"),
)


@dataclass(frozen=True)
class Secrets:
    """What nobody outside may learn of the people of one study.

    `ids` are as the raw tables write them and as they were re-keyed; `dates` as written and in
    every usual form; `series` the values of a person in the order of the visits, and of a visit in
    the order of the table; `derived` what else each value can be told as, in per cent
    of the first and as logarithms; `files` the SHA-256 of the raw files.
    """

    study: str
    ids: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    series: tuple[tuple[float, ...], ...] = ()
    files: frozenset[str] = frozenset()
    id_columns: frozenset[str] = field(default=frozenset({"participant"}))
    derived: tuple[tuple[float, ...], ...] = ()


def secrets_of(study: Study, data: Path, results: Path) -> Secrets:
    """What nobody may learn of a study's people, from its raw tables and its results.

    Of simulated studies and of collections, in which there is nobody, nothing is secret.

    Parameters
    ----------
    study
        The study as it is declared.
    data
        Its folder in data/; a raw table that is not there is passed over.
    results
        Its folder in results/.
    """
    if not isinstance(study, Participants) or study.simulated:
        return Secrets(study.id)
    ids, dates, series, files = set[str](), set[str](), list[tuple[float, ...]](), set[str]()
    for table in study.tables:
        path = data / table.file
        if path.is_file():
            files.add(digest_of(path))
    for column, found in (("participant", ids), ("date", dates), ("first_session", dates)):
        name = getattr(study.columns, column, None)
        if name is not None:
            found |= _raw_cells(study, name, data)
    series += _raw_series(study, data)
    derived = list[tuple[float, ...]]()
    if (results / "participants.csv").is_file():
        ids |= set(read_table(results / "participants.csv", text=None)["participant"])
    if (results / "measurements.csv").is_file():
        measurements = read_measurements(results / "measurements.csv")
        series += _series(measurements)
        derived += _derived(measurements)
    formats = {table.date_format for table in study.tables}
    written = {form for cell in dates for form in _forms(cell, formats)}
    columns = {name.casefold() for _, name in origins(study, study.columns.participant)}
    return Secrets(
        study.id,
        frozenset(name for name in ids if name),
        frozenset(written),
        tuple(dict.fromkeys(one for one in series if len(set(one)) >= FEWEST)),
        frozenset(files),
        frozenset(columns | {"participant"}),
        tuple(dict.fromkeys(one for one in derived if len(set(one)) >= FEWEST)),
    )


def _raw_cells(study: Participants, column: str, data: Path) -> set[str]:
    """The cells of a declared column as the raw tables write them."""
    return {
        cell.strip()
        for name, frame in _raw(study, column, data)
        for cell in frame[name]
        if cell.strip()
    }


def _raw_series(study: Participants, data: Path) -> list[tuple[float, ...]]:
    """The numbers of each raw column of values, in the order of the table."""
    import pandas as pd

    found = []
    for name, frame in _raw(study, study.columns.value, data):
        cells = frame[name].str.replace(",", ".", regex=False)
        values = pd.to_numeric(cells, errors="coerce").dropna()
        found.append(tuple(values.astype(float)))
    return found


def _raw(study: Participants, column: str, data: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """The raw columns that a declared column comes from, table by table."""
    from howlow.data.tables import read_raw

    wanted: dict[str, list[str]] = {}
    for file, name in origins(study, column):
        wanted.setdefault(file, []).append(name)
    for table in study.tables:
        path = data / table.file
        if table.file in wanted and path.is_file():
            try:
                frame = read_raw(path, table, frozenset(wanted[table.file])).frame
            except InputError:
                continue  # that a table cannot be read is told where it is ingested
            for name in wanted[table.file]:
                if name in frame.columns:
                    yield name, frame


def _series(measurements: pd.DataFrame) -> list[tuple[float, ...]]:
    """The values and changes of each person over the visits, and of each visit over the people."""
    found: list[tuple[float, ...]] = []
    people = ["participant", "limb", "period", "outcome"]
    for _, mine in measurements.groupby(people, sort=False):
        found.append(tuple(mine["value"]))
    first = measurements.groupby(people, sort=False)["value"].transform("first")
    changes = measurements.assign(value=measurements["value"] - first)
    for shown in (measurements, changes[changes["value"] != 0]):
        for keys in (["outcome", "visit"], ["outcome", "visit", "arm"]):
            for _, mine in shown.groupby(keys, sort=False):
                found.append(tuple(mine["value"]))
    return found


def _derived(measurements: pd.DataFrame) -> list[tuple[float, ...]]:
    """Each value in per cent of the person's first, and its logarithm, by visit and by arm."""
    import numpy as np

    people = ["participant", "limb", "period", "outcome"]
    first = measurements.groupby(people, sort=False)["value"]
    start = first.transform("first")
    above = measurements[(measurements["value"] > 0) & (start > 0)]
    per_cent = above.assign(value=100 * above["value"] / start[above.index])
    per_cent = per_cent[per_cent["value"] != 100]
    logs = above.assign(value=np.log(above["value"]))
    return [
        tuple(mine["value"])
        for shown in (per_cent, per_cent.assign(value=per_cent["value"] - 100), logs)
        for keys in (["outcome", "visit"], ["outcome", "visit", "arm"])
        for _, mine in shown.groupby(keys, sort=False)
    ]


def _forms(cell: str, formats: Iterable[str]) -> Iterator[str]:
    """A date as it is written, and in every usual form."""
    yield cell
    found: date | None = None
    for form in (*formats, "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"):
        try:
            found = datetime.strptime(cell, form).date()
        except ValueError:
            continue
        break
    if found is None:
        return
    for form in _DATE_FORMS:
        shown = found.strftime(form)
        yield shown
        bare = re.sub(r"(?<!\d)0(?=\d(?!\d))", "", shown)
        if bare != shown:
            yield bare
