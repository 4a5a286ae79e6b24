"""What later stages need to know of each trial, in one shape for every kind of study."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from howlow.config.collection import Trial, Trials
from howlow.config.frozen import FrozenPlan
from howlow.config.study import Participants, Study, Summary, baseline_visits
from howlow.config.trial import Arm, Contrast, Estimand, Outcome, Population


@dataclass(frozen=True)
class Declaration:
    """One trial: a study with individual data, or one of a collection.

    `ongoing` says that its arms are masked: it goes on, and no interim look is of its tables.
    """

    id: str
    collection: str
    kind: str
    cite: str
    link: str
    design: str
    randomised: str
    limb_pairs: bool
    independent_limbs: bool
    simulated: bool
    population: Population
    arms: dict[str, Arm]
    contrasts: tuple[Contrast, ...]
    primary_outcome: str
    outcomes: dict[str, Outcome]
    weeks: dict[str, float]
    phases: dict[str, str]
    labels: dict[str, str]
    start: str
    at: tuple[str, ...]
    read_in: str
    note: str
    registration: str = ""
    ongoing: bool = False
    interim: bool = False
    covariates: tuple[str, ...] = ()
    moderators: tuple[str, ...] = ()
    estimand: Estimand | None = None
    planned_sessions: int | None = None
    repeats: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DeclaredStudy:
    """A study's own declaration, that of each of its trials, and the SHA-256 of its tables.

    `collected` is what a collection says of each trial; nothing for individual data. `plan` is
    what was frozen, if it was, and `study_sha256` then the SHA-256 of study.yaml as it is now.
    """

    study: Study
    trials: tuple[Declaration, ...]
    collected: dict[str, Trial]
    tables: dict[str, str]
    plan: FrozenPlan | None = None
    study_sha256: str = ""


def declaration_text(
    study: Study,
    trials: Trials | None,
    tables: Mapping[str, str] | None = None,
    plan: FrozenPlan | None = None,
    study_sha256: str = "",
) -> str:
    """The declaration as JSON, whole, so that later stages need none of the user's files."""
    declared = {
        "study": study.model_dump(mode="json"),
        "trials": trials.model_dump(mode="json") if trials else None,
        "tables": dict(tables or {}),
        "plan": plan.model_dump(mode="json") if plan else None,
        "study_sha256": study_sha256 if plan else "",
    }
    return json.dumps(declared, ensure_ascii=False, indent=1)


def read_declaration(path: Path) -> DeclaredStudy:
    """The declaration that the data stage wrote."""
    declared = json.loads(path.read_text(encoding="utf-8"))
    study_text = json.dumps(declared["study"])
    if declared["trials"] is None:
        study = Participants.model_validate_json(study_text)
        frozen, digest = declared.get("plan"), declared.get("study_sha256", "")
        plan = FrozenPlan.model_validate_json(json.dumps(frozen)) if frozen else None
        tables = declared["tables"]
        looked_at = plan is not None and plan.look_at(tables) is not None
        running = study.status == "ongoing"
        trial = replace(
            trial_of(study), ongoing=running and not looked_at, interim=running and looked_at
        )
        return DeclaredStudy(study, (trial,), {}, tables, plan, digest)
    summary = Summary.model_validate_json(study_text)
    trials = Trials.model_validate_json(json.dumps(declared["trials"]))
    found = tuple(_of_trial(name, trial, summary, trials) for name, trial in trials.trials.items())
    return DeclaredStudy(summary, found, trials.trials, declared["tables"])


def trial_of(study: Participants) -> Declaration:
    """A study with individual data as one trial."""
    return Declaration(
        id=study.id,
        collection="",
        kind=study.kind,
        cite=study.title,
        link=study.source.link,
        design=study.design,
        randomised=study.randomised,
        limb_pairs=study.design == "within_participant",
        independent_limbs=False,
        simulated=study.simulated,
        population=study.population,
        arms=study.arms,
        contrasts=study.contrasts,
        primary_outcome=study.primary_outcome,
        outcomes=study.outcomes,
        weeks={name: visit.week for name, visit in study.visits.items()},
        phases={name: visit.phase for name, visit in study.visits.items()},
        labels={name: visit.label for name, visit in study.visits.items()},
        start=baseline_visits(study)[0],
        at=study.at,
        read_in="individual data",
        note=study.note or "",
        registration=study.registration or "",
        ongoing=study.status == "ongoing",
        covariates=study.covariates,
        moderators=study.moderators,
        estimand=study.estimand,
        planned_sessions=study.planned_sessions,
        repeats={name: visit.repeats for name, visit in study.visits.items() if visit.repeats},
    )


def _of_trial(name: str, trial: Trial, study: Summary, trials: Trials) -> Declaration:
    """A trial of a collection."""
    return Declaration(
        id=name,
        collection=study.id,
        kind=trial.kind,
        cite=trial.cite,
        link=f"https://doi.org/{trial.doi}" if trial.doi else trial.url.split(" ")[0],
        design=trial.design,
        randomised=trial.randomised,
        limb_pairs=trial.analyse_as == "limb pairs",
        independent_limbs=trial.analyse_as == "independent arms",
        simulated=False,
        population=trial.population,
        arms=trial.arms,
        contrasts=trial.contrasts,
        primary_outcome=trial.primary_outcome or "",
        outcomes=trials.outcomes,
        weeks={},
        phases={},
        labels={},
        start="",
        at=(),
        read_in=trial.read_in,
        note=trial.note or "",
    )
