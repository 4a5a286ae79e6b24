"""The number of a trial that declared the very contrast a claim is about."""

from __future__ import annotations

from howlow.config.claim_rules import arm_fits
from howlow.config.doses import higher_dose_first
from howlow.config.trial import Arm, sides
from howlow.synthesis.claims.assay import assay_of
from howlow.synthesis.claims.candidates import Sought
from howlow.synthesis.claims.numbers import TrialNumber, combination, other_readings


def declared_number(sought: Sought) -> TrialNumber | None:
    """The first-ranked row of a declared contrast whose arms fit, turned to the claim."""
    signs = _oriented(sought)
    rows = [row for row in sought.rows() if row["contrast"] in signs and " - " not in row["at"]]
    if not rows:
        return None
    trial = sought.trial
    row = min(rows, key=lambda found: sought.rank(found, tuple(signs)))
    order = signs[row["contrast"]] * sought.turned
    sign = order * sought.better(row["outcome"])
    first, second = sides(row["contrast"])
    if order < 0:
        first, second = second, first
    return TrialNumber(
        study=trial.id,
        cite=trial.cite,
        construct=sought.construct,
        age=trial.population.age or "",
        estimate=sign * row["estimate"],
        value=combination(row, sign),
        scale=row["scale"],
        n=row["n_participants"],
        contrast=f"{first} - {second}",
        at=row["at"],
        weeks=sought.material.placing(trial.id).weeks(row["outcome"], row["at"]),
        assumed=sought.cautions(row),
        assay=assay_of(sought.material, trial, row, second),
        estimate_ids=(row["estimate_id"],),
        readings=other_readings(sought.all_rows, row, sign),
    )


def _oriented(sought: Sought) -> dict[str, float]:
    """Declared contrasts whose arms fit, with 1, or -1 where they are declared turned round."""
    claim, trial = sought.claim, sought.trial
    signs: dict[str, float] = {}
    for contrast in trial.contrasts:
        if contrast.question != claim.question:
            continue
        if not claim.arms:
            signs[contrast.contrast] = 1.0
            continue
        first, second = (trial.arms[name] for name in sides(contrast.contrast))
        as_named = _fit(sought, first, 0) and _fit(sought, second, 1)
        turned = _fit(sought, first, 1) and _fit(sought, second, 0)
        if as_named and turned:
            # Both orders fit, as with fewer against more sessions: the lower dose is first.
            turned = higher_dose_first(contrast.question, first, second)
            as_named = higher_dose_first(contrast.question, second, first)
        if as_named != turned:
            signs[contrast.contrast] = -1.0 if turned else 1.0
    return signs


def _fit(sought: Sought, arm: Arm, place: int) -> bool:
    """Whether an arm is the one that a claim names there."""
    return arm_fits(arm, sought.claim.arms[place], sought.material.config)
