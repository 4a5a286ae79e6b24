"""The answer in one sentence, where there is little or nothing to answer from."""

from pathlib import Path

import pytest

from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.synthesis.answering import QUESTION, answer
from howlow.synthesis.evidence import Effect
from howlow.synthesis.synthesising import pool_effects


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def asked_of(config: Config, *constructs: str) -> Config:
    """The configuration with some of its constructs."""
    kept = {name: config.constructs[name] for name in constructs}
    return config.model_copy(update={"constructs": kept})


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


def test_without_its_constructs_the_question_is_not_asked(config: Config) -> None:
    found = answer([], [], asked_of(config, "lean_leg"))
    assert found == {
        "question": QUESTION,
        "sentence": "Not asked here: the question is about strength and muscle_size, and neither "
        "is among the constructs of config.yaml.",
        "details": [],
        "closing": "",
    }


def test_with_one_construct_the_sentence_is_about_that(config: Config) -> None:
    found = answer([], [], asked_of(config, "muscle_size"))
    assert str(found["sentence"]).startswith(
        "Not settled by the trials at hand: for muscle size, light against heavy loads: "
        "no trial that can be put in per cent."
    )


def test_a_pool_without_a_margin_says_why_it_has_no_verdict(config: Config) -> None:
    strength = config.constructs["strength"].model_copy(update={"margin_pct": None})
    without = config.model_copy(update={"constructs": {"strength": strength}})
    effects = [effect_of("a-2001", -0.05), effect_of("b-2002", -0.03)]
    pooled, _ = pool_effects(effects, without)
    found = answer(effects, pooled, without)
    (detail,) = found["details"]
    assert detail["sentence"].endswith(
        "2 of 2 trials below zero. No verdict: no margin is declared."
    )
