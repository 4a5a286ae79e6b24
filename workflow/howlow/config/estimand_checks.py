"""What the declared estimand, covariates and moderators need, which no single key can tell."""

from __future__ import annotations

from collections.abc import Iterator

from howlow.config.schema import Fault
from howlow.config.study import Participants
from howlow.config.trial import COVARIATE_COLUMNS, sides


def check_estimand(study: Participants) -> Iterator[Fault]:
    """Per protocol without the sessions that it is judged by."""
    if study.estimand is None or study.estimand.missed_sessions != "per_protocol":
        return
    if study.planned_sessions is None or study.columns.sessions_attended is None:
        found = "per_protocol, and it is not said who came to how many sessions"
        action = "Give `planned_sessions` and `columns.sessions_attended`"
        yield ("estimand", "missed_sessions"), found, action, "G15"


def check_covariates(study: Participants) -> Iterator[Fault]:
    """Covariates and moderators whose column is not named, or that come twice."""
    for key in ("covariates", "moderators"):
        names = getattr(study, key)
        for position, name in enumerate(names):
            column = COVARIATE_COLUMNS.get(name, name)
            if getattr(study.columns, column) is None:
                action = f"Name the column: columns: {{{column}: ...}}"
                yield (key, position), f"'{name}' is in no column", action, "G15"
            if name in names[:position]:
                yield (key, position), f"'{name}' is listed twice", "Keep one of them", "G14"


def check_aims(study: Participants) -> Iterator[Fault]:
    """Non-inferiority to an arm that does not train: that is a difference from no training."""
    for position, contrast in enumerate(study.contrasts):
        second = sides(contrast.contrast)[1]
        arm = study.arms.get(second)
        if contrast.aim == "non_inferiority" and arm is not None and arm.sessions_per_week == 0:
            found = f"non-inferiority to '{second}', which does not train"
            action = "Leave `aim` out, or set the arm against one that trains"
            yield ("contrasts", position, "aim"), found, action, "G15"
