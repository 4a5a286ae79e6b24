"""Parquet files: columns of text."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from howlow.data.formats.cells import Named, texts
from howlow.data.formats.guards import check_cells, readable
from howlow.data.formats.kinds import check_file
from howlow.errors import InputError
from howlow.findings import Finding


def read_parquet(
    path: Path, wanted: Collection[str] | None = None, limit: int | None = None
) -> Named:
    """The wanted columns of a Parquet file.

    Raises
    ------
    InputError
        Where the file cannot be read, or a wanted column holds lists or records.
    """
    import pyarrow as pa
    from pyarrow import parquet

    check_file(path)
    shown = path.as_posix()
    # An open file, never a text that the library might take for an address.
    with readable(path, "a Parquet file"), path.open("rb") as file:
        source = parquet.ParquetFile(file)
        schema, meta = source.schema_arrow, source.metadata
        names = list(schema.names)
        kept = [name for name in names if wanted is None or name.strip() in wanted]
        check_cells(meta.num_rows, len(kept), shown)
        nested = [name for name in kept if pa.types.is_nested(schema.field(name).type)]
        if nested:
            raise InputError(
                [
                    Finding(
                        "F18", "error", shown, 0, name, "a cell holds a list", "Give one value each"
                    )
                    for name in nested
                ]
            )
        table = source.read(columns=kept)
        if limit is not None:
            table = table.slice(0, limit)
        cells = {name: texts(table.column(name).to_pylist()) for name in kept}
    return Named(names, cells, meta.num_rows, [])
