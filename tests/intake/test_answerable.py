"""What a study can answer: from declarations and counts alone."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from howlow.config.claims import Claims, read_claims
from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.config.trial import Arm, Contrast, Outcome, Population
from howlow.intake.answerable import Answer, answerable
from howlow.intake.brought import Brought
from howlow.intake.phrases import PHRASES
from howlow.report.titles import TITLES

STRENGTH = Outcome(label="1RM", construct="strength", unit="kg", measure="one_rm", region="legs")
LEAN = Outcome(label="Lean", construct="lean_leg", unit="kg", measure="dxa", region="legs")
FUNCTION = Outcome(label="Chair", construct="function", unit="s", measure="time", region="legs")
LIGHT = Arm(label="Light", rm=(30, 30), sessions_per_week=2)
HEAVY = Arm(label="Heavy", rm=(10, 10), sessions_per_week=2)
NONE = Arm(label="No training", sessions_per_week=0)
ONCE = Arm(label="Once", load_pct_1rm=(40, 40), sessions_per_week=1)
LOAD = Contrast(contrast="light - heavy", question="load")

#: A trial of load with nothing amiss.
TRIAL = Brought(
    id="trial",
    design="parallel",
    randomised="yes",
    population=Population(description="adults", age="young"),
    arms={"light": LIGHT, "heavy": HEAVY},
    contrasts=(LOAD,),
    outcomes=(STRENGTH, LEAN),
    visits=(("baseline", 0), ("training", 10)),
    people={"light": 12, "heavy": 13},
)


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


@pytest.fixture(scope="module")
def claims(repo: Path) -> Claims:
    return read_claims(repo / "config" / "claims.yaml")


@pytest.fixture
def ask(config: Config, claims: Claims) -> Any:
    def asked(claim: str, language: Any = "en", **changes: Any) -> Answer:
        trial = dataclasses.replace(TRIAL, **changes)
        return {found.claim: found for found in answerable([trial], config, claims, language)}[
            claim
        ]

    return asked


def test_a_trial_with_all_that_is_needed_answers_the_claim(ask: Any) -> None:
    assert ask("c5") == Answer("c5", "yes", (), "the arms are there (30 RM 2x / 10 RM 2x)")
    assert ask("c6").can == "yes"


def test_every_claim_has_one_answer_with_a_reason(config: Config, claims: Claims) -> None:
    answers = answerable([TRIAL], config, claims)
    assert [answer.claim for answer in answers] == list(claims.claims)
    assert all(answer.because or answer.there for answer in answers)


def test_what_is_not_there_is_told_in_one_sentence(ask: Any) -> None:
    (only,) = ask("c14", arms={"light": LIGHT, "heavy": HEAVY}, outcomes=(FUNCTION,)).because
    assert only == "needs an arm without training (sessions_per_week: 0); there is none"
    (both,) = ask("c14").because
    assert both == (
        "needs an arm without training (sessions_per_week: 0) and an outcome for daily function; "
        "none of these is there"
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"outcomes": (STRENGTH,)}, "needs an outcome for muscle; there is none"),
        ({"arms": {"heavy": HEAVY}}, "needs an arm with a light load; there is none"),
        (
            {"visits": (("baseline", 0), ("disuse", 8))},
            "needs a visit in phase training; there is none",
        ),
    ],
)
def test_a_claim_cannot_be_answered(ask: Any, changes: dict[str, Any], reason: str) -> None:
    assert ask("c6", **changes) == Answer("c6", "no", (reason,))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"people": {"light": 4, "heavy": 9}}, "fewer than 5 in an arm (light): descriptive only"),
        (
            {"visits": (("baseline", 0), ("training", 4))},
            "the last visit is at week 4; the claim is about 6 to 26",
        ),
        (
            {"randomised": "not stated"},
            "not said to be randomised, so a difference is an association",
        ),
        (
            {"contrasts": ()},
            (
                "no contrast sets them against each other: add {contrast: light - heavy, "
                "question: load}"
            ),
        ),
    ],
)
def test_a_claim_can_be_answered_in_part(ask: Any, changes: dict[str, Any], reason: str) -> None:
    answer = ask("c6", **changes)
    assert answer.can == "partly"
    assert answer.because[-1] == reason


def test_one_of_two_aspects_is_a_part(ask: Any) -> None:
    arms, contrasts = (
        {"once": ONCE, "none": NONE},
        (Contrast(contrast="once - none", question="training"),),
    )
    older = Population(description="adults", age="older")
    same: dict[str, Any] = {"arms": arms, "contrasts": contrasts, "people": {}}
    assert ask("c7", population=older, **same).can == "yes"
    answer = ask("c7", population=older, outcomes=(STRENGTH,), **same)
    assert answer.can == "partly"
    assert "strength: yes; muscle: no outcome" in answer.because
    young = ask("c7", **same)
    assert young.because[-1] == "participants are young; the claim is about those who are older"
    unknown = ask("c7", population=Population(description="adults"), **same)
    assert "their age is not declared (population.age)" in unknown.because[-1]


def test_no_training_is_neither_light_nor_seldom(ask: Any) -> None:
    """An arm without training is no dose of training, whatever else is declared of it."""
    idle = Arm(label="None", load_pct_1rm=(30, 30), sessions_per_week=0)
    answer = ask("c5", arms={"idle": idle, "heavy": HEAVY})
    assert answer.because == ("needs an arm with a light load; there is none",)


def test_one_arm_cannot_stand_for_two(ask: Any) -> None:
    answer = ask("c13", arms={"light": Arm(label="Twice", sessions_per_week=2)})
    assert answer.can == "no"
    assert "cannot be both" in answer.because[0]


def test_arms_with_as_many_sessions_cannot_tell_of_frequency(ask: Any) -> None:
    arms = {"light": LIGHT, "heavy": HEAVY}
    answer = ask("c13", arms=arms)
    assert answer.can == "no"
    assert "alike" in answer.because[0]


def test_of_several_fitting_arms_those_that_are_compared_are_taken(ask: Any) -> None:
    more = {"other": LIGHT.model_copy(update={"label": "Other"}), "light": LIGHT, "heavy": HEAVY}
    assert ask("c6", arms=more).can == "yes"


def test_a_change_without_anything_to_set_it_against_is_a_part(ask: Any) -> None:
    disuse = {"visits": (("baseline", 0), ("disuse", 0.7)), "contrasts": ()}
    assert "it gives a change over time, not an effect" in ask("c1", **disuse).because[-1]
    against = Contrast(contrast="light - heavy", question="disuse")
    assert ask("c1", **{**disuse, "contrasts": (against,)}).can == "yes"


def test_cohorts_and_surveys_are_beyond_any_trial(ask: Any) -> None:
    assert ask("c3") == Answer(
        "c3", "no", ("no trial can answer this: it takes a cohort followed over years",)
    )
    assert "a survey with design weights" in ask("c11").because[0]


def test_simulated_data_answer_nothing(ask: Any) -> None:
    assert ask("c5", simulated=True) == Answer(
        "c5", "no", ("the data are simulated, which is no evidence",)
    )


def test_an_ongoing_study_is_asked_without_counting_people(ask: Any) -> None:
    assert ask("c5", ongoing=True, people={}).can == "yes"


def test_a_collection_is_told_by_the_number_of_its_trials(config: Config, claims: Claims) -> None:
    good = [dataclasses.replace(TRIAL, id=f"good-{number}") for number in range(7)]
    part = dataclasses.replace(TRIAL, id="part", randomised="no")
    none = dataclasses.replace(TRIAL, id="none", outcomes=())
    found = {answer.claim: answer for answer in answerable([*good, part, none], config, claims)}
    assert found["c5"].can == "yes"
    assert found["c5"].there == (
        "of 9 trials 7 can answer it, 1 in part: good-0, good-1, good-2, good-3, good-4 ..."
    )
    assert (found["c14"].can, found["c14"].there) == (
        "no",
        "none of 9 trials can answer it",
    )
    assert found["c3"].because == (
        "no trial can answer this: it takes a cohort followed over years",
    )


def test_of_a_collection_that_falls_short_the_commonest_reason_is_told(
    config: Config, claims: Claims
) -> None:
    few = [dataclasses.replace(TRIAL, id=f"t{number}", randomised="no") for number in range(3)]
    small = dataclasses.replace(TRIAL, id="small", people={"light": 2, "heavy": 2})
    found = {answer.claim: answer for answer in answerable([*few, small], config, claims)}
    assert found["c5"].can == "partly"
    (reason,) = found["c5"].because
    assert reason == "most often: not said to be randomised, so a difference is an association"
    (reason,) = found["c9"].because
    assert reason.startswith("most often: needs an arm at 0 to 24.9 % 1RM")


def test_reasons_are_told_in_dutch_too(ask: Any) -> None:
    assert ask("c6", language="nl", outcomes=(STRENGTH,)).because == (
        "heeft een uitkomst voor spier nodig; dat is er niet",
    )


def test_every_phrase_and_title_is_there_in_both_languages() -> None:
    for words in [*PHRASES.values(), *TITLES.values()]:
        assert set(words) == {"en", "nl"}
        assert all(words.values())
    for key, words in PHRASES.items():
        places = {
            language: sorted(part.split("}")[0] for part in text.split("{")[1:])
            for language, text in words.items()
        }
        assert places["en"] == places["nl"], key
