"""Freezing a plan: the analyses of a study written into data/<study>/plan.json, once.

A later change is added beside what was frozen, with its day and its reason, and so is an interim
look at an ongoing study.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from howlow.analysis.estimand.amendments import as_amended, changes, plan_findings, planned
from howlow.analysis.estimand.cards import cards
from howlow.config.frozen import PLAN_FILE, Amendment, Change, FrozenPlan, LoggedLook, read_plan
from howlow.config.reading import read_study
from howlow.config.settings import Config
from howlow.config.study import Participants
from howlow.data.declaration import DeclaredStudy, trial_of
from howlow.data.fetching import digest_of
from howlow.data.measurements import write_text
from howlow.data.same_files import table_digests
from howlow.errors import HowlowError
from howlow.findings import Finding


@dataclass(frozen=True)
class Look:
    """An interim look by which the arms of an ongoing study are told apart."""

    number: int
    date: str
    reason: str

    @property
    def note(self) -> str:
        """What every estimate of the look carries."""
        return f"interim look {self.number} ({self.date}): {self.reason}"


def unmasked(declared: DeclaredStudy) -> Look | None:
    """The interim look that was logged of an ongoing study's very tables, if there is one."""
    study, plan = declared.study, declared.plan
    if not isinstance(study, Participants) or study.status != "ongoing" or plan is None:
        return None
    found = plan.look_at(declared.tables)
    return None if found is None else Look(found[0], found[1].date, found[1].reason)


def findings_of_folder(folder: Path, study: Participants, config: Config) -> list[Finding]:
    """What `plan_findings` tells of a study's folder, before anything was made of it.

    Raises
    ------
    InputError
        As `read_plan`.
    """
    plan, tables = read_plan(folder), table_digests(folder, study)
    digest = digest_of(folder / "study.yaml")
    declared = DeclaredStudy(study, (trial_of(study),), {}, tables, plan, digest)
    return plan_findings(declared, config)


def freeze(folder: Path, config: Config, today: date, registered: str | None = None) -> FrozenPlan:
    """Write down every analysis of a study; `registered` is where the trial is registered.

    Raises
    ------
    HowlowError
        If a plan is frozen already, or there is nothing to freeze.
    """
    study = _study(folder, config)
    if (old := read_plan(folder)) is not None:
        raise HowlowError(
            f"{folder / PLAN_FILE}: a plan was frozen on {old.frozen}, and is kept. To change it, "
            f"say why: howlow freeze {study.id} --amend 'reason'"
        )
    plan = FrozenPlan(
        version=1,
        study=study.id,
        frozen=today.isoformat(),
        status=study.status,
        registered=registered or study.registration,
        study_sha256=digest_of(folder / "study.yaml"),
        config_sha256=settings_digest(study, config),
        cards=planned(cards(trial_of(study), config)),
    )
    return _written(plan, folder)


def amend(
    folder: Path, config: Config, today: date, reason: str, registered: str | None = None
) -> FrozenPlan:
    """Add what was changed since freezing, with its reason; what was frozen stays.

    Raises
    ------
    HowlowError
        If no plan is frozen, nothing was changed, or no reason is given.
    """
    study = _study(folder, config)
    plan = _frozen(folder, study)
    digests = digest_of(folder / "study.yaml"), settings_digest(study, config)
    latest = plan.amendments[-1] if plan.amendments else plan
    found = list(changes(as_amended(plan), planned(cards(trial_of(study), config))))
    name = registered or plan.registered or study.registration
    if name != plan.registered:
        before = plan.registered
        found.append(
            Change(card="plan", kind="changed", field="registered", before=before, now=name)
        )
    if not found and digests == (latest.study_sha256, latest.config_sha256):
        raise HowlowError(f"{folder / PLAN_FILE}: nothing was changed since, so nothing is added")
    added = Amendment(
        date=today.isoformat(),
        reason=_reason(reason),
        study_sha256=digests[0],
        config_sha256=digests[1],
        changes=tuple(found),
    )
    more = {"registered": name, "amendments": (*plan.amendments, added)}
    return _written(plan.model_copy(update=more), folder)


