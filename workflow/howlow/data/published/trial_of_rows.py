"""One trial as trials.yaml would declare it, from its rows in a table of arms."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from howlow.config.summaries import TrialsFrom
from howlow.config.trial import ADULT_FROM, OLDER_FROM, YOUNG_UNDER
from howlow.data.published.dose_contrasts import contrasts
from howlow.data.published.naming import label

#: Cells that answer yes or no.
YES_NO = {"yes": True, "no": False}


def trial_of(
    records: list[dict[Any, Any]], declared: TrialsFrom, arm_ids: list[str]
) -> dict[str, Any]:
    """One trial as trials.yaml would declare it."""
    first = records[0]

    def given(column: str | None) -> str:
        """The first cell of a column that is not empty."""
        return next((str(row[column]) for row in records if column and row[column] != ""), "")

    ages = [row[declared.mean_age] for row in records if declared.mean_age]
    ages = [float(age) for age in ages if not math.isnan(age)]
    age = sum(ages) / len(ages) if ages else None
    year = given(declared.year)
    arms: dict[str, Any] = {}
    for name in dict.fromkeys(arm_ids):
        mine = [row for row, arm in zip(records, arm_ids, strict=True) if arm == name]
        arms[name] = _arm(mine, declared, name)
    randomised = given(declared.randomised) or "not stated"
    return {
        "cite": joined(first, declared.cite, " ")[:2000] or "not stated",
        "year": int(year) if re.fullmatch(r"1[89][0-9]{2}|20[0-9]{2}", year) else None,
        "doi": given(declared.doi) or None,
        "url": declared.url,
        "read_in": declared.read_in,
        "population": {
            "description": joined(first, declared.population, ", ") or "not stated",
            "age": None if age is None else _age_class(age),
            "mean_age": None if age is None else round(age, 1),
            "sex": _sex([row[declared.share_male] for row in records])
            if declared.share_male
            else None,
            "training": given(declared.training) or None,
        },
        "design": declared.design if len(arms) > 1 else "single_arm",
        "randomised": randomised,
        "arms": arms,
        "contrasts": list(contrasts(arms)) if randomised != "no" else [],
    }


def _age_class(age: float) -> str:
    """The class of a mean age."""
    if age < ADULT_FROM:
        return "children"
    return "young" if age < YOUNG_UNDER else "middle" if age < OLDER_FROM else "older"


def _sex(shares: list[float]) -> str | None:
    """F, M or both, from shares of men."""
    known = {share for share in shares if not math.isnan(share)}
    if not known:
        return None
    return "M" if known == {1.0} else "F" if known == {0.0} else "F and M"


def _arm(rows: list[dict[str, Any]], declared: TrialsFrom, name: str) -> dict[str, Any]:
    """One arm: its label, and its doses over all its rows."""
    doses = declared.doses
    control = declared.control
    idle = control is not None and rows[0][control.column] in control.cells
    arm: dict[str, Any] = {"label": label(joined(rows[0], declared.arm_label, " "), name)}
    if idle:
        return {**arm, "sessions_per_week": 0}

    def seen(column: str | None) -> list[float]:
        return [row[column] for row in rows if column and not math.isnan(row[column])]

    for key in ("load_pct_1rm", "rm", "repetitions", "sets"):
        values = seen(getattr(doses, key))
        arm[key] = [min(values), max(values)] if values else None
    for key in ("sets_per_week", "sessions_per_week"):
        values = seen(getattr(doses, key))
        # Rows of an arm may differ where a muscle was trained less often; most rows decide.
        arm[key] = (
            max(set(values), key=lambda value: (values.count(value), -value)) if values else None
        )
    answers = {row[doses.to_failure] for row in rows if doses.to_failure} - {""}
    arm["to_failure"] = YES_NO[answers.pop()] if len(answers) == 1 else None
    return arm


def joined(row: dict[str, Any], columns: Iterable[str], sign: str) -> str:
    """The cells of a row put together, empty ones left out."""
    return sign.join(str(row[column]) for column in columns if row[column] != "")
