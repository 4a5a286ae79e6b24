"""Choices within the mixed model: covariance, baseline, covariates, who counts, and inference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.estimand.population import population
from howlow.analysis.fitting.fits import SmallSample
from howlow.analysis.fitting.longitudinal import Model, fit_model
from howlow.analysis.fitting.structures import (
    AR1H,
    PEOPLE_A_SLOT,
    RANDOM_SLOPE,
    UNSTRUCTURED,
    carries_one_baseline,
    chain_of,
)
from howlow.analysis.robustness.candidates import (
    Candidate,
    answer,
    at_hand,
    engine_batch,
    with_known,
)
from howlow.analysis.robustness.choices import Choice, Setting, Traits
from howlow.analysis.robustness.clustered import ClusterRobust
from howlow.errors import DesignError
from howlow.model import BatchInference

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Cohort, Positions


#: Covariance models for arms of people; each keeps its error rate where the truth is another
#: (benchmarks/results/multiverse.json).
OF_PEOPLE = (UNSTRUCTURED, RANDOM_SLOPE, AR1H)
#: Participants seen at every visit, beyond one a visit, that each arm needs for a covariance of its
#: own.
SPARE_BY_ARM = 2


def mixed_candidates(
    setting: Setting, summary: bool, per_protocol: Positions | None
) -> Iterator[Candidate]:
    """All choices within the mixed model that are defensible here."""
    if setting.primary.fitted.model is None:
        return
    yield from _structures(setting)
    if setting.model.constrained:
        yield _mixed(
            setting,
            "own-baseline",
            "each arm has a baseline mean of its own; changes are compared",
            setting.main,
            replace(setting.model, constrained=False),
            replace(setting.usual, baseline="of each arm"),
        )
    yield from _inferences(setting, summary)
    if not summary:
        yield from _covariates(setting)
        yield from _populations(setting, per_protocol)


def _mixed(
    setting: Setting, name: str, words: str, rows: Cohort, model: Model, traits: Traits
) -> Candidate:
    """A mixed model of some rows, of the participants whose covariates are known."""

    def make() -> Choice:
        """Fit it, unless the numbers do not carry it."""
        known = with_known(rows, model.covariates)
        lacking = _lacks_by_arm(known) if model.by_arm else model.structure.lacks(known)
        if lacking:
            raise DesignError(lacking)
        one = model.constrained and carries_one_baseline(known, model.structure)
        fit = fit_model(known, replace(model, constrained=one))
        told = replace(
            traits,
            model="constrained longitudinal" if one else "longitudinal",
            baseline="one for all arms" if one else "of each arm",
        )
        return setting.judge(name, words, told, answer(fit, setting), fit.n_participants)

    return Candidate(name, words, make)


def _lacks_by_arm(cohort: Cohort) -> str:
    """What an arm lacks for an unstructured covariance of its own, in words."""
    visits = len(cohort.visits)
    for arm in cohort.arms:
        mine = cohort.of_arms([arm])
        everywhere = mine.visits == cohort.visits
        people, complete = len(mine.people), int(mine.complete().sum()) * everywhere
        if people < PEOPLE_A_SLOT * visits:
            return f"{arm}: {people} participants; {PEOPLE_A_SLOT * visits} are needed"
        if complete < visits + SPARE_BY_ARM:
            needed = visits + SPARE_BY_ARM
            return f"{arm}: {complete} participants were seen at every visit; {needed} are needed"
    return ""


def _structures(setting: Setting) -> Iterator[Candidate]:
    """Other covariance models, and fewer visits."""
    main, people, usual = setting.main, setting.people, setting.usual
    of_people, many = chain_of(people)[0] is UNSTRUCTURED, len(people.visits) > 2
    # Chance made the arms or not, whatever the numbers carried in the primary analysis.
    constrained = setting.card.baseline == "one for all arms"
    for structure in OF_PEOPLE if of_people else chain_of(people):
        same = structure is setting.model.structure and main.visits == people.visits
        # With two visits the other members for arms of people are the unstructured one in disguise.
        if same or (of_people and not many and structure is not UNSTRUCTURED):
            continue
        model = replace(setting.model, structure=structure, constrained=constrained, by_arm=False)
        traits = replace(usual, covariance=structure.name)
        yield _mixed(setting, structure.name, structure.words, people, model, traits)
    if of_people and setting.model.by_arm:
        model = replace(setting.model, by_arm=False)
        traits = replace(usual, covariance="unstructured")
        words = "all arms share one unstructured covariance"
        yield _mixed(setting, "one-covariance", words, main, model, traits)
    elif of_people:
        words = "each arm has an unstructured covariance of its own"
        model = replace(setting.model, structure=UNSTRUCTURED, by_arm=True)
        traits = replace(usual, covariance="unstructured by arm")
        yield _mixed(setting, "by-arm", words, main, model, traits)
    if many and people.period is None:
        few = people.of_visits((people.visits[0], setting.card.at))
        carried = [structure for structure in chain_of(few) if not structure.lacks(few)]
        structure = (carried or list(chain_of(few)))[0]
        if main.visits != few.visits or structure is not setting.model.structure:
            model = replace(
                setting.model, structure=structure, constrained=constrained, by_arm=False
            )
            rows = "first and compared visit"
            traits = replace(usual, covariance=structure.name, population=rows)
            yield _mixed(setting, "two-visits", f"only the {rows}", few, model, traits)


def _inferences(setting: Setting, summary: bool) -> Iterator[Candidate]:
    """Other standard errors and degrees of freedom of the primary fit."""
    fit, rows = setting.primary.fitted.fit, setting.main

    def satterthwaite() -> Choice:
        """The same fit with Satterthwaite's degrees of freedom."""
        batch = engine_batch(setting)
        other = replace(fit, precision=SmallSample(BatchInference(batch, "satterthwaite")))
        traits = replace(setting.usual, inference="satterthwaite")
        value = answer(other, setting)
        return setting.judge("satterthwaite", words, traits, value, fit.n_participants)

    def robust() -> Choice:
        """The same fit with standard errors clustered on participants."""
        other = replace(fit, precision=ClusterRobust(engine_batch(setting), rows.participant))
        traits = replace(setting.usual, inference="CR2")
        value = answer(other, setting)
        return setting.judge("cr2", robust_words, traits, value, fit.n_participants)

    words = "Satterthwaite's degrees of freedom instead of Kenward and Roger's"
    robust_words = "standard errors robust to a wrong covariance, clustered on participants (CR2)"
    yield Candidate("satterthwaite", words, satterthwaite)
    if not summary:
        yield Candidate("cr2", robust_words, robust)


