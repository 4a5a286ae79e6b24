"""The handful of questions that no table answers, each with a default, an option and an answer."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TextIO

from howlow.errors import HowlowError, InputError
from howlow.findings import Finding
from howlow.intake.words import Tell


@dataclass(frozen=True)
class Question:
    """A question, its default, and what makes an answer one; `allowed` says it in words."""

    key: str
    text: str
    default: str
    allowed: str
    fits: Callable[[str], bool]


@dataclass
class Asker:
    """Asks, or takes what was given as an option or in a file, or takes the default.

    `assumed` names the questions that nobody answered.
    """

    given: Mapping[str, str]
    take_defaults: bool
    tell: Tell
    terminal: TextIO = field(default_factory=lambda: sys.stdin)
    assumed: set[str] = field(default_factory=set)
    _told: bool = False

    def ask(self, question: Question) -> str:
        """The answer to a question.

        Raises
        ------
        HowlowError
            If an answer that was given as an option will not do, or nobody wants to answer.
        """
        if question.key in self.given:
            answer = self.given[question.key].strip()
            if not question.fits(answer):
                raise HowlowError(self._not_one(question, answer))
            return answer
        if self.take_defaults or not self.terminal.isatty():
            return self._default(question)
        while True:
            try:
                answer = input(f"{question.text} [{question.default}]: ").strip()
            except (EOFError, KeyboardInterrupt):
                print(file=sys.stderr)
                raise HowlowError(self.tell("stopped")) from None
            if not answer:
                return question.default
            for spelt in (answer, answer.lower()):
                if question.fits(spelt):
                    return spelt
            print(self._not_one(question, answer), file=sys.stderr)

    def _default(self, question: Question) -> str:
        """The default, told: nobody was there to choose."""
        if not self.take_defaults and not self._told:
            print(self.tell("no_terminal"), file=sys.stderr)
            self._told = True
        self.assumed.add(question.key)
        print(self.tell("taken", key=question.key, value=question.default), file=sys.stderr)
        return question.default

    def _not_one(self, question: Question, answer: str) -> str:
        """What is wrong with an answer."""
        return self.tell("not_an_answer", given=answer, key=question.key, allowed=question.allowed)


def one_of(options: Sequence[str]) -> Callable[[str], bool]:
    """Whether an answer is one of the options."""
    return lambda answer: answer in options


def weeks_in(answer: str) -> tuple[float, ...]:
    """The numbers of an answer such as `0 6 12` or `0, 6, 12,5`; () where it is not numbers."""
    parts = [part.strip(",") for part in re.split(r"[\s;]+", answer.strip()) if part.strip(",")]
    if len(parts) == 1:
        parts = parts[0].split(",")
    try:
        return tuple(float(part.replace(",", ".")) for part in parts)
    except ValueError:
        return ()


def rising(answer: str, count: int) -> bool:
    """Whether an answer is as many numbers as there are visits, each larger than the last."""
    weeks = weeks_in(answer)
    return len(weeks) == count and weeks[0] == 0 and all(a < b for a, b in pairwise(weeks))


def read_answers(path: Path, known: Sequence[str]) -> dict[str, str]:
    """Answers from a YAML file of `key: value` lines; raise InputError for keys nobody asks."""
    from howlow.config.documents import read_yaml
    from howlow.config.schema import unknown

    document = read_yaml(path)
    faults: list[Finding] = []
    answers: dict[str, str] = {}
    for key, value in document.data.items():
        if key not in known:
            found = "this answer is not asked for"
            faults.append(document.fault("G01", (key,), found, unknown(key, known)))
        elif isinstance(value, list):
            answers[key] = " ".join(str(item) for item in value)
        elif isinstance(value, dict) or value is None:
            faults.append(document.fault("G01", (key,), "this is no answer", "Write `key: value`"))
        else:
            answers[key] = str(value)
    if faults:
        raise InputError(faults)
    return answers
