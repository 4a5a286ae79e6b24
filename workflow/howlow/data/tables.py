"""Raw tables as text: every cell is read as it stands, then converted as study.yaml declares."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from howlow.config.steps import Table
from howlow.errors import InputError
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

    from howlow.data.formats.layout import Columns

#: The line of the file a row came from travels with it under this name.
LINE = "__line__"
#: What can be declared of a table, and of which formats it says anything.
_BELONGS = {
    "sheet": {"xlsx"},
    "object": {"rda"},
    "encoding": {"text"},
    "delimiter": {"text"},
    "skip_lines": {"text", "xlsx"},
    "skip_footer": {"text", "xlsx"},
    "header_lines": {"text", "xlsx"},
}


class Raw(NamedTuple):
    """A raw table, all cells text and the line of each row in `__line__`, and what was noticed.

    `header` has every name in the file, those of columns that were not kept among them.
    """

    frame: pd.DataFrame
    findings: list[Finding]
    header: Sequence[str] = ()


def read_raw(path: Path, table: Table, wanted: Collection[str] | None = None) -> Raw:
    """A raw table as text; of its columns only the wanted ones are kept, all of them for None.

    A wanted column that is not there is left out. `__line__` is the line of a text file, the row of
    a sheet, and the number of the row in other formats.

    Raises
    ------
    InputError
        With every fault of the file: it is absent or empty, is not what its name says, is not in
        the declared encoding, has rows of another width than the header, names a column twice, has
        lines above or below the table that are not declared, or another number of rows than
        declared.
    """
    columns = _read(path, table, wanted)
    if any(finding.severity == "error" for finding in columns.findings):
        told = [finding for finding in columns.findings if finding.severity != "note"]
        raise InputError(sorted(told, key=lambda finding: finding.line))
    return Raw(_frame(columns), columns.findings, columns.every)


def _read(path: Path, table: Table, wanted: Collection[str] | None) -> Columns:
    """The columns of a file, and what was noticed in it and in what is declared of it."""
    from howlow.data.formats.kinds import check_file

    kind = check_file(path)
    columns = _read_as(kind, path, table, wanted)
    shown = path.as_posix()
    if LINE in columns.names:
        found, action = f"the name {LINE} is taken", "Give the column another name"
        columns.findings.append(Finding("F08", "error", shown, columns.header, LINE, found, action))
    for option, kinds in _BELONGS.items():
        declared = getattr(table, option) != type(table).model_fields[option].default
        if declared and kind not in kinds:
            found = f"`{option}` says nothing of a {path.suffix} file"
            action = "Remove it, or check that this is the file"
            columns.findings.append(Finding("G01", "warning", shown, 0, option, found, action))
    return columns


def _read_as(kind: str, path: Path, table: Table, wanted: Collection[str] | None) -> Columns:
    """The columns of a file, by the reader of its format."""
    if kind == "text":
        from howlow.data.formats.delimited import read_delimited

        return read_delimited(path, table, wanted)
    if kind == "xlsx":
        from howlow.data.formats.sheet_findings import read_workbook

        return read_workbook(path, table, wanted)
    from howlow.data.formats.named import read_named

    return read_named(path, kind, table, wanted)


def _frame(columns: Columns) -> pd.DataFrame:
    """The columns and the line of each row as a table of text."""
    import pyarrow as pa

    lines = pa.array(columns.lines, pa.int64()).cast(pa.large_string())
    arrays = pa.table([*columns.arrays, lines], names=[*columns.names, LINE])
    frame: pd.DataFrame = arrays.to_pandas()
    return frame
