"""Which questions are asked about a study, and what they default to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import get_args

from howlow.config.trial import Design
from howlow.config.trial import Question as Asked
from howlow.intake.arms import guess_question, guess_reference
from howlow.intake.asking import Asker, Question, one_of, rising, weeks_in
from howlow.intake.assembled import Assembled
from howlow.intake.columns import TableGuess
from howlow.intake.drafting import Answers
from howlow.intake.guessing import MOST_ARMS
from howlow.intake.vocabulary import unaccented
from howlow.intake.words import Tell

#: Every answer that can be given as an option or in a file.
QUESTION_KEYS = (
    "study", "title", "design", "reference", "question", "weeks", "licence", "citation",
)  # fmt: skip
#: Stands for no column.
NONE = "none"
_DESIGNS: tuple[str, ...] = get_args(Design)
_ASKED: tuple[str, ...] = get_args(Asked)
_STUDY_ID = re.compile(r"(?!(con|prn|aux|nul|com[0-9]|lpt[0-9])\Z)[a-z][a-z0-9_-]{0,39}")


def ask_arm_column(guesses: Sequence[TableGuess], asker: Asker, tell: Tell) -> str:
    """The column that names the arm, where none was found; empty for a study of one arm."""
    if asker.given.get("design") == "single_arm":
        return ""
    likely = [
        column.name
        for guess in guesses
        for column in guess.columns.values()
        if 1 < len(column.values) <= MOST_ARMS and column.name in guess.unread
    ]
    options = list(dict.fromkeys(likely))
    if not options:
        return ""
    text = tell("ask_arm_column", columns=", ".join(options))
    allowed = ", ".join([*options, NONE])
    answer = asker.ask(Question("arm_column", text, NONE, allowed, one_of([*options, NONE])))
    return "" if answer == NONE else answer


def ask_name(asker: Asker, stem: str, tell: Tell) -> str:
    """What the study and its folder are to be called."""
    return asker.ask(
        Question("study", tell("ask_study"), _id_from(stem), tell("allowed_study"), _is_id)
    )


def ask_design(study: Assembled, asker: Asker, tell: Tell) -> str:
    """How arms were made; not asked where there is one arm alone."""
    if study.design == "single_arm" and "design" not in asker.given:
        return study.design
    options = ", ".join(_DESIGNS)
    text = tell("ask_design", options=options, why=study.why_design)
    return asker.ask(Question("design", text, study.design, options, one_of(_DESIGNS)))


def ask_rest(name: str, study: Assembled, asker: Asker, tell: Tell) -> Answers:
    """Ask what else no table says of a study: reference, question, weeks, licence."""
    design = study.design
    reference = question = ""
    if design != "single_arm":
        arms = [arm.name for arm in study.arms]
        text = tell("ask_reference", options=", ".join(arms))
        default = guess_reference(study.arms)
        reference = asker.ask(Question("reference", text, default, ", ".join(arms), one_of(arms)))
        options = ", ".join(_ASKED)
        default = guess_question(study.arms) or "exercise"
        text = tell("ask_question", options=options)
        question = asker.ask(Question("question", text, default, options, one_of(_ASKED)))
    weeks = _weeks(study, asker, tell)
    licence = asker.ask(
        Question(
            "licence", tell("ask_licence"), tell("default_licence"), tell("allowed_text"), bool
        )
    )
    outcomes = ", ".join(outcome.label for outcome in study.outcomes[:3])
    files = ", ".join(dict.fromkeys(guess.seen.path.name for guess in study.tables))
    return Answers(
        study=name,
        title=asker.given.get("title") or tell("title", study=name, outcomes=outcomes),
        design=design,
        reference=reference,
        question=question,
        licence=licence,
        citation=asker.given.get("citation") or tell("citation", files=files),
        weeks=weeks,
        assumed=frozenset(asker.assumed),
    )


def _weeks(study: Assembled, asker: Asker, tell: Tell) -> tuple[float, ...]:
    """The week of each visit; asked only where no cell says it."""
    guessed = tuple(visit.week for visit in study.visits)
    if not any(visit.assumed for visit in study.visits) and "weeks" not in asker.given:
        return guessed
    count = len(guessed)
    names = ", ".join(visit.label for visit in study.visits)
    default = " ".join(f"{week:g}" for week in guessed)
    answer = asker.ask(
        Question(
            "weeks",
            tell("ask_weeks", visits=names),
            default,
            tell("allowed_weeks", count=count),
            lambda text: rising(text, count),
        )
    )
    return weeks_in(answer)


def _is_id(answer: str) -> bool:
    """Whether an answer can be the name of a study's folder."""
    return bool(_STUDY_ID.fullmatch(answer))


def _id_from(stem: str) -> str:
    """A name for the study from the name of its file."""
    name = re.sub(r"[^a-z0-9]+", "-", unaccented(stem).lower()).strip("-")[:40].strip("-")
    if not name or not name[0].isalpha():
        name = f"study-{name}".strip("-")[:40]
    return name if _is_id(name) else f"{name[:30]}-study"
