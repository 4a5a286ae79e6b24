"""A plan in words, as a table, and as JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from howlow.analysis.planning.chances import MONTE_CARLO_LEVEL
from howlow.analysis.planning.sizes import MOST, first_guess
from howlow.analysis.rounding import magnitude
from howlow.data.measurements import write_table, write_text

if TYPE_CHECKING:
    import pandas as pd

    from howlow.analysis.planning.chances import Target
    from howlow.analysis.planning.plans import Answer, Planned

#: Columns of plan.csv, in this order. `n` counts people in each arm, altogether where limbs are
#: compared; `people` counts all.
PLAN_COLUMNS = (
    "plan",
    "design",
    "n",
    "people",
    "drop_out",
    "aim",
    "difference",
    "unit",
    "chance",
    "low",
    "high",
    "trials",
    "refused",
    "note",
)
_NOTE = "SIMULATED from assumptions"


def write_plan(planned: Planned, folder: Path) -> None:
    """Write plan.csv and plan.json into a folder."""
    write_table(plan_table(planned), folder / "plan.csv")
    write_text(plan_json(planned), folder / "plan.json")


def plan_table(planned: Planned) -> pd.DataFrame:
    """Every simulated chance, one row each, with `PLAN_COLUMNS`."""
    import pandas as pd

    rows = [
        (
            planned.assumed.name,
            *(one.setting.design, one.setting.n, one.setting.people, one.setting.drop_out),
            *(one.target.aim, one.target.difference, planned.assumed.card.unit),
            *(one.chance, one.low, one.high, one.trials, one.refused, _NOTE),
        )
        for one in planned.chances
    ]
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))


def plan_json(planned: Planned) -> str:
    """The answers and what they rest on."""
    assumed, request = planned.assumed, planned.request
    told: dict[str, Any] = {
        "plan": assumed.name,
        "note": _NOTE,
        "source": assumed.source,
        "outcome": assumed.outcome,
        "unit": assumed.card.unit,
        "arms": list(assumed.arms),
        "margin": assumed.margin,
        "margin_pct": assumed.card.margin_pct if assumed.card.margin is None else None,
        "alpha": assumed.card.alpha,
        "power": request.power,
        "trials": request.trials,
        "seed": request.seed,
        "monte_carlo_level": MONTE_CARLO_LEVEL,
        "answers": [_answer(answer) for answer in planned.answers],
        "sentences": sentences(planned),
        "assumptions": statements(planned),
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _answer(answer: Answer) -> dict[str, Any]:
    """One answer for a program."""
    return {
        "design": answer.design,
        "drop_out": answer.drop_out,
        "aim": answer.target.aim,
        "difference": answer.target.difference,
        "n": answer.n,
        "n_low": answer.n_low,
        "n_high": answer.n_high,
        "people": answer.people,
    }


def plan_text(planned: Planned) -> str:
    """The answer for a person at a terminal, with everything it assumes beneath."""
    assumed = planned.assumed
    lines = [f"{assumed.name}: {assumed.outcome}, {assumed.arms[0]} against {assumed.arms[1]}"]
    lines += [f"{heading(planned)}", ""]
    for target in _targets(planned.answers):
        lines += [f"{_sentence(planned, target)}"]
        lines += [f"  {line}" for line in _rows(planned, target)]
        lines += [""]
    lines += ["Assumed:", *(f"- {statement}" for statement in statements(planned))]
    return "\n".join(lines) + "\n"


def heading(planned: Planned) -> str:
    """What kind of numbers these are."""
    return (
        f"SIMULATED from {planned.assumed.source}, {planned.request.trials} trials a number, each "
        "analysed as a real trial is. It is no evidence about training."
    )


def statements(planned: Planned) -> list[str]:
    """Everything that the answers rest on, one sentence each."""
    assumed, request = planned.assumed, planned.request
    alpha = assumed.card.alpha
    found = [*assumed.statements]
    if assumed.margin is not None and not assumed.can_be_alike:
        found.append(
            f"{assumed.arms[1]} is not expected to gain more than the margin, so that no number of "
            "people could show arms alike rather than both without effect."
        )
    found.append(
        f"A difference is shown by a {100 * (1 - alpha):g} % interval without zero, arms as good "
        f"as each other by a {100 * (1 - 2 * alpha):g} % interval within the margin where the gain "
        f"of {assumed.arms[1]} is shown to exceed it. Seed {request.seed}."
    )
    return found


def sentences(planned: Planned) -> list[str]:
    """The answer of each target, one sentence each, for the first drop-out."""
    return [_sentence(planned, target) for target in _targets(planned.answers)]


def purpose(planned: Planned, target: Target) -> str:
    """What a target is, in words: `show that light is as good as heavy within 5 % (6 kg)`."""
    assumed = planned.assumed
    first, second = assumed.arms
    size = f"{magnitude(abs(target.difference))} {assumed.card.unit}"
    if target.aim == "superiority":
        what = ", the margin" if target.difference == assumed.margin else ""
        return f"show a difference if {first} and {second} truly differ by {size}{what},"
    assert assumed.margin is not None
    size = f"{magnitude(assumed.margin)} {assumed.card.unit}"
    percent = assumed.card.margin_pct
    within = size if assumed.card.margin is not None else f"{percent:g} % ({size})"
    return f"show that {first} is as good as {second} within {within}"


def _targets(answers: Sequence[Answer]) -> list[Target]:
    """The targets of some answers, in order."""
    return list(dict.fromkeys(answer.target for answer in answers))


def _sentence(planned: Planned, target: Target) -> str:
    """The answer of a target, for the first drop-out."""
    request = planned.request
    drop_out = request.drop_out[0]
    mine = [
        answer
        for answer in planned.answers
        if answer.target == target and answer.drop_out == drop_out
    ]
    parts = []
    for answer in mine:
        with_whom = (
            "if each trains one limb with each"
            if answer.design == "within_participant"
            else "with parallel arms"
        )
        parts.append(f"{people_words(planned, answer)} {with_whom}")
    start = f"To {purpose(planned, target)} with {100 * request.power:g} % chance"
    return f"{start} and {100 * drop_out:g} % drop-out: {'; '.join(parts)}."


def people_words(planned: Planned, answer: Answer) -> str:
    """A number of people in words, or why there is none."""
    if answer.n is None:
        tried = planned.of(answer.design, answer.drop_out, answer.target)
        given = (planned.assumed, answer.design, answer.drop_out, answer.target)
        if planned.request.n is None and first_guess(*given, planned.request.power) > MOST:
            return f"more than {MOST} people"
        return f"not reached with the {tried[-1].setting.people} people tried,"
    if answer.design == "within_participant":
        return f"{answer.n} people in all"
    return f"{answer.n} people an arm ({answer.people} in all)"


def _rows(planned: Planned, target: Target) -> list[str]:
    """Every answer of a target with its Monte-Carlo interval."""
    words = {"parallel": "parallel arms", "within_participant": "a limb with each"}
    found = []
    for answer in planned.answers:
        if answer.target == target:
            what = f"{words[answer.design]}, {100 * answer.drop_out:g} % drop-out"
            number = people_words(planned, answer).rstrip(",")
            found.append(f"{what}: {number}{interval_words(answer)}")
    return found


def interval_words(answer: Answer) -> str:
    """The Monte-Carlo interval of a number of people, in the same count as `n`."""
    if answer.n is None or answer.n_low is None:
        return ""
    unit = "" if answer.design == "within_participant" else " an arm"
    if answer.n_high is None:
        return f" [{answer.n_low} or more{unit}]"
    return f" [{answer.n_low} to {answer.n_high}{unit}]"
