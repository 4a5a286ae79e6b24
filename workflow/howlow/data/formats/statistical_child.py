"""The reading of SPSS and Stata files itself, which runs in a process of its own.

The library that reads them is written in C, and some damaged files make it end the whole process
(pyreadstat 1.3.7). So `statistical.py` starts this module with the question as an argument in JSON,
and takes the answer in JSON from its output; if the process dies, that is a finding.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from howlow.data.formats.cells import as_text
from howlow.data.formats.edges import counted
from howlow.data.formats.guards import check_cells, readable
from howlow.errors import InputError
from howlow.findings import Finding


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """The names, labels, cells and number of rows of a file, and what was noticed."""
    import pyreadstat

    path, wanted, limit = Path(question["path"]), question["wanted"], question["limit"]
    read = pyreadstat.read_dta if question["kind"] == "dta" else pyreadstat.read_sav
    findings: list[Finding] = []
    cells: dict[str, list[str]] = {}
    with readable(path, "an SPSS or Stata file"):
        with path.open("rb") as file:
            _, meta = read(file, metadataonly=True)
        names = [str(name) for name in meta.column_names]
        kept = [name for name in names if wanted is None or name.strip() in wanted]
        check_cells(meta.number_rows or 0, len(kept), path.as_posix())
        if kept and limit != 0:
            options: dict[str, Any] = {"usecols": kept, "output_format": "dict"}
            with path.open("rb") as file:
                data, meta = read(file, user_missing=True, row_limit=limit or 0, **options)
            for name in kept:
                labels = meta.variable_value_labels.get(name, {})
                cells[name] = _column(
                    data[name], labels, _missing(meta, name), path, name, findings
                )
        return {
            "names": names,
            "cells": cells,
            "rows": len(next(iter(cells.values()))) if cells else meta.number_rows or 0,
            "findings": [dataclasses.asdict(finding) for finding in findings],
            "labels": {
                str(name): str(label)
                for name, label in meta.column_names_to_labels.items()
                if label
            },
            "values": {
                str(name): {as_text(value): str(label) for value, label in labels.items()}
                for name, labels in meta.variable_value_labels.items()
            },
        }


def _missing(meta: Any, name: str) -> tuple[set[Any], list[tuple[float, float]]]:
    """What the file declares as missing in a column: single values, and ranges of numbers."""
    ranges = meta.missing_ranges.get(name, [])
    single = {part["lo"] for part in ranges if part["lo"] == part["hi"]}
    single |= set(meta.missing_user_values.get(name, []))
    wide = [(part["lo"], part["hi"]) for part in ranges if part["lo"] != part["hi"]]
    return single, [pair for pair in wide if not isinstance(pair[0], str)]


def _column(
    values: Any,
    labels: dict[Any, str],
    missing: tuple[set[Any], list[tuple[float, float]]],
    path: Path,
    name: str,
    findings: list[Finding],
) -> list[str]:
    """One column as text."""
    single, ranges = missing
    shown = path.as_posix()
    unlike = len(set(labels.values())) == len(labels)
    if labels and not unlike:
        found = "two values have the same label: the cells are the numbers"
        action = "Use the numbers in study.yaml"
        findings.append(Finding("C14", "warning", shown, 0, name, found, action))
    emptied = 0
    known: dict[Any, tuple[str, bool]] = {}
    out: list[str] = []
    for value in values.tolist() if hasattr(values, "tolist") else values:
        if value is None or value != value:
            out.append("")
            continue
        entry = known.get(value)
        if entry is None:
            gone = value in single or (
                not isinstance(value, str)
                and any(low <= _float(value) <= high for low, high in ranges)
            )
            text = labels[value] if unlike and value in labels else as_text(value)
            entry = known[value] = ("" if gone else text, gone)
        emptied += entry[1]
        out.append(entry[0])
    if emptied:
        codes = sorted({as_text(value) for value, (_, gone) in known.items() if gone})
        told = f" ({', '.join(codes[:5])})" if all(len(code) < 8 for code in codes) else ""
        found = f"{counted(emptied, 'cell')} with a code that the file declares as missing{told}"
        findings.append(Finding("C04", "note", shown, 0, name, found, "They are read as empty"))
    return out


def _float(value: Any) -> float:
    """A value as a number, NaN where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def main() -> None:
    """Answer the question in the first argument."""
    try:
        said = answer(json.loads(sys.argv[1]))
    except InputError as error:
        said = {"faults": [dataclasses.asdict(finding) for finding in error.findings]}
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
