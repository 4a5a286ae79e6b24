"""Trials and their estimates made by hand, as material of the synthesis."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import nan
from pathlib import Path
from typing import Any

from scipy import stats

from howlow.config.settings import Config
from howlow.config.trial import Arm, Outcome, Population
from howlow.data.declaration import Declaration
from howlow.data.published.printed_rows import PrintedRow
from howlow.synthesis.evidence import Effect
from howlow.synthesis.material import Material

CONTRAST, OUTCOME, AT = "light - heavy", "squat", "week_10"


@dataclass(frozen=True)
class Case:
    """One trial of light against heavy loads: its log ratio, and its other readings as SEs."""

    name: str
    estimate: float
    se: float
    n: float = 20.0
    age: str = "young"
    assumed: str = ""
    readings: dict[str, float] = field(default_factory=dict)
    d: tuple[float, float] | None = None
    declared: str = CONTRAST
    higher_is: str = "better"
    caution: str = ""
    measure: str = "one_rm"

    @property
    def sign(self) -> float:
        """-1 where the effect is the estimate turned round."""
        return -1.0 if (self.declared != CONTRAST) != (self.higher_is == "worse") else 1.0


def declaration(case: Case, collection: str = "published") -> Declaration:
    outcome = {
        "label": "Squat",
        "construct": "strength",
        "unit": "kg",
        "measure": case.measure,
        "region": "lower_body",
        "higher_is": case.higher_is,
    }
    return Declaration(
        id=case.name,
        collection=collection,
        kind="arms",
        cite=case.name,
        link="",
        design="parallel",
        randomised="yes",
        limb_pairs=False,
        independent_limbs=False,
        simulated=False,
        population=Population(description="adults", age=case.age),
        arms={name: Arm(label=name) for name in ("light", "heavy")},
        contrasts=(),
        primary_outcome=OUTCOME,
        outcomes={OUTCOME: Outcome(**outcome)},
        weeks={},
        phases={},
        labels={},
        start="",
        at=(),
        read_in="paper",
        note="",
    )


def record(case: Case, method: str, estimate: float, se: float, **rest: Any) -> dict[str, Any]:
    """A row of estimates.csv, as its study wrote it: not turned."""
    scale = rest.get("scale", "log_ratio")
    estimate, df = case.sign * estimate, case.n - 2
    half, narrow = (stats.t.ppf(level, df) * se for level in (0.975, 0.95))
    return {
        "estimate_id": "/".join((case.name, OUTCOME, case.declared, AT, scale, method)),
        "study": case.name,
        "construct": "strength",
        "outcome": OUTCOME,
        "contrast": case.declared,
        "at": AT,
        "scale": scale,
        "tier": "sensitivity" if "[" in method else "secondary",
        "method": method,
        "estimate": estimate,
        "se": se,
        "df": df,
        "ci_low": estimate - half,
        "ci_high": estimate + half,
        "eq_low": estimate - narrow,
        "eq_high": estimate + narrow,
        "p": 2 * stats.t.sf(abs(estimate) / se, df),
        "n_participants": case.n,
        "assumed": case.assumed,
        "note": "",
    } | rest


def effect(case: Case) -> Effect:
    """The effect that the evidence makes of a trial: turned to its question."""
    row = record(case, "change", case.estimate, case.se)
    half = float(row["ci_high"] - row["estimate"])
    return Effect(
        question="load",
        construct="strength",
        study=case.name,
        collection="published",
        cite=case.name,
        estimate_id=row["estimate_id"],
        contrast=CONTRAST,
        label=CONTRAST,
        at=AT,
        weeks=10.0,
        estimate=case.estimate,
        se=case.se,
        ci_low=case.estimate - half,
        ci_high=case.estimate + half,
        n=case.n,
        scale="log_ratio",
        unit="",
        tier="secondary",
        pooled=True,
        assumed=case.assumed,
        note="",
    )


def described(case: Case) -> Effect:
    """The effect of a trial that prints no spread."""
    name = effect(case).estimate_id.replace("change", "described")
    nothing = {"se": nan, "ci_low": nan, "ci_high": nan, "n": nan}
    return replace(
        effect(case), estimate_id=name, tier="described", pooled=False, assumed="", **nothing
    )


def printed(case: Case, arm: str, n: float) -> PrintedRow:
    """What the paper prints of one arm."""
    words = {"trial": case.name, "arm": arm, "outcome": OUTCOME, "visit": AT, "phase": "training"}
    words |= {"role": "arm", "change_vs": "baseline", "use": "fitted", "reason": ""}
    words |= {"caution": case.caution, "assumed": ""}
    numbers = dict.fromkeys(("mean_pre", "mean_post", "mean_change", "ci_low", "ci_high"), nan)
    return PrintedRow(questions=("load",), weeks=10.0, n=n, **words, **numbers)


def material(
    config: Config, cases: Iterable[Case], rows: Iterable[dict[str, Any]] = ()
) -> Material:
    """The cases as material, with more rows of estimates beside their own."""
    listed = list(cases)
    estimates: dict[str, list[dict[str, Any]]] = {}
    for case in listed:
        mine = [record(case, "change", case.estimate, case.se)]
        mine += [
            record(case, f"change[{name}]", case.estimate, se) for name, se in case.readings.items()
        ]
        if case.d is not None:
            mine.append(record(case, "change", *case.d, scale="d"))
        estimates[case.name] = mine
    for row in rows:
        estimates[row["study"]].append(row)
    behind = {
        case.name: [printed(case, arm, case.n / 2) for arm in ("light", "heavy")] for case in listed
    }
    found = Material(config, {Path("published"): None}, estimates, behind)  # type: ignore[dict-item]
    trials = {case.name: declaration(case) for case in listed}
    # What is read from the declarations of studies on disk elsewhere.
    found.__dict__["trials"] = trials
    found.__dict__["real"] = tuple(trials.values())
    return found
