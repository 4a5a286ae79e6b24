"""Files of SPSS and Stata: columns of text, with the labels that the file itself declares."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from howlow.data.formats.cells import Named
from howlow.data.formats.kinds import check_file
from howlow.errors import InputError
from howlow.findings import Finding

#: What Python is to run; by -P nothing is imported from the folder that one happens to be in.
_CHILD = ("-m", "howlow.data.formats.statistical_child")
#: Longest time that a file may take, in seconds.
_PATIENCE = 300


def read_statistical(
    path: Path, wanted: Collection[str] | None = None, limit: int | None = None
) -> Named:
    """The wanted columns of a .sav, .zsav or .dta file.

    A cell is the label of its value where the column has labels: `2` means nothing without its
    label, and study.yaml is written by a person who sees `heavy` on the screen. A value without a
    label stays a number, and so does a column in which two values have one label. What the file
    itself declares as missing is empty, and told in a note.

    Raises
    ------
    InputError
        Where the file cannot be read.
    """
    said = _ask(path, wanted, limit)
    findings = [Finding(**finding) for finding in said["findings"]]
    return Named(said["names"], said["cells"], said["rows"], findings)


def labels_of(path: Path) -> dict[str, str]:
    """The label of each column that has one, of a .sav, .zsav or .dta file."""
    labels: dict[str, str] = _ask(path, (), 0)["labels"]
    return labels


def value_labels_of(path: Path) -> dict[str, dict[str, str]]:
    """For each column with labels, the label of each value, of a .sav, .zsav or .dta file."""
    labels: dict[str, dict[str, str]] = _ask(path, (), 0)["values"]
    return labels


def _ask(path: Path, wanted: Collection[str] | None, limit: int | None) -> dict[str, Any]:
    """What the reader says of a file, from a process of its own, which may die of it."""
    question = {
        "path": str(path),
        "kind": check_file(path),
        "wanted": None if wanted is None else sorted(wanted),
        "limit": limit,
    }
    command = [sys.executable, "-P", *_CHILD, json.dumps(question)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=True)
        said: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        found = "it cannot be read as an SPSS or Stata file: the file is damaged"
        action = "Open it in the program that made it, and save it again, or save it as CSV UTF-8"
        shown = path.as_posix()
        raise InputError([Finding("F13", "error", shown, 0, "", found, action)]) from error
    if "faults" in said:
        raise InputError([Finding(**finding) for finding in said["faults"]])
    return said