def _covariates(setting: Setting) -> Iterator[Candidate]:
    """The model without covariates, and with more of them."""
    model, declared = setting.model, setting.model.covariates
    rows = setting.people.of_visits(setting.main.visits)
    more = tuple(name for name in at_hand(rows) if name not in declared)
    sets: list[tuple[str, str, tuple[str, ...]]] = []
    if declared:
        sets.append(("no-covariates", "without covariates", ()))
    for name in more:
        sets.append(
            (f"with-{name}", f"adjusted for {_listed((*declared, name))}", (*declared, name))
        )
    if len(more) > 1:
        names = (*declared, *more)
        sets.append(("with-all-covariates", f"adjusted for {_listed(names)}", names))
    for name, words, names in sets:
        traits = replace(setting.usual, covariates=", ".join(names))
        yield _mixed(setting, name, words, rows, replace(model, covariates=names), traits)


def _listed(names: tuple[str, ...]) -> str:
    """Names in a sentence."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _populations(setting: Setting, per_protocol: Positions | None) -> Iterator[Candidate]:
    """Other answers to who counts."""
    card, visits = setting.card, setting.main.visits
    by_protocol, completers = card.missed_sessions == "per_protocol", card.drop_out == "completers"
    others = []
    if by_protocol:
        others.append(
            ("as-allotted", "everybody, however often they came", "treatment_policy", card.drop_out)
        )
    elif per_protocol is not None:
        words = "only those who came to enough of the planned sessions"
        others.append(("per-protocol", words, "per_protocol", card.drop_out))
    if completers:
        words = "everybody with any value"
        others.append(("all-values", words, card.missed_sessions, "missing_at_random"))
    else:
        words = "only those with a value before and after"
        others.append(("completers", words, card.missed_sessions, "completers"))
    for name, words, missed, left in others:
        other = replace(card, missed_sessions=missed, drop_out=left)
        rows = population(setting.everyone, other, (other.at,), per_protocol).of_visits(visits)
        traits = replace(setting.usual, population=name.replace("-", " "))
        inner = _mixed(setting, name, words, rows, setting.model, traits)
        alike = np.array_equal(rows.people, setting.main.people)
        yield Candidate(name, words, _nothing_changes) if alike else inner


def _nothing_changes() -> Choice:
    """Say that a choice is no other."""
    raise DesignError("the same participants as in the primary analysis")
