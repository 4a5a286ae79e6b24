"""The arms of a study, the dose that their names hold, and what they differ in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from howlow.intake.assembled import ArmWord, Assembled
from howlow.intake.columns import TableGuess
from howlow.intake.spelling import grouped
from howlow.intake.vocabulary import clean_label, dose_in, safe_name
from howlow.intake.words import Tell

#: Arms that others are set against, by their name.
_REFERENCE = (
    r"contr|\bctrl?\b|placebo|sham|geen|usual|\bcon\b|none",
    r"heavy|zwaar|high.?load|80|single|one.?set|een.?set|low.?vol",
)


_QUESTIONS = (
    (r"bed ?rest|immobil|disuse|unload|bedrust", "disuse"),
    (r"creatin|protein|eiwit|placebo|supplement|vitamin", "supplement"),
    (r"contr|\bctrl?\b|geen|usual|\bcon\b|none", "training"),
    (r"\brm\d|\d ?rm\b|%|heavy|light|zwaar|licht|\bload|high.?load|low.?load", "load"),
    (r"\bsets?\b|single|multiple|volume|reeks", "volume"),
    (r"freq|per week|x week|\bx ?/|times|keer|sessions", "frequency"),
    (r"fail|falen|uitputting", "failure"),
)


def arms_of(study: Assembled, tell: Tell) -> list[ArmWord]:
    """The arms and the dose that their names hold."""
    if study.design == "single_arm":
        return [ArmWord("all", "All participants", [], tell("why_arm_single"))]
    if study.has_limbs:
        for guess in study.tables:
            if len(guess.limbs_of) > 1:
                return _named_limbs(guess, tell)
        for guess in study.tables:
            if len(guess.limbs_of) == 1:
                name = guess.limbs_of[0]
                first = ArmWord(safe_name(name, "arm"), clean_label(name, name), [name])
                return [first, ArmWord("other_limb", tell("label_other_limb"), [])]
    counts: Counter[str] = Counter()
    header = ""
    for guess in study.tables:
        column = guess.column("arm")
        if column is not None:
            header = header or column.label or column.name.rpartition("|")[2]
            counts.update(cell for cell in column.cells if cell)
    arms: list[ArmWord] = []
    for spellings in grouped(counts, study.unlike):
        text = max(spellings, key=lambda item: counts[item]).strip()
        label = f"{header} {text}" if re.fullmatch(r"[\d.]+", text) else text
        name = safe_name(label, "arm", [arm.name for arm in arms])
        dose = dose_in(text) or dose_in(label)
        arms.append(ArmWord(name, clean_label(label, name), spellings, "", dose))
    return arms or [ArmWord("all", "All participants", [])]


def _named_limbs(guess: TableGuess, tell: Tell) -> list[ArmWord]:
    """Arms that are columns: each holds the limb that was in it."""
    arms: list[ArmWord] = []
    for name in guess.limbs_of:
        arm = safe_name(name, "arm", [arm.name for arm in arms])
        dose = dose_in(name) or dose_in(f"{name} set")
        reason = tell("why_arm_column", column=name)
        arms.append(ArmWord(arm, clean_label(name, arm), [name], reason, dose))
    return arms


def guess_reference(arms: Sequence[ArmWord]) -> str:
    """The arm that others are set against: control, else the heavy load or the small volume."""
    doses = [(arm.dose, arm) for arm in arms if arm.dose]
    for pattern in _REFERENCE[:1]:
        for arm in arms:
            if re.search(pattern, f"{arm.name.replace('_', ' ')} {arm.label}".lower()):
                return arm.name
    if len(doses) == len(arms) > 1:
        sign = -1 if doses[0][0] and doses[0][0][0] == "load_pct_1rm" else 1
        return min(doses, key=lambda pair: sign * pair[0][1][0] if pair[0] else 0)[1].name
    for arm in arms:
        if re.search(_REFERENCE[1], f"{arm.name.replace('_', ' ')} {arm.label}".lower()):
            return arm.name
    return arms[-1].name


def guess_question(arms: Sequence[ArmWord]) -> str | None:
    """The question that the names of the arms speak of, None where they speak of none."""
    text = " ".join(f"{arm.name.replace('_', ' ')} {arm.label}" for arm in arms).lower()
    return next((question for pattern, question in _QUESTIONS if re.search(pattern, text)), None)
