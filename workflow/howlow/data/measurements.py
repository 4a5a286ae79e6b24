"""The tidy tables of the data stage, their columns and how they are written and read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from howlow.data.cells import guarded
from howlow.findings import COLUMNS as FINDING_COLUMNS
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

#: One row a measurement. `quantity` is `level` (a value at a visit) or `change` (a printed change
#: up to that visit, where a paper prints no levels). `variant` is empty for the main reading of a
#: paper, else it names the reading that is tried as sensitivity. `day` counts from the
#: participant's first baseline; it is empty where dates are not in the data. `period` is that of a
#: crossover trial (1, 2, ...), else empty.
MEASUREMENT_COLUMNS = (
    "study",
    "participant",
    "limb",
    "arm",
    "visit",
    "outcome",
    "quantity",
    "variant",
    "value",
    "unit",
    "day",
    "period",
)

#: One row a participant; what is not known is empty. `site` is a number of howlow's, `left` is yes
#: or no, `first_day` the study day of the first session; ages are in years, heights in cm.
PARTICIPANT_COLUMNS = (
    "study",
    "participant",
    "arm",
    "sex",
    "age",
    "height",
    "training",
    "site",
    "sessions_attended",
    "left",
    "adverse_events",
    "first_day",
)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV with 9 significant digits, whole or not at all.

    A text that a spreadsheet would run as a formula has an apostrophe before it; numbers have none.
    """
    safe = table.apply(_without_formulas)
    write_text(safe.to_csv(index=False, float_format="%.9g", lineterminator="\n"), path)


def _without_formulas(column: pd.Series) -> pd.Series:
    """A column whose texts no spreadsheet runs."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    if is_numeric_dtype(column) or is_bool_dtype(column):
        return column
    words = {
        cell: guarded(cell) for cell in column.dropna().unique().tolist() if isinstance(cell, str)
    }
    changed = {cell: word for cell, word in words.items() if word != cell}
    return column.astype("object").replace(changed) if changed else column


def write_text(text: str, path: Path) -> None:
    """Write a text file, whole or not at all: to a file of its own beside it, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_table(source: Path | IO[str], text: Sequence[str] | None = ()) -> pd.DataFrame:
    """Read a table that howlow wrote; the named columns stay text, or all of them for None."""
    import pandas as pd

    kinds: Any = "str" if text is None else dict.fromkeys(text, "str")
    return pd.read_csv(source, dtype=kinds, keep_default_na=False, na_values={}, encoding="utf-8")


def read_measurements(path: Path) -> pd.DataFrame:
    """Measurements as the data stage wrote them; `value` is a number, all else text."""
    table = read_table(path, text=[name for name in MEASUREMENT_COLUMNS if name != "value"])
    if "period" not in table:
        table["period"] = ""  # written before crossover trials were analysed
    return table.astype({"value": float})


def read_participants(path: Path) -> pd.DataFrame:
    """Participants as the data stage wrote them; everything is text, empty where not known."""
    return read_table(path, text=None)


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Findings as a table, one row each, in the order they were made."""
    import pandas as pd

    rows = [
        {name: getattr(finding, name) for name in FINDING_COLUMNS}
        for finding in dict.fromkeys(findings)
    ]
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS))
