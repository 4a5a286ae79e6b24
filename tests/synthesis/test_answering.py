"""The front page: the answer in one sentence, where there is little to answer from or enough."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from howlow.analysis.estimates import Estimate, read_estimates
from howlow.analysis.questions.ratios import fieller
from howlow.analysis.verdicts import DIFFERENT, NO_ASSAY
from howlow.config.claim_rules import PublishedAnswer
from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.synthesis.answer.dose_pools import TrialDoses
from howlow.synthesis.answer.exchange import exchange_of
from howlow.synthesis.answer.ladder import Ladder, descend, ladders_of
from howlow.synthesis.answer.sentences import share_record, share_words
from howlow.synthesis.answering import QUESTION, answer
from howlow.synthesis.evidence import Effect
from howlow.synthesis.material import Material, read_material

PER_CENT = "\N{NO-BREAK SPACE}%"


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def asked_of(config: Config, *constructs: str) -> Config:
    """The configuration with some of its constructs."""
    kept = {name: config.constructs[name] for name in constructs}
    return config.model_copy(update={"constructs": kept})


def material_of(config: Config, effects: list[Effect] | None = None) -> Material:
    """A material of these effects and nothing else."""
    material = Material(config, {}, {}, {})
    material.__dict__["effects"] = effects or []
    return material


def effect_of(trial: str, estimate: float) -> Effect:
    """One trial of light against heavy loads, in log ratios."""
    return Effect(
        question="load",
        construct="strength",
        study=trial,
        collection="",
        cite=trial,
        estimate_id=trial,
        contrast="light - heavy",
        label="light - heavy",
        at="week 10",
        weeks=10.0,
        estimate=estimate,
        se=0.03,
        ci_low=estimate - 0.06,
        ci_high=estimate + 0.06,
        n=20.0,
        scale="log_ratio",
        unit="log ratio",
        tier="primary",
        pooled=True,
        assumed="",
        note="",
    )


def pooled_row(estimate: float, se: float, *, trials: int = 9, verdict: str = "") -> Estimate:
    """A pool of light against heavy loads."""
    return Estimate(
        study="pooled:load",
        collection="",
        kind="pooled",
        construct="strength",
        outcome="strength",
        population="all",
        estimand="log ratio of means",
        tier="secondary",
        contrast="light - heavy",
        at="6-26 weeks",
        scale="log_ratio",
        unit="log ratio",
        method="reml-hksj",
        estimate=estimate,
        se=se,
        ci_low=estimate - 2 * se,
        ci_high=estimate + 2 * se,
        ci_level=0.95,
        margin=float(np.log1p(0.05)),
        verdict=verdict,
        n_studies=trials,
    )


def ladder_of(config: Config, gain: float, trials: int = 6) -> Ladder:
    """A ladder of one dose, light loads once a week, that gains so much in each trial."""
    found = [
        TrialDoses(
            trial=f"t{k}",
            doses=("light 1",),
            gains=np.array([gain]),
            covariance=np.array([[0.0004]]),
            participants=np.array([24.0]),
            df=np.array([22.0]),
            assumed="",
        )
        for k in range(trials)
    ]
    return Ladder("strength", "all", descend(lambda _: found, 0.0488, config), config)


def test_without_its_constructs_the_question_is_not_asked(config: Config) -> None:
    found = answer(material_of(asked_of(config, "lean_leg")), [])
    assert found == {
        "question": QUESTION,
        "sentence": "Not asked here: the question is about strength and muscle_size, and neither "
        "is among the constructs of config.yaml.",
        "findings": [],
        "details": [],
        "closing": "",
        "ladder": [],
        "exchange": [],
        "first_step": [],
        "published": [],
    }


def test_with_one_construct_the_sentence_is_about_that(config: Config) -> None:
    material = material_of(asked_of(config, "muscle_size"))
    found = answer(material, [], ladders_of(material))
    assert found["sentence"] == (
        "Not settled by the trials at hand: no dose of strength training is shown to bring more "
        f"than 2{PER_CENT} in muscle size over no training. That does not mean that training does "
        "not help."
    )
    assert found["findings"] == [
        "For muscle size, no trial that can be used set a known dose against no training.",
        "For muscle size, light against heavy loads: no trial that can be put in per cent.",
    ]


def test_a_pool_without_a_margin_says_why_it_has_no_verdict(config: Config) -> None:
    strength = config.constructs["strength"].model_copy(update={"margin_pct": None})
    without = config.model_copy(update={"constructs": {"strength": strength}})
    effects = [effect_of("a-2001", -0.05), effect_of("b-2002", -0.03)]
    found = answer(material_of(without, effects), [pooled_row(-0.04, 0.02, trials=2)])
    (detail,) = found["details"]
    assert detail["sentence"].endswith(
        "light loads gained less in 2 of 2 trials. No verdict: no margin is declared."
    )


def test_the_smallest_dose_shown_comes_first_and_settles_the_answer(config: Config) -> None:
    ladder = ladder_of(config, 0.2)
    found = answer(material_of(config), [], [ladder])
    assert found["sentence"].startswith(
        f"For strength, the smallest dose shown to bring more than 5{PER_CENT} over no training is "
        f"light loads once a week (+22.1{PER_CENT}, 95{PER_CENT} interval "
    )
    (record,) = found["ladder"]
    assert record["smallest"] == "light 1"
    assert record["share"] is None


def test_a_dose_of_few_trials_is_named_as_not_shown(config: Config) -> None:
    found = answer(material_of(config), [], [ladder_of(config, 0.2, trials=3)])
    assert found["sentence"].startswith(
        "Not settled by the trials at hand: no dose of strength training is shown to bring more "
        f"than 5{PER_CENT} in strength over no training."
    )
    assert found["findings"][0] == (
        f"For strength, no dose is shown to bring more than 5{PER_CENT} over no training (light "
        "loads once a week: 3 trials, fewer than 5)."
    )


def test_what_is_said_aloud_is_the_wider_of_the_two_intervals_and_no_other(config: Config) -> None:
    main = pooled_row(-0.08, 0.02, verdict=DIFFERENT)
    wider = replace(main, method="reml-hksj-adhoc", tier="sensitivity", se=0.025, ci_low=-0.13)
    others = [
        replace(main, method="one-stage", tier="cross-check", se=0.9),
        replace(main, scale="d", se=0.9),
        replace(main, method="reml-hksj[r_low]", tier="sensitivity", se=0.9),
        replace(main, study="pooled:load:young", population="young", se=0.9),
        replace(main, study="pooled:c7", se=0.9),
    ]
    effects = [effect_of(f"t{k}", -0.08) for k in range(9)]
    found = answer(material_of(config, effects), [main, wider, *others])
    (detail,) = found["details"]
    assert detail["estimate_id"] == wider.estimate_id
    assert f"−7.7{PER_CENT}, 95{PER_CENT} interval −12.2 to" in detail["sentence"]
    assert "Not settled" not in found["sentence"]
    assert found["sentence"].startswith("For strength, light loads gave less (−7.7")


def test_an_unsettled_pool_settles_nothing(config: Config) -> None:
    found = answer(material_of(config), [pooled_row(-0.01, 0.02, verdict=NO_ASSAY)])
    assert found["sentence"].startswith("Not settled by the trials at hand")
    assert "light loads were not shown to differ, nor to be as good" in found["findings"][0]


def test_what_is_published_stands_beside_what_is_found_here(config: Config) -> None:
    published = PublishedAnswer.model_validate(
        {
            "construct": "strength",
            "cite": "Someone 2020",
            "doi": "10.1000/1",
            "sentence": {"en": "All did well.", "nl": "Alles ging goed."},
            "verified": True,
        }
    )
    ladder = ladder_of(config, 0.2)
    found = answer(material_of(config), [pooled_row(-0.08, 0.02)], [ladder], published=[published])
    (beside,) = found["published"]
    assert beside["url"] == "https://doi.org/10.1000/1"
    assert beside["sentence"] == "All did well."
    assert beside["ours"] == f"{found['ladder'][0]['sentence']} {found['details'][0]['sentence']}"


@pytest.mark.parametrize(
    ("numbers", "words", "bounded"),
    [
        # Numerator, denominator, their variances: a clear ratio; a denominator near zero with a
        # numerator that is not; both near zero.
        ((0.1, 0.2, 1e-4, 1e-4), "interval 33 to 69", True),
        ((0.5, 0.05, 1e-3, 1e-2), "are ruled out, as the best gain is itself not told", False),
        ((0.01, 0.01, 1e-2, 1e-2), "no share is ruled out, as the best gain is itself", False),
    ],
)
def test_a_share_is_said_with_its_set(
    numbers: tuple[float, ...], words: str, bounded: bool
) -> None:
    top, bottom, v_top, v_bottom = numbers
    covariance = np.array([[[v_top, 0.0], [0.0, v_bottom]]])
    found = fieller(np.array([top]), np.array([bottom]), covariance, np.array([3.0]), 0.95).one()
    assert words in share_words(found, 0.95, "the best gain")
    record = share_record(found)
    assert record["bounded"] is bounded
    json.dumps(record, allow_nan=False)


def test_the_default_data_give_a_whole_front_page(default_results: Path, config: Config) -> None:
    material = read_material([default_results / study for study in config.studies], config)
    table = read_estimates(default_results / "estimates.csv")
    assert table["study"].str.startswith("pooled:").any()
    ladders, exchange = ladders_of(material), exchange_of(material)
    found = answer(material, [], ladders, exchange)
    json.dumps(found, allow_nan=False)
    asked = [one for one in config.constructs.values() if one.pooled and one.margin_pct]
    assert len(found["ladder"]) == 3 * len(asked)
    assert all(len(one["sequence"]) == len(config.sequence) for one in found["ladder"])
    assert len(found["exchange"]) >= 5
    ids = [row.estimate_id for ladder in ladders for row in ladder.estimates()]
    said = [dose["estimate_id"] for one in found["ladder"] for dose in one["sequence"]]
    assert sorted(ids) == sorted(name for name in said if name)
    assert len(ids) == len(set(ids))
