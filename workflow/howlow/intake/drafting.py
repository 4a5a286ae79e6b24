"""The text of a study.yaml, with a comment beside each guess that says why it was made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from howlow.intake.assembled import Assembled, OutcomeWord
from howlow.intake.columns import TableGuess
from howlow.intake.guessing import date_format
from howlow.intake.tidying import PEOPLE, steps_of, units_differ
from howlow.intake.words import Tell

#: Lets an editor know the keys and what they are for.
_SCHEMA = "# yaml-language-server: $schema=../../config/schemas/study.schema.json"
_PLAIN = re.compile(r"[A-Za-z][\w./-]*( [\w./-]+)*")
#: Words that other readers of YAML take for something else than text.
_NOT_PLAIN = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~", "nan"})


@dataclass(frozen=True)
class Answers:
    """What a person said, or left to the defaults."""

    study: str
    title: str
    design: str
    reference: str
    question: str
    licence: str
    citation: str
    weeks: tuple[float, ...]
    assumed: frozenset[str]


@dataclass(frozen=True)
class Kept:
    """A file as it is kept in raw/: its name there, its SHA-256, and the name it came with."""

    name: str
    sha256: str
    original: str


def scalar(value: Any) -> str:
    """A value as YAML writes it, in quotes wherever another reader could take it for something."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:g}" if abs(value) < 1e6 else repr(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_PLAIN:
        return text
    return '"' + "".join(_escaped(sign) for sign in text) + '"'


def _escaped(sign: str) -> str:
    """A sign between double quotes; one that cannot be seen is written out, as YAML asks for."""
    if sign in '"\\':
        return "\\" + sign
    if sign.isprintable():
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def flow(value: Any) -> str:
    """A value on one line: {a: b} and [a, b]."""
    if isinstance(value, Mapping):
        pairs = (
            f"{'on' if key == 'on' else scalar(key)}: {flow(item)}" for key, item in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value)


def comment(text: str) -> str:
    """Text that stays on its line whatever it holds."""
    seen = "".join(sign if sign.isprintable() else " " for sign in text)
    return "# " + re.sub(r" +", " ", seen).strip()


def draft(study: Assembled, answers: Answers, files: Sequence[Kept], tell: Tell) -> str:
    """The text of study.yaml."""
    originals = ", ".join(dict.fromkeys(file.original for file in files))
    lines = [
        _SCHEMA,
        comment(tell("head_made", files=originals)),
        comment(tell("head_read")),
        "",
        f"id: {scalar(answers.study)}",
        "kind: participants",
        f"title: {scalar(answers.title)}",
        "source:",
        f"  citation: {scalar(answers.citation)}",
        f"  licence: {scalar(answers.licence)}",
        "  files:",
    ]
    for file in files:
        lines += [f"    - file: {scalar(file.name)}", f'      sha256: "{file.sha256}"']
    population = flow({"description": tell("population")})
    assumed = comment("ASSUME: " + tell("assume_population"))
    lines += [
        f"population: {population}   {assumed}",
        comment(study.why_design) if "design" in answers.assumed else "",
        f"design: {answers.design}",
        f"randomised: not stated   {comment('ASSUME: ' + tell('assume_randomised'))}",
    ]
    lines += _arms(study, answers, tell)
    lines += _visits(study, answers, tell)
    lines += _outcomes(study, tell)
    lines += _comparisons(study, answers, tell)
    lines.append("tables:")
    for guess in study.tables:
        lines += _table(guess, study, tell)
    lines += _columns(study)
    if study.unlike:
        listed = ", ".join(study.unlike)
        lines.append(comment(tell("left_out", words=listed)))
    return "\n".join(line for line in lines if line != "") + "\n"


def _arms(study: Assembled, answers: Answers, tell: Tell) -> list[str]:
    """The arms."""
    lines = ["arms:"]
    for arm in study.arms:
        says: dict[str, Any] = {"label": arm.label}
        if arm.dose:
            key, pair = arm.dose
            says[key] = pair[0] if key == "sessions_per_week" else list(pair)
            lines.append("  " + comment(tell("why_dose", dose=key, name=arm.label)))
        elif arm.why:
            lines.append("  " + comment(arm.why))
        lines.append(f"  {scalar(arm.name)}: {flow(says)}")
    if not any(arm.dose for arm in study.arms):
        lines.append("  " + comment(tell("add_dose")))
    if answers.design != "single_arm":
        if "reference" in answers.assumed:
            lines.append(comment("ASSUME: " + tell("assume_reference")))
        lines.append(f"reference: {scalar(answers.reference)}")
    return lines


def _visits(study: Assembled, answers: Answers, tell: Tell) -> list[str]:
    """The visits and their weeks."""
    lines = ["visits:", "  " + comment(tell("why_visit_order"))]
    for visit, week in zip(study.visits, answers.weeks, strict=True):
        says = {"label": visit.label, "week": week, "phase": visit.phase}
        line = f"  {scalar(visit.name)}: {flow(says)}"
        if visit.assumed and "weeks" in answers.assumed:
            line += "   " + comment("ASSUME: " + tell("assume_week"))
        lines.append(line)
    return lines


def _outcomes(study: Assembled, tell: Tell) -> list[str]:
    """The outcomes."""
    lines = ["outcomes:", "  " + comment(tell("why_range"))]
    for outcome in study.outcomes:
        lines.append("  " + comment(outcome.why))
        line = f"  {scalar(outcome.name)}: {flow(_outcome_says(outcome))}"
        if outcome.assumed_unit and outcome.unit != "not stated":
            line += "   " + comment("ASSUME: " + tell("assume_unit", unit=outcome.unit))
        lines.append(line)
    return lines


def _outcome_says(outcome: OutcomeWord) -> dict[str, Any]:
    """The keys of an outcome."""
    says: dict[str, Any] = {
        "label": outcome.label,
        "construct": outcome.construct,
        "unit": outcome.unit,
        "measure": outcome.measure,
        "region": outcome.region,
    }
    if outcome.construct == "function" and outcome.unit == "s":
        says["higher_is"] = "worse"
    if outcome.low is not None and outcome.high is not None:
        says["range"] = [outcome.low, outcome.high]
        if outcome.low < 0:
            says["ratio_scale"] = False
    return says


def _comparisons(study: Assembled, answers: Answers, tell: Tell) -> list[str]:
    """The primary outcome, the contrasts, and when arms are compared."""
    lines = [comment(tell("why_primary")), f"primary_outcome: {scalar(study.outcomes[0].name)}"]
    if answers.design == "single_arm":
        lines.append("contrasts: []")
    else:
        if "question" in answers.assumed:
            lines.append(comment("ASSUME: " + tell("assume_question", question=answers.question)))
        lines.append("contrasts:")
        lines += [
            "  - "
            + flow({"contrast": f"{arm.name} - {answers.reference}", "question": answers.question})
            for arm in study.arms
            if arm.name != answers.reference
        ]
    training = [visit for visit in study.visits[1:] if visit.phase == "training"] or study.visits[
        1:
    ]
    lines.append(comment(tell("why_at")))
    lines.append(f"at: [{scalar(training[-1].name)}]")
    return lines


def _table(guess: TableGuess, study: Assembled, tell: Tell) -> list[str]:
    """A table, how it is read, and its steps."""
    seen = guess.seen
    given = seen.table.model_dump(exclude_defaults=True)
    lines = [f"  - file: {scalar(given.pop('file'))}"]
    if guess.holds == "participants":
        lines += [
            "    " + comment(tell("why_people")),
            f"    name: {PEOPLE}",
            "    holds: participants",
        ]
    for key, value in given.items():
        if key in seen.why:
            lines.append("    " + comment(seen.why[key]))
        lines.append(f"    {key}: {flow(value)}")
    date = guess.column("date")
    if date is not None and date_format(date.values) != "%Y-%m-%d":
        lines.append("    " + comment(tell("is_role", column=date.name, role=tell("role_date"))))
        lines.append(f"    date_format: {scalar(date_format(date.values))}")
    for role in ("participant", "value", "limb", "age"):
        if role in guess.roles:
            said = tell("is_role", column=guess.roles[role], role=tell(f"role_{role}"))
            lines.append("    " + comment(f"{said}: {guess.why[role]}"))
    if guess.unread:
        lines.append("    " + comment(tell("not_read", columns=", ".join(guess.unread[:30]))))
    steps = steps_of(guess, study, tell)
    if steps:
        lines.append("    steps:")
    for line in steps:
        if line.why:
            lines.append("      " + comment(line.why))
        lines += _step(line.step)
    return lines


def _step(step: Mapping[str, Any]) -> list[str]:
    """A step on one line, or on several where it would be long."""
    one = "      - " + flow(step)
    if len(one) <= 110 or step["step"] not in ("reshape", "map"):
        return [one]
    lines = []
    for position, (key, value) in enumerate(step.items()):
        start = "      - " if position == 0 else "        "
        if isinstance(value, Mapping):
            lines.append(f"{start}{key}:")
            lines += [f"          {scalar(inner)}: {flow(item)}" for inner, item in value.items()]
        else:
            lines.append(f"{start}{key}: {flow(value)}")
    return lines


def _columns(study: Assembled) -> list[str]:
    """Which columns there are beside the five that every study has."""
    roles = {role for guess in study.tables for role in guess.roles}
    named: dict[str, str] = {
        role: role
        for role in ("sex", "age", "height", "sessions_attended", "date", "unit")
        if role in roles
    }
    if "period" in roles and study.design == "crossover":
        named["period"] = "period"
    if units_differ(study):
        named["unit"] = "unit"
    if study.has_limbs:
        named = {"limb": "limb", **named}
    return [f"columns: {flow(named)}"] if named else []
