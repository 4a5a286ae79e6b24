"""A small trial with individual data, built from arrays: its declaration, subject and analysis."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from howlow.analysis.estimand.cards import Card, card
from howlow.analysis.fitting.cohort import Cohort
from howlow.analysis.primary import Primary, primary_analysis
from howlow.analysis.subjects import Subject
from howlow.config.reading import read_config
from howlow.config.trial import Arm, Contrast, Outcome, Population
from howlow.data.declaration import Declaration

CONFIG = read_config([Path(__file__).resolve().parents[2] / "config" / "config.yaml"])
COVARIANCE = np.array(
    [[100.0, 80, 76, 70], [80, 110, 88, 80], [76, 88, 120, 98], [70, 80, 98, 130]]
)


def drawn(
    rng: np.random.Generator,
    people: int = 30,
    visits: int = 4,
    arms: Sequence[str] = ("light", "heavy"),
    gain: float = 10.0,
    lost: float = 0.0,
    missed: float = 0.0,
) -> Cohort:
    """A cohort of people with a gain by visit; some drop out for good, some miss one visit."""
    values = rng.multivariate_normal(np.full(visits, 100.0), COVARIANCE[:visits, :visits], people)
    values += np.linspace(0, gain, visits)
    arm = np.arange(people) % len(arms)
    seen = rng.random((people, visits)) >= missed
    last = np.where(rng.random(people) < lost, rng.integers(1, visits, people), visits)
    seen &= np.arange(visits) < last[:, None]
    seen[:, 0] = True
    return cohort_of_wide(np.where(seen, values, np.nan), arm, arms)


def cohort_of_wide(wide: np.ndarray, arm: np.ndarray, arms: Sequence[str]) -> Cohort:
    """A cohort from values of people by visits, NaN where unseen."""
    person, visit = np.nonzero(~np.isnan(wide))
    visits = wide.shape[1]
    return Cohort(
        arms=tuple(arms),
        visits=("pre", *(f"week_{6 * number}" for number in range(1, visits))),
        weeks=6.0 * np.arange(visits),
        participant=person,
        limb=np.zeros_like(person),
        arm=np.asarray(arm)[person],
        visit=visit,
        values=wide[person, visit][None],
    )


def trial_of(
    cohort: Cohort, margin: float | None = 5.0, kind: str = "participants", **more: object
) -> Declaration:
    """The declaration of a randomised trial with one outcome in kg."""
    fields = {
        "id": "small",
        "collection": "",
        "kind": kind,
        "cite": "",
        "link": "",
        "design": "parallel",
        "randomised": "yes",
        "limb_pairs": bool(cohort.limb.any()),
        "independent_limbs": False,
        "simulated": True,
        "population": Population(description="nobody"),
        "arms": {name: Arm(label=name.capitalize()) for name in cohort.arms},
        "contrasts": (Contrast(contrast=f"{cohort.arms[0]} - {cohort.arms[1]}", question="load"),),
        "primary_outcome": "press",
        "outcomes": {
            "press": Outcome(
                label="Leg press",
                construct="strength",
                unit="kg",
                measure="one_rm",
                region="lower_body",
                margin=margin,
            )
        },
        "weeks": dict(zip(cohort.visits, cohort.weeks.tolist(), strict=True)),
        "phases": {},
        "labels": {name: name.replace("_", " ") for name in cohort.visits},
        "start": cohort.visits[0],
        "at": cohort.visits[-1:],
        "read_in": "",
        "note": "",
    }
    return Declaration(**(fields | more))


def analysed(
    cohort: Cohort, at: str | None = None, **more: object
) -> tuple[Subject, Card, Primary]:
    """The subject, the card of its contrast, and its primary analysis."""
    trial = trial_of(cohort, **more)
    asked = card(trial, CONFIG, "press", trial.contrasts[0].contrast, at or cohort.visits[-1])
    primary = primary_analysis(cohort, asked)
    fitted = primary.fitted
    baseline = float(cohort.values[0, cohort.visit == 0].mean())
    subject = Subject(trial, "press", CONFIG, fitted.cohort, fitted.model, fitted.fit, baseline)
    return subject, asked, primary
