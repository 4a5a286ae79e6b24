"""Looking at tables nobody described: where each begins and ends, and how its cells are written.

What is found here is put into words of study.yaml (`Table`) and then read by the same reader that
the data stage uses, so that a guess that does not hold is told and not patched over.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from howlow.config.steps import Table
from howlow.errors import HowlowError
from howlow.intake.layout import NoTableError, lay_out
from howlow.intake.vocabulary import (
    MISSING,
    MISSING_NUMBERS,
    NUMBER,
    SENTINELS,
    distinct,
    folded,
    unaccented,
)
from howlow.intake.words import Tell

if TYPE_CHECKING:
    import pandas as pd

#: Endings of files that are looked at where a folder is given.
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".sav", ".dta", ".parquet", ".rda", ".rds")
_BOOKS = (".xlsx", ".xlsm")
#: Sheets that explain the others or feed their lists, by name; `--sheet` reads them all the same.
EXPLAINING = frozenset(
    {"readme", "leesmij", "lists", "lijsten", "codebook", "codeboek", "legend", "legenda"}
    | {"toelichting", "uitleg", "explanation", "info"}
)
#: Longer headers cannot be named in study.yaml.
_LONGEST_HEADER = 80
_POINT = re.compile(r"[-+]?\d*\.\d+")
_COMMA = re.compile(r"[-+]?\d*,\d+")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+")


@dataclass(frozen=True)
class Seen:
    """One table as found: how it is read, its cells as text, and why it is read so.

    `frame` holds text and the line of each row; `table` has no steps yet; `why` gives the
    reason for a key of `table`; `labels` the words a file itself has for its columns.
    """

    path: Path
    table: Table
    frame: pd.DataFrame
    labels: dict[str, str]
    why: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        from howlow.data.tables import LINE

        return [str(name) for name in self.frame.columns if name != LINE]

    @property
    def shown(self) -> str:
        """The file and the sheet, for messages."""
        return f"{self.path.name}, {self.table.sheet}" if self.table.sheet else self.path.name

    def cells(self, column: str) -> list[str]:
        """The cells of a column; those that stand for a missing value are empty."""
        missing = set(self.table.codes_missing(column))
        return ["" if cell.strip() in missing else cell for cell in self.frame[column].tolist()]


def tables_in(paths: Sequence[Path], tell: Tell) -> list[Path]:
    """The files named, and every table in the folders named; other files in them are told.

    Raises
    ------
    HowlowError
        If one of them is not there, or a folder holds no table.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [
                item
                for item in sorted(path.iterdir())
                if item.suffix.lower() in ENDINGS and not item.name.startswith((".", "~"))
            ]
            if not inside:
                said = {"path": path.as_posix(), "endings": ", ".join(ENDINGS)}
                raise HowlowError(tell("no_table_in_folder", **said))
            found += inside
            for item in sorted(path.iterdir()):
                if item.is_file() and item not in inside:
                    print(tell("not_a_table", path=item.as_posix()), file=sys.stderr)
        elif path.is_file():
            found.append(path)
        else:
            raise HowlowError(tell("no_such_file", path=path.as_posix()))
    return list(dict.fromkeys(found))