def log_look(folder: Path, config: Config, today: date, reason: str) -> FrozenPlan:
    """Add an interim look at the tables as they are now.

    Raises
    ------
    HowlowError
        If no plan is frozen, the study does not go on, or these tables were looked at already.
    """
    study = _study(folder, config)
    if study.status != "ongoing":
        raise HowlowError(
            f"{folder / 'study.yaml'}: the study is complete, so nothing is masked and there is "
            "nothing to look at before its time. An ongoing one has `status: ongoing`"
        )
    plan, tables = _frozen(folder, study), table_digests(folder, study)
    if not tables:
        raise HowlowError(f"{folder}: there is no table to look at yet. Put it there first")
    if (known := plan.look_at(tables)) is not None:
        raise HowlowError(
            f"{folder / PLAN_FILE}: look {known[0]} ({known[1].date}) is of these very tables"
        )
    look = LoggedLook(date=today.isoformat(), reason=_reason(reason), tables=tables)
    return _written(plan.model_copy(update={"looks": (*plan.looks, look)}), folder)


def frozen_words(plan: FrozenPlan, folder: Path) -> str:
    """What stands in a plan that was just written, and what to do with it."""
    number = f"{len(plan.cards)} {'analysis' if len(plan.cards) == 1 else 'analyses'}"
    said = [f"{(folder / PLAN_FILE).as_posix()}: {number} frozen on {plan.frozen}"]
    said += [f"registered as {plan.registered}"] if plan.registered else []
    said += [f"amendments: {len(plan.amendments)}"] if plan.amendments else []
    said += [f"interim looks: {len(plan.looks)}"] if plan.looks else []
    words = "; ".join(said) + ". Commit it"
    if plan.status == "complete":
        words += (
            ". The study was declared complete by then: this fixes the plan from now on, and is no "
            "preregistration"
        )
    return words


def settings_digest(study: Participants, config: Config) -> str:
    """SHA-256 of the settings in config.yaml that a study's cards depend on."""
    used = sorted({outcome.construct for outcome in study.outcomes.values()})
    settings = {
        "alpha": config.alpha,
        "estimand": config.estimand.model_dump(mode="json"),
        "margin_pct": {name: config.constructs[name].margin_pct for name in used},
    }
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def _study(folder: Path, config: Config) -> Participants:
    """The study that is to be frozen, or why it cannot be."""
    study = read_study(folder, config, files_needed=False)
    if not isinstance(study, Participants):
        raise HowlowError(
            f"{folder / 'study.yaml'}: a collection of published trials cannot be frozen. Its "
            "results were known before its analysis was planned; freeze the protocol of the review "
            "in a register such as PROSPERO"
        )
    if not study.contrasts or not study.at:
        raise HowlowError(
            f"{folder / 'study.yaml'}: no contrast at a visit is declared, so there is no analysis "
            "to freeze. Add them under `contrasts` and `at`"
        )
    return study


def _frozen(folder: Path, study: Participants) -> FrozenPlan:
    """The plan that is there."""
    plan = read_plan(folder)
    if plan is None:
        raise HowlowError(
            f"{folder / PLAN_FILE}: no plan is frozen yet. Freeze it first: howlow freeze "
            f"{study.id}"
        )
    return plan


def _reason(text: str) -> str:
    """A reason that says something."""
    if not text.strip():
        raise HowlowError("the reason is empty. Say in a sentence why it is done")
    return text.strip()


def _written(plan: FrozenPlan, folder: Path) -> FrozenPlan:
    """Write a plan, whole or not at all."""
    text = json.dumps(plan.model_dump(mode="json"), ensure_ascii=False, indent=1)
    write_text(text + "\n", folder / PLAN_FILE)
    return plan
