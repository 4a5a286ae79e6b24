"""Everything the synthesis builds on, read once from the studies' results folders."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from howlow.analysis.estimates import read_estimates
from howlow.config.settings import Config
from howlow.data.declaration import Declaration, DeclaredStudy, read_declaration
from howlow.data.published.printed_rows import PrintedRow, read_printed
from howlow.synthesis.arms import TrialArms, trial_arms
from howlow.synthesis.evidence import Effect, TrialEvidence
from howlow.synthesis.placing import Placing


@dataclass(frozen=True)
class Material:
    """The trials of all studies with their estimates and printed rows.

    Attributes
    ----------
    studies
        Each study's results folder with what it declares.
    estimates, printed
        Rows of each trial by its id: records of the table of estimates (all tiers), and the rows
        its paper prints (none for individual data).
    """

    config: Config
    studies: dict[Path, DeclaredStudy]
    estimates: dict[str, list[dict[str, Any]]]
    printed: dict[str, list[PrintedRow]]

    @cached_property
    def trials(self) -> dict[str, Declaration]:
        """Every trial by its id, simulated ones too."""
        return {trial.id: trial for study in self.studies.values() for trial in study.trials}

    @cached_property
    def folders(self) -> dict[str, Path]:
        """The results folder that each trial stands in."""
        return {
            trial.id: folder for folder, study in self.studies.items() for trial in study.trials
        }

    @cached_property
    def real(self) -> tuple[Declaration, ...]:
        """The trials that may be evidence: neither simulated nor going on."""
        return tuple(
            trial
            for trial in self.trials.values()
            if not (trial.simulated or trial.ongoing or trial.interim)
        )

    def of_trial(self, trial: Declaration) -> TrialEvidence:
        """A trial with its own estimates and printed rows."""
        mine, printed = self.estimates.get(trial.id, []), self.printed.get(trial.id, [])
        return TrialEvidence(trial, mine, printed, self.config)

    def placing(self, study: str) -> Placing:
        """Where the estimates of a trial stand in time and in the declared order."""
        return Placing(self.trials[study], self.printed.get(study, []), self.config)

    @cached_property
    def effects(self) -> list[Effect]:
        """One effect for each trial, question and construct."""
        return [
            effect for trial in self.trials.values() for effect in self.of_trial(trial).effects()
        ]

    @cached_property
    def arms(self) -> list[TrialArms]:
        """The arms of each trial, one outcome and visit for a construct, as papers are read."""
        return self.arms_as()

    def arms_as(self, reading: str = "") -> list[TrialArms]:
        """The arms under another reading of what papers leave out, such as `r_low`."""
        if reading not in self._read_arms:
            self._read_arms[reading] = [
                found
                for folder, study in self.studies.items()
                for found in trial_arms(folder, study.trials, self.config, reading=reading)
            ]
        return self._read_arms[reading]

    @cached_property
    def _read_arms(self) -> dict[str, list[TrialArms]]:
        """The arms by reading, as far as they were asked for."""
        return {}


def read_material(folders: list[Path], config: Config) -> Material:
    """The material in these studies' results folders."""
    estimates: dict[str, list[dict[str, Any]]] = {}
    printed: dict[str, list[PrintedRow]] = {}
    for folder in folders:
        for row in read_estimates(folder / "estimates.csv").to_dict("records"):
            cells = {str(name): cell for name, cell in row.items()}
            estimates.setdefault(cells["study"], []).append(cells)
        printed |= read_printed(folder / "printed.csv")
    studies = {folder: read_declaration(folder / "study.json") for folder in folders}
    return Material(config, studies, estimates, printed)
