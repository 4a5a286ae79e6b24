"""The words that readers see for the names that files use."""

from __future__ import annotations

import math
from dataclasses import dataclass

from howlow.analysis.estimates import Estimate
from howlow.analysis.methods import method_names
from howlow.config.trial import OLDER_FROM, YOUNG_UNDER, Arm
from howlow.data.declaration import Declaration
from howlow.present.wording import READINGS


@dataclass(frozen=True)
class QuestionWords:
    """A question as a heading, and what an effect above, below and at zero says."""

    title: str
    above: str
    below: str
    level: str = "there was no difference at all"


_CHANGED = ("gained", "lost", "did not change")
#: Every question that is drawn, in the order of the page.
QUESTIONS = {
    "load": QuestionWords(
        "How light a load?", "the lighter arm gained more", "the heavier arm gained more"
    ),
    "frequency": QuestionWords(
        "How few sessions a week?",
        "fewer sessions gained more",
        "more sessions gained more",
    ),
    "volume": QuestionWords("How few sets?", "fewer sets gained more", "more sets gained more"),
    "failure": QuestionWords(
        "Must sets go to failure?",
        "stopping short of failure gained more",
        "going to failure gained more",
    ),
    "training": QuestionWords(
        "Training against none", "training gained more", "no training gained more"
    ),
    "countermeasure": QuestionWords(
        "Training during disuse",
        "the arm that trained kept more",
        "the arm that did not train kept more",
    ),
    "disuse": QuestionWords("What disuse costs", *_CHANGED),
    "recovery": QuestionWords("What comes back after disuse", "regained", "lost further"),
    "deficit": QuestionWords(
        "What is still missing after recovery", "above the start", "still below"
    ),
    "detraining": QuestionWords("What stopping training costs", "gained", "lost"),
}
#: Questions that one arm's change over time answers.
CHANGES = ("disuse", "recovery", "deficit", "detraining")
#: Changes of which no more is counted than how many lie above zero.
ABOVE_ZERO_ONLY = ("recovery", "deficit", "detraining")
#: What the changes of a question are counted from, where the heading does not say it.
COUNTED_FROM = {
    "recovery": "Changes are counted from the end of disuse.",
    "deficit": "Changes are counted from before disuse.",
}
#: Questions whose times are said in days where they are no whole weeks.
IN_DAYS = ("disuse", "recovery", "deficit", "countermeasure")
#: From so many weeks on, days are counted no more.
_LONG = 20.0
TIME_NOT_PRINTED = "time not printed"

#: Questions whose comparisons are never drawn as effects.
NOT_SHOWN_QUESTIONS = (
    "supplement",
    "rest_interval",
    "exercise",
    "maintenance",
    "critical_illness",
)

DESIGNS = {
    "parallel": "parallel groups",
    "within_participant": "limbs of one person",
    "crossover": "crossover",
    "single_arm": "single arm",
}

_ONE_TRIAL = ("one trial", "One trial: its own effect, shown where it is the only one")
#: How trials are put together, in plain words: short, and in a sentence.
POOLING = {
    "reml-hksj": (
        "REML, HKSJ",
        (
            "Random-effects mean over trials: restricted maximum likelihood for the spread between "
            "trials, Hartung-Knapp-Sidik-Jonkman interval"
        ),
    ),
    "reml-hksj-adhoc": (
        "REML, HKSJ, widened, because the trials agree by chance",
        (
            "The same mean with its interval widened, because the trials agree by chance: "
            "never narrower than that of a common effect"
        ),
    ),
    "one-stage": (
        "one stage",
        (
            "One stage: participants and stand-in values of all trials in one mixed model, each "
            "trial with an intercept, a slope of the baseline and a residual variance of its own, "
            "and an effect that varies between trials, by restricted maximum likelihood, "
            "Satterthwaite; a check on the mean over trials"
        ),
    ),
    "network-reml": (
        "network, REML",
        (
            "Network of prescriptions: effects of all trials against a shared reference, with one "
            "spread between trials by restricted maximum likelihood and a Hartung-Knapp factor of "
            "at least one"
        ),
    ),
    "one trial": _ONE_TRIAL,
}
#: Whose trials are put together.
POPULATIONS = {
    "all": "all ages",
    "young": f"people under {YOUNG_UNDER}",
    "older": f"people of {OLDER_FROM} and over",
}
#: Which trials are put together, where not all are.
SUBSETS = {"uncautioned": "without cautioned or selectively printed rows"}
#: What is said wherever a widened interval stands.
WIDENED = "widened, because the trials agree by chance"


def method_words(method: str) -> str:
    """A method and its reading, short: `ANCOVA, ± read as SEM`."""
    plain, _, variant = method.partition("[")
    name = (POOLING.get(plain) or method_names(plain))[0]
    return f"{name}, {variant_words(method)}" if variant else name


def variant_words(method: str) -> str:
    """The reading that a method's name holds in brackets, in words."""
    variant = method.partition("[")[2].removesuffix("]")
    return (SUBSETS | READINGS).get(variant, variant.replace("_", " "))


def time_words(at: str, labels: dict[str, str]) -> str:
    """`post - baseline` as `Baseline to Week 12`; a single visit by its label."""

    def label(visit: str) -> str:
        name = labels.get(visit, visit.replace("_", " "))
        return name[:1].upper() + name[1:]

    visit, _, start = at.partition(" - ")
    return f"{label(start)} to {label(visit)[:1].lower()}{label(visit)[1:]}" if start else label(at)


def weeks_words(weeks: float, question: str) -> str:
    """Weeks, or days around disuse where they are no whole weeks."""
    if not 0 < weeks < math.inf:
        return TIME_NOT_PRINTED
    whole = abs(weeks - round(weeks)) < 0.005
    if question in IN_DAYS and weeks < _LONG and not whole:
        days = round(7 * weeks)
        return f"{days} day{'' if days == 1 else 's'}"
    text = f"{round(weeks)}" if whole else f"{weeks:.3g}"
    return f"{text} week{'' if text == '1' else 's'}"


def reasons(note: str) -> list[str]:
    """The parts of a note, without the full stops that end them."""
    return [part.rstrip(" .") for part in note.split("; ") if part.strip(" .")]


def dose_words(arm: Arm) -> str:
    """What is declared of an arm's dose, in a line."""
    parts = [
        _span(arm.load_pct_1rm, " % 1RM"),
        _span(arm.rm, " RM"),
        _span(arm.repetitions, " repetitions"),
        _span(arm.sets, " sets"),
        f"{arm.sets_per_week:g} sets a week" if arm.sets_per_week is not None else "",
        _sessions(arm.sessions_per_week),
        {True: "to failure", False: "short of failure", None: ""}[arm.to_failure],
        "blood flow restricted" if arm.blood_flow_restriction else "",
    ]
    return "; ".join(part for part in parts if part)


def outcome_words(found: Estimate, trial: Declaration | None) -> str:
    """An outcome's label."""
    outcome = trial.outcomes.get(found.outcome) if trial else None
    return outcome.label if outcome else found.outcome.replace("_", " ")


def _span(ends: tuple[float, float] | None, unit: str) -> str:
    """`8–12 RM`, or one number where both ends are the same."""
    if ends is None:
        return ""
    low, high = ends
    text = f"{low:g}" if low == high else f"{low:g}–{high:g}"
    return f"{text}{unit.removesuffix('s') if text == '1' else unit}"


def _sessions(sessions: float | None) -> str:
    """Sessions a week in words."""
    if sessions is None:
        return ""
    if sessions == 0:
        return "no training"
    return f"{sessions:g} session{'' if sessions == 1 else 's'} a week"
