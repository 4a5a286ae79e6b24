"""What can go wrong for a user, as one tree.

HowlowError             everything howlow raises on purpose; the command line prints it and exits 2
├── InputError          faults in files the user wrote, each with file, line, column and what to do
├── SourceError         a public file could not be fetched, or is not the file that was declared
└── DesignError         the data cannot carry the analysis that was asked for
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from howlow.findings import Finding


class HowlowError(Exception):
    """Something a user can mend, said in plain words."""


class InputError(HowlowError):
    """Faults in the user's files, all of them at once."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class SourceError(HowlowError):
    """A declared source could not be fetched or failed its check; nothing was left behind."""


class DesignError(HowlowError):
    """The data cannot carry the analysis that was asked for."""
