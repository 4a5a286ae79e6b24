"""What changed since an earlier results folder: verdicts on claims, numbers, and studies."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from howlow.analysis.rounding import percent_with_interval, with_interval
from howlow.data.measurements import write_table
from howlow.errors import InputError
from howlow.findings import Finding

Cells = dict[str, str]
_NUMBERS = ("estimate", "ci_low", "ci_high")
#: Tables hold nine significant digits; the last of them may differ between machines.
_SAME = 1e-8


@dataclass(frozen=True)
class Change:
    """One row of changes.csv.

    `what` is claim, estimate or study; `before` and `after` are empty where it was not there, or is
    there no longer.
    """

    what: str
    id: str
    before: str
    after: str
    note: str


CHANGE_COLUMNS = tuple(field.name for field in fields(Change))


def changes(before: Path, after: Path) -> list[Change]:
    """What changed between two results folders, both with estimates.csv and claims.csv.

    Of claims the verdicts, of estimates the pooled and the primary ones by their id, of studies
    which came and went.

    Raises
    ------
    InputError
        If the earlier folder cannot be read; it names the key of config.yaml.
    """
    old = _earlier(before / "estimates.csv", "estimate_id")
    claims = _earlier(before / "claims.csv", "claim")
    new = _rows(after / "estimates.csv")
    return [
        *_claims(claims, _rows(after / "claims.csv")),
        *_estimates(old, new),
        *_studies(old, new),
    ]


def write_changes(found: list[Change], path: Path) -> None:
    """Write changes.csv; only its header where there is nothing to tell."""
    import pandas as pd

    rows = [asdict(change) for change in found]
    write_table(pd.DataFrame(rows, columns=list(CHANGE_COLUMNS)), path)


def _rows(path: Path) -> list[Cells]:
    """The rows of a table as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _earlier(path: Path, needed: str) -> list[Cells]:
    """The rows of a table of the earlier folder, which must have a column."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            columns, rows = reader.fieldnames or (), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _not_readable(f"{path} cannot be read ({error})") from error
    if needed not in columns:
        raise _not_readable(f"{path} has no column {needed}")
    return rows


def check_earlier(earlier: Path, now: Path) -> None:
    """Refuse to compare a results folder with itself: it is written over before it is compared.

    Raises
    ------
    InputError
        If both are one folder.
    """
    if earlier.resolve() == now.resolve():
        raise _not_readable(f"{earlier} is the folder that this run writes to")


def _not_readable(found: str) -> InputError:
    """The fault of an earlier folder that is none."""
    action = (
        "Name the results folder of an earlier run, with estimates.csv and claims.csv, or take "
        "the key out"
    )
    return InputError(
        [Finding("G11", "error", "config/config.yaml", 0, "compare_to", found, action)]
    )


def _claims(old: list[Cells], new: list[Cells]) -> Iterator[Change]:
    """Claims whose verdict changed, as a whole or in a part."""
    before, after = _verdicts(old), _verdicts(new)
    for name in dict.fromkeys([*after, *before]):
        was, now = before.get(name, {}), after.get(name, {})
        parts = [
            f"{part.replace('_', ' ')}: {was.get(part, 'not judged')} before, "
            f"{now.get(part, 'not judged')} now"
            for part in dict.fromkeys([*now, *was])
            if part and was and now and was.get(part) != now.get(part)
        ]
        if parts or was.get("") != now.get(""):
            note = "; ".join(parts) if was and now else "new" if now else "no longer a claim"
            yield Change("claim", name, was.get("", ""), now.get("", ""), note)


def _verdicts(rows: list[Cells]) -> dict[str, dict[str, str]]:
    """The verdict of each claim and of its parts; the whole has no name."""
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        depends = f", depends on {row['depends_on']}" if row.get("depends_on") else ""
        found.setdefault(row["claim"], {})[row.get("part", "")] = f"{row['verdict']}{depends}"
    return found


def _estimates(old: list[Cells], new: list[Cells]) -> Iterator[Change]:
    """Pooled and primary estimates that came, went or became another number."""
    before = {row["estimate_id"]: row for row in old if _counts(row)}
    after = {row["estimate_id"]: row for row in new if _counts(row)}
    for name in dict.fromkeys([*after, *before]):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            yield Change("estimate", name, _told(was), _told(now), "new" if now else "gone")
            continue
        notes = []
        if not all(_equal(was.get(column, ""), now.get(column, "")) for column in _NUMBERS):
            shown = _told(was) != _told(now)
            notes.append("" if shown else "differs only in digits that are not shown")
        if was.get("verdict", "") != now.get("verdict", ""):
            verdicts = [row.get("verdict", "") or "none" for row in (was, now)]
            notes.append(f"verdict {verdicts[0]} before, {verdicts[1]} now")
        if notes:
            note = "; ".join(note for note in notes if note)
            yield Change("estimate", name, _told(was), _told(now), note)


def _counts(row: Cells) -> bool:
    """Whether an estimate is one whose change is told."""
    return row.get("kind") == "pooled" or row.get("tier") == "primary"


def _equal(one: str, other: str) -> bool:
    """Whether two cells hold the same number, as far as it is written."""
    if one == other or not (one and other):
        return one == other
    try:
        return math.isclose(float(one), float(other), rel_tol=_SAME, abs_tol=1e-12)
    except ValueError:
        return False


def _told(row: Cells | None) -> str:
    """An estimate with its interval, log ratios as per cent."""
    if row is None:
        return ""
    try:
        values = [float(row.get(column) or "nan") for column in _NUMBERS]
    except ValueError:
        return str(row.get("estimate", ""))
    if row.get("scale") == "log_ratio":
        return f"{percent_with_interval(values[0], values[1], values[2])} %".removeprefix("+")
    unit = row.get("unit", "")
    return f"{with_interval(values[0], values[1], values[2])} {unit}".strip().removeprefix("+")


def _studies(old: list[Cells], new: list[Cells]) -> Iterator[Change]:
    """Trials that came and went."""
    before, after = ({r["study"]: r for r in rows if r["kind"] != "pooled"} for rows in (old, new))
    for name in dict.fromkeys([*after, *before]):
        if name in before and name not in after:
            yield Change("study", name, "there", "", "removed")
        elif name not in before:
            yield Change("study", name, "", "there", "added")
