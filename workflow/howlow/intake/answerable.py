"""Which claims a study can answer, and why not the others: from what is declared and counted.

Nothing here looks at a result, so an ongoing study can be asked as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from howlow.config.claim_rules import ArmNeeded, arm_fits, within
from howlow.config.claims import Claim, Claims
from howlow.config.settings import Config
from howlow.config.trial import Arm, sides
from howlow.intake.brought import Brought
from howlow.intake.phrases import said
from howlow.report.titles import Language

Can = Literal["yes", "partly", "no"]

#: Below this an arm is only described.
FEWEST = 5
#: So many trials of a collection are named in a reason.
_NAMED = 5


@dataclass(frozen=True)
class Answer:
    """Whether a claim can be answered, the reasons that stand in the way, and what there is."""

    claim: str
    can: Can
    because: tuple[str, ...] = ()
    there: str = ""


def answerable(
    trials: Sequence[Brought],
    config: Config,
    claims: Claims,
    language: Language = "en",
) -> list[Answer]:
    """An answer for each claim: of one trial with its reasons, of several with how many can."""
    answers = []
    for name, claim in claims.claims.items():
        found = [_answer(name, claims, trial, config, language) for trial in trials]
        one = len(found) == 1 or claim.kind != "trial"
        answers.append(
            found[0] if one and found else _of_several(name, claim, found, trials, language)
        )
    return answers


def _of_several(
    name: str,
    claim: Claim,
    found: Sequence[Answer],
    trials: Sequence[Brought],
    language: Language,
) -> Answer:
    """What a collection can do for a claim: the number of its trials that can speak to it."""
    able = {
        can: [trial.id for trial, answer in zip(trials, found, strict=True) if answer.can == can]
        for can in ("yes", "partly")
    }
    whole, part = able["yes"], able["partly"]
    named = (whole or part)[:_NAMED]
    names = ", ".join(named) + (" ..." if len(whole or part) > len(named) else "")
    key = "of_several" if whole or part else "none_of_several"
    told = said(key, language, whole=len(whole), part=len(part), all=len(trials))
    told = f"{told}: {names}" if named else told
    can: Can = "yes" if whole else "partly" if part else "no"
    if can == "yes":
        return Answer(name, can, (), told)
    # Of trials that ask something else the reasons tell nothing.
    reasons = Counter(
        reason
        for trial, answer in zip(trials, found, strict=True)
        if answer.can == can and (can == "partly" or _asks(claim, trial))
        for reason in answer.because
    )
    most = [said("most_often", language, reason=reasons.most_common(1)[0][0])] if reasons else []
    return Answer(name, can, tuple(most), told)


def _answer(
    name: str, claims: Claims, trial: Brought, config: Config, language: Language
) -> Answer:
    """Whether one trial can answer a claim."""
    claim = claims.claims[name]
    if claim.kind != "trial":
        return Answer(name, "no", (said(f"needs_{claim.kind}", language),))
    if trial.simulated:
        return Answer(name, "no", (said("simulated", language),))
    chosen = _arms(claim.arms, trial, config)
    measured = {outcome.construct for outcome in trial.outcomes}
    there = [name for name in claim.aspects if measured & set(claims.aspects[name].constructs)]
    absent = [name for name in claim.aspects if name not in there]
    wanting = [
        *_missing_arms(claim.arms, trial, config, language),
        *(said("a_visit", language, phase=phase) for phase in _missing_phases(claim, trial)),
    ]
    if not there:
        wanting += [said("an_outcome", language, aspect=_labels(absent, claims, language))]
    if not claim.arms and not _asks(claim, trial):
        wanting += [said("a_contrast", language, question=claim.question)]
    prevented = _needs(wanting, language)
    if chosen is None and not _missing_arms(claim.arms, trial, config, language):
        both = said("and", language).join(_in_words(need, language) for need in claim.arms)
        prevented += [said("not_enough_arms", language, arms=both)]
    if claim.compares_ages and trial.population.age not in (None, "mixed", *claim.ages):
        prevented += [_about_age(claim, trial, language)]
    if prevented:
        return Answer(name, "no", tuple(prevented))
    weakened = [
        *_wrong_weeks(claim, trial, language),
        *_comparison(claim, trial, chosen or (), language),
        *_few_people(trial, chosen or tuple(trial.arms), language),
    ]
    if claim.ages and (claim.compares_ages or trial.population.age not in claim.ages):
        weakened += [_about_age(claim, trial, language)] if trial.population.age != "mixed" else []
    doses = [_dose(trial.arms[arm]) for arm in (chosen or ())[:2]]
    if absent:
        only, lacking = _labels(there, claims, language), _labels(absent, claims, language)
        weakened.insert(0, said("only", language, aspect=only, absent=lacking))
    arms = said("arms_there", language, arms=" / ".join(doses)) if doses else ""
    return Answer(name, "partly" if weakened else "yes", tuple(weakened), arms)


def _needs(wanting: Sequence[str], language: Language) -> list[str]:
    """All that is not there in one sentence."""
    if not wanting:
        return []
    listed = ", ".join(wanting[:-1]) + (said("and", language) if wanting[1:] else "") + wanting[-1]
    return [said("needs_several" if wanting[1:] else "needs_one", language, what=listed)]


def _labels(aspects: Iterable[str], claims: Claims, language: Language) -> str:
    """Aspects in words."""
    labels = (str(getattr(claims.aspects[name].label, language)) for name in aspects)
    return said("and", language).join(labels)


def _arms(needed: Sequence[ArmNeeded], trial: Brought, config: Config) -> tuple[str, ...] | None:
    """An arm for each that is needed; among several ways one that is set against each other.

    None where there is no way.
    """
    fitting = [
        [name for name, arm in trial.arms.items() if arm_fits(arm, need, config)] for need in needed
    ]
    ways = [way for way in product(*fitting) if _all_differ(way, needed, trial)]
    declared = {frozenset(sides(contrast.contrast)) for contrast in trial.contrasts}
    ways.sort(key=lambda way: frozenset(way[:2]) not in declared)
    return ways[0] if ways else None


def _all_differ(way: Sequence[str], needed: Sequence[ArmNeeded], trial: Brought) -> bool:
    """Whether each arm is another one, and those asked for by sessions a week differ in them."""
    sessions = [
        trial.arms[arm].sessions_per_week
        for arm, need in zip(way, needed, strict=True)
        if need.sessions_per_week is not None
    ]
    return len(set(way)) == len(way) and len(set(sessions)) == len(sessions)


def _missing_arms(
    needed: Sequence[ArmNeeded], trial: Brought, config: Config, language: Language
) -> list[str]:
    """Arms that are needed and not there, in words."""
    return [
        said("an_arm", language, arm=_in_words(need, language))
        for need in needed
        if not any(arm_fits(arm, need, config) for arm in trial.arms.values())
    ]


def _in_words(need: ArmNeeded, language: Language) -> str:
    """An arm that is needed, in words that say which key makes it one."""
    if need.sessions_per_week is not None and need.sessions_per_week[1] == 0:
        return said("no_training", language)
    words = []
    if need.dose:
        words.append(said(f"{need.dose}_load", language))
    for key in ("load_pct_1rm", "rm", "sessions_per_week"):
        pair = getattr(need, key)
        if pair is not None:
            words.append(said(key, language, low=f"{pair[0]:g}", high=f"{pair[1]:g}"))
    if need.to_failure is not None:
        words.append(said("to_failure" if need.to_failure else "short_of_failure", language))
    return ", ".join(words) or said("any_arm", language)


def _missing_phases(claim: Claim, trial: Brought) -> list[str]:
    """Phases that are needed and have no visit."""
    there = {phase for phase, _ in trial.visits}
    return [phase for phase in claim.phases if phase not in there]


def _wrong_weeks(claim: Claim, trial: Brought, language: Language) -> Iterator[str]:
    """Visits that all lie before or after the time the claim is about."""
    weeks = [week for phase, week in trial.visits if phase in (claim.phases or (phase,))]
    if claim.weeks is None or not weeks or any(within(week, claim.weeks) for week in weeks):
        return
    low, high = claim.weeks
    yield said("weeks", language, week=f"{max(weeks):g}", low=f"{low:g}", high=f"{high:g}")


def _comparison(
    claim: Claim, trial: Brought, chosen: Sequence[str], language: Language
) -> Iterator[str]:
    """What keeps a difference from being an effect."""
    if chosen:
        pairs = {
            (frozenset(sides(contrast.contrast)), contrast.question) for contrast in trial.contrasts
        }
        if (frozenset(chosen[:2]), claim.question) not in pairs:
            contrast = " - ".join(chosen[:2])
            yield said("declare", language, contrast=contrast, question=claim.question)
    elif not any(contrast.question == claim.question for contrast in trial.contrasts):
        yield said("change_only", language)
        return
    if trial.randomised != "yes":
        yield said("not_randomised", language)


def _asks(claim: Claim, trial: Brought) -> bool:
    """Whether a study without needed arms is about the question at all."""
    if any(contrast.question == claim.question for contrast in trial.contrasts):
        return True
    return claim.question in trial.questions or claim.question in {
        phase for phase, _ in trial.visits
    }


def _few_people(trial: Brought, arms: Sequence[str], language: Language) -> Iterator[str]:
    """Arms too small for more than a description."""
    small = [arm for arm in arms if arm in trial.people and trial.people[arm] < FEWEST]
    if small:
        yield said("few", language, arms=", ".join(small), fewest=FEWEST)


def _about_age(claim: Claim, trial: Brought, language: Language) -> str:
    """The ages of the claim against those of the study."""
    ages = said("and" if claim.compares_ages else "or", language).join(
        said(age, language) for age in claim.ages
    )
    if trial.population.age is None:
        return said("age_unknown", language, ages=ages)
    return said("age", language, age=said(trial.population.age, language), ages=ages)


def _dose(arm: Arm) -> str:
    """The dose of an arm as it is declared, in short."""
    if arm.sessions_per_week == 0:
        return arm.label
    parts = []
    for pair, unit in ((arm.load_pct_1rm, "% 1RM"), (arm.rm, "RM")):
        if pair is not None:
            low, high = pair
            parts.append(f"{low:g} {unit}" if low == high else f"{low:g}-{high:g} {unit}")
    if arm.sessions_per_week is not None:
        parts.append(f"{arm.sessions_per_week:g}x")
    return " ".join(parts) or arm.label
