"""A finding: one thing noticed in a user's file, where it is and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Severity = Literal["error", "warning", "note"]

#: Columns of every findings table, in this order; part of the public interface.
COLUMNS = ("study", "code", "severity", "file", "line", "column", "found", "action")


@dataclass(frozen=True)
class Finding:
    """One thing noticed in a file.

    `code` is stable (a program may rely on it), `line` counts from 1 and is 0 where a line makes no
    sense, `column` names the column or key, `found` says what is there, `action` what to do.
    """

    code: str
    severity: Severity
    file: str
    line: int
    column: str
    found: str
    action: str
    study: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        column = f" {self.column}:" if self.column else ""
        return f"{place}:{column} {self.found}. {self.action} [{self.code}]"


def few(findings: Iterable[Finding], most: int = 5) -> list[Finding]:
    """The first findings of each code and column; the last of them says how many more there are."""
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.code, finding.column), []).append(finding)
    told = []
    for kind in kinds.values():
        told += kind[:most]
        if len(kind) > most:
            told[-1] = replace(told[-1], found=f"{told[-1].found} (and {len(kind) - most} more)")
    return told
