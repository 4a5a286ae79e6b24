"""Data frames in R data files: columns of text. Nothing in such a file is run."""

from __future__ import annotations

import datetime
import math
import re
import warnings
import zoneinfo
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from howlow.config.schema import did_you_mean
from howlow.data.formats.cells import Named, as_text
from howlow.data.formats.guards import readable, unpack
from howlow.data.formats.kinds import check_file
from howlow.errors import InputError
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

#: Longest vector that a file may describe instead of holding it, in elements.
_LONGEST = 20_000_000
#: Classes that say nothing of the cells: each is a data frame, or one of its helpers.
_HARMLESS = {
    "tbl_df",
    "tbl",
    "grouped_df",
    "rowwise_df",
    "spec_tbl_df",
    "data.table",
    "POSIXt",
    "AsIs",
    "difftime",
    "numeric",
    "character",
    "formula",
    "lm",
}
_UNKNOWN_CLASS = re.compile(r'Missing constructor for R class "([^"]+)"')
_DAY_ZERO = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class RFrames(NamedTuple):
    """The data frames of an R data file by name, and classes of columns that are not known."""

    frames: dict[str, pd.DataFrame]
    unknown: list[str]


def r_frames(path: Path) -> RFrames:
    """The data frames of an .rda, .RData or .rds file; the one of an .rds has the name ''.

    Nothing in the file is run: promises and functions stay what they are.

    Raises
    ------
    InputError
        Where the file cannot be read, or unpacks to too much.
    """
    import pandas as pd
    import rdata

    kind = check_file(path)
    content = unpack(path.read_bytes(), path.as_posix())
    with readable(path, "an R data file"), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        parsed = rdata.parser.parse_data(
            content, extension=f".{kind}", altrep_constructor_dict=bounded_sequences()
        )
        known = {**rdata.conversion.DEFAULT_CLASS_MAP, "Date": _dates, "POSIXct": _times}
        objects = rdata.conversion.convert(parsed, constructor_dict=known)
    if not isinstance(objects, dict) or kind == "rds":
        objects = {"": objects}
    frames = {
        str(name): value for name, value in objects.items() if isinstance(value, pd.DataFrame)
    }
    classes = [match[1] for one in warned if (match := _UNKNOWN_CLASS.match(str(one.message)))]
    return RFrames(frames, sorted(set(classes) - _HARMLESS))


def read_r(
    path: Path,
    name: str | None,
    wanted: Collection[str] | None = None,
    limit: int | None = None,
) -> Named:
    """The wanted columns of one data frame of an R data file; missing values are `NA`, as in R.

    Raises
    ------
    InputError
        Where the file cannot be read, or `name` is none of several data frames.
    """
    frames, unknown = r_frames(path)
    shown = path.as_posix()
    chosen = name or (next(iter(frames)) if len(frames) == 1 else "")
    if chosen not in frames:
        found = f"data frames: {', '.join(frames) or 'none'}"
        if name:
            found = f"there is no data frame '{name}'; {found}"
        action = f"{did_you_mean(name or '', frames)}Name one of them with `object:`"
        raise InputError([Finding("F15", "error", shown, 0, name or "", found, action)])
    frame = frames[chosen].head(limit) if limit is not None else frames[chosen]
    with readable(path, "an R data file"):
        names = [str(column) for column in frame.columns]
        cells = {
            column: _texts(frame.iloc[:, position])
            for position, column in enumerate(names)
            if wanted is None or column.strip() in wanted
        }
    findings = []
    if unknown:
        found = f"columns of a kind that is not known: {', '.join(unknown)}"
        action = "Their cells are the numbers that R keeps; if they are wrong, save it as .csv"
        findings.append(Finding("F17", "warning", shown, 0, "", found, action))
    return Named(names, cells, len(frame), findings)


def bounded_sequences() -> Mapping[bytes, Any]:
    """The library's readers of vectors that a file describes, but for absurdly long ones."""
    from rdata.parser import DEFAULT_ALTREP_MAP

    def bounded(constructor: Any) -> Any:
        def build(state: Any) -> Any:
            if not 0 <= float(state.value[0]) <= _LONGEST:
                raise ValueError("a described vector is longer than any table")
            return constructor(state)

        return build

    sequences = (b"compact_intseq", b"compact_realseq")
    return MappingProxyType(
        {
            name: bounded(constructor) if name in sequences else constructor
            for name, constructor in DEFAULT_ALTREP_MAP.items()
        }
    )


def _dates(days: Any, _: Mapping[str, Any]) -> Any:
    """R's dates, which are days since 1970."""
    return _each(days, lambda day: (_DAY_ZERO + datetime.timedelta(days=math.floor(day))).date())


def _times(seconds: Any, attributes: Mapping[str, Any]) -> Any:
    """R's times, which are seconds since 1970, on the clock of their time zone; UTC without one."""
    zone: datetime.tzinfo = datetime.UTC
    named = attributes.get("tzone")
    if named is not None and len(named) and named[0]:
        try:
            zone = zoneinfo.ZoneInfo(str(named[0]))
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            zone = datetime.UTC

    def clock(second: float) -> datetime.datetime:
        time = _DAY_ZERO + datetime.timedelta(seconds=second)
        return time.astimezone(zone).replace(tzinfo=None)

    return _each(seconds, clock)


def _each(numbers: Any, convert: Callable[[float], Any]) -> Any:
    """An array of texts of what each number stands for, None where it is missing.

    The library takes text alone where a column holds no numbers.
    """
    import numpy as np

    out = np.empty(len(numbers), dtype=object)
    for index, number in enumerate(np.ma.filled(np.ma.asarray(numbers, dtype=float), math.nan)):
        out[index] = as_text(convert(float(number))) if math.isfinite(number) else None
    return out


def _texts(column: pd.Series) -> list[str]:
    """A column of a data frame as text."""
    missing = column.isna().tolist()
    cells = column.tolist()
    return ["NA" if gone else as_text(cell) for gone, cell in zip(missing, cells, strict=True)]
