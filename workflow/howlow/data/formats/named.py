"""Tables whose columns have names of their own: SPSS, Stata, Parquet and R."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from howlow.config.steps import Table
from howlow.data.formats.cells import Named
from howlow.data.formats.columnar import read_parquet
from howlow.data.formats.layout import Columns, Layout
from howlow.data.formats.r_data import read_r
from howlow.data.formats.statistical import read_statistical


def read_named(path: Path, kind: str, table: Table, wanted: Collection[str] | None) -> Columns:
    """The wanted columns of a file with named columns; a row's line is its number.

    Raises
    ------
    InputError
        Where the file cannot be read.
    """
    import pyarrow as pa

    named = _read(path, kind, table, wanted)
    layout = Layout(table, wanted, path.as_posix(), ragged=True)
    columns = layout.columns
    layout.choose([name.strip() for name in named.names], 0)
    columns.findings += named.findings
    columns.lines = list(range(1, named.rows + 1))
    columns.arrays = [
        pa.chunked_array([pa.array(named.cells[named.names[position]], pa.large_string())])
        for position in columns.positions
    ]
    layout.finish()
    return columns


def _read(path: Path, kind: str, table: Table, wanted: Collection[str] | None) -> Named:
    """The columns by the reader of the format."""
    if kind in ("sav", "dta"):
        return read_statistical(path, wanted)
    if kind == "parquet":
        return read_parquet(path, wanted)
    return read_r(path, table.object, wanted)