def kept_name(path: Path, taken: Sequence[str]) -> str:
    """The name a file is kept under in raw/: letters, digits and ._- alone."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", unaccented(path.stem)).strip("._-") or "table"
    others = [name.rsplit(".", 1)[0] for name in taken]
    return distinct(stem, others) + path.suffix.lower()


def look(path: Path, kept: str, chosen_sheets: Sequence[str], tell: Tell) -> list[Seen]:
    """Every table of a file; sheets that hold none are passed over and told.

    Raises
    ------
    InputError
        Where the file cannot be read as a table at all.
    """
    from howlow.data.formats.grids import sheets

    names = sheets(path)
    if chosen_sheets:
        strangers = [name for name in chosen_sheets if names and name not in names]
        if strangers and len(strangers) == len(chosen_sheets):
            return []
        names = [name for name in names if name in chosen_sheets]
        several = True
    else:
        several = len(names) > 1
    found: list[Seen] = []
    skipped: list[str] = []
    for name in names or [""]:
        if several and not chosen_sheets and folded(name) in EXPLAINING:
            skipped.append(tell("sheet_skipped", sheet=name, why=tell("sheet_explains")))
            continue
        try:
            seen = _look_at(path, kept, name if several else "", tell)
        except NoTableError as error:
            if not several:
                raise HowlowError(f"{path.as_posix()}: {error}") from None
            skipped.append(tell("sheet_skipped", sheet=name, why=str(error)))
            continue
        found.append(seen)
    if found and skipped:
        first = found[0]
        found[0] = Seen(
            first.path, first.table, first.frame, first.labels, first.why, (*first.notes, *skipped)
        )
    if not found:
        raise HowlowError(f"{path.as_posix()}: " + "; ".join(skipped or [tell("no_table")]))
    return found


def _look_at(path: Path, kept: str, sheet: str, tell: Tell) -> Seen:
    """One sheet of a file, or a file without sheets."""
    from howlow.data.formats.grids import grid, labels, sniff
    from howlow.data.tables import read_raw

    keys: dict[str, object] = {"file": f"raw/{kept}"}
    why: dict[str, str] = {}
    notes: list[str] = []
    is_text = path.suffix.lower() in {".csv", ".tsv", ".txt"}
    encoding, delimiter = "utf-8", ","
    if is_text:
        sniffed = sniff(path)
        encoding, delimiter = sniffed.encoding, sniffed.delimiter
        if encoding.lower().replace("-sig", "") not in ("utf-8", "utf8"):
            keys["encoding"], why["encoding"] = encoding, tell("why_encoding", encoding=encoding)
        if delimiter != ",":
            keys["delimiter"] = delimiter
            why["delimiter"] = tell("why_delimiter", delimiter=repr(delimiter))
    if sheet:
        keys["object" if path.suffix.lower() in {".rda", ".rdata", ".rds"} else "sheet"] = sheet
    if is_text or path.suffix.lower() in _BOOKS:
        cells = grid(path, sheet=sheet, encoding=encoding, delimiter=delimiter)
        layout = lay_out(cells, tell)
        for key in ("skip_lines", "skip_footer", "header_lines"):
            number = getattr(layout, key)
            if number != (1 if key == "header_lines" else 0):
                keys[key], why[key] = number, layout.why[key]
    table = Table(**keys)  # type: ignore[arg-type]
    raw = read_raw(path, table)
    frame = raw.frame
    long = [column for column in _own_columns(frame) if len(column) > _LONGEST_HEADER]
    if long:
        notes.append(tell("header_too_long", columns=", ".join(name[:30] for name in long)))
        frame = frame.drop(columns=long)
    notes += [finding.found for finding in raw.findings if finding.severity == "warning"]
    keys |= _written(frame, why, tell, _points(path, keys, frame))
    if path.suffix.lower() in _BOOKS and "decimal" in keys:
        # Numbers of the workbook then have the mark that somebody typed in other cells.
        frame = read_raw(path, Table(**keys)).frame.drop(columns=long)  # type: ignore[arg-type]
        keys |= _written(frame, why, tell, 0)
    return Seen(path, Table(**keys), frame, labels(path), why, tuple(notes))  # type: ignore[arg-type]


def _own_columns(frame: pd.DataFrame) -> list[str]:
    """The columns of the file, without the one that holds the line."""
    from howlow.data.tables import LINE

    return [str(column) for column in frame.columns if column != LINE]


def _points(path: Path, keys: Mapping[str, object], frame: pd.DataFrame) -> int:
    """How many cells have a decimal point; in a workbook those that somebody typed as text."""
    from howlow.data.tables import read_raw

    if path.suffix.lower() in _BOOKS:
        if not _commas(frame):
            return sys.maxsize
        frame = read_raw(path, Table(**{**keys, "decimal": ","})).frame  # type: ignore[arg-type]
    return sum(
        int(frame[column].str.strip().str.fullmatch(_POINT).sum()) for column in _own_columns(frame)
    )


def _commas(frame: pd.DataFrame) -> int:
    """How many cells have a decimal comma."""
    commas = 0
    for column in _own_columns(frame):
        values = frame[column].str.strip()
        with_comma = values[values.str.fullmatch(_COMMA)]
        if not with_comma.str.fullmatch(_THOUSANDS).all():
            commas += len(with_comma)
    return commas


def _written(
    frame: pd.DataFrame, why: dict[str, str], tell: Tell, points: int
) -> dict[str, object]:
    """The decimal mark and the codes for missing values of a table with so many points."""
    columns = _own_columns(frame)
    commas = _commas(frame)
    found: dict[str, object] = {}
    if commas > points:
        found["decimal"] = ","
        why.setdefault("decimal", tell("why_decimal", count=commas))
    words: dict[str, int] = {}
    special: dict[str, list[str]] = {}
    for column in columns:
        counts = Counter(cell.strip() for cell in frame[column].tolist())
        numeric = {cell: n for cell, n in counts.items() if NUMBER.fullmatch(cell)}
        others = [cell for cell in counts if cell and cell not in numeric]
        codes = [cell for cell in others if cell in MISSING]
        # NA may be somebody's initials: only where it is rare, or the rest are numbers.
        if codes and (numeric or counts.most_common(1)[0][0] not in codes):
            for code in codes:
                words[code] = words.get(code, 0) + counts[code]
        own = [cell for cell in others if cell in MISSING_NUMBERS]
        lonely = _sentinels(numeric)
        if own and sum(numeric.values()) > 0.5 * sum(counts[cell] for cell in counts if cell):
            lonely = [*lonely, *own]
        if lonely:
            special[column] = lonely
    codes = ["", "NA", *sorted(code for code in words if code != "NA")]
    if special:
        found["missing"] = {
            **{column: (*codes, *lonely) for column, lonely in special.items()},
            "other": tuple(codes),
        }
        listed = sorted({code for lonely in special.values() for code in lonely})
        why["missing"] = tell("why_sentinels", codes=", ".join(listed))
    elif len(codes) > 2:
        found["missing"] = tuple(codes)
    if words:
        counted = ", ".join(f"{code} ({count})" for code, count in sorted(words.items()))
        why["missing"] = "; ".join(
            [tell("why_missing", codes=counted), *([why["missing"]] if "missing" in why else [])]
        )
    return found


def _sentinels(numeric: dict[str, int]) -> list[str]:
    """Numbers of a column that can only stand for a missing value: far from all the others."""
    values = {cell: float(cell.rstrip("%").replace(",", ".")) for cell in numeric}
    lonely = [cell for cell, value in values.items() if value in SENTINELS]
    others = [value for cell, value in values.items() if cell not in lonely]
    if len(others) < 3:
        return []
    low, high = min(others), max(others)
    return sorted(
        cell
        for cell in lonely
        if (values[cell] < 0 and low >= 0) or values[cell] > max(2.5 * high, high + 10)
    )
