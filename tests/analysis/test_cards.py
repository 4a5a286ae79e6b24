"""Every analysis is written down before it is run, in words that follow from what was declared."""

from dataclasses import replace
from pathlib import Path

import pytest
from own_study import STUDY, write_study

from howlow.analysis.estimand.cards import Card, card, cards, cards_json, read_cards
from howlow.analysis.estimand.words import card_lines, card_phrase, card_sentence
from howlow.config.reading import read_config, read_study, read_trials
from howlow.config.settings import Config
from howlow.config.study import Participants, Summary
from howlow.data.declaration import Declaration, declaration_text, read_declaration, trial_of


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def declared(folder: Path, config: Config, study: str = STUDY) -> Declaration:
    found = read_study(write_study(folder, study), config)
    assert isinstance(found, Participants)
    return trial_of(found)


@pytest.fixture
def trial(tmp_path: Path, config: Config) -> Declaration:
    return declared(tmp_path, config)


def test_every_outcome_visit_and_contrast_has_a_card_and_one_of_them_is_primary(
    trial: Declaration, config: Config
) -> None:
    found = list(cards(trial, config))
    assert len({one.card_id for one in found}) == len(found) == 2 * 2 * 3
    assert [one.card_id for one in found if one.role == "primary"] == [
        "mine/squat/light - rest/post"
    ]
    assert found[0].role == "primary"


def test_a_card_holds_what_study_and_configuration_declare(
    trial: Declaration, config: Config
) -> None:
    squat = card(trial, config, "squat", "light - rest", "post")
    assert (squat.margin, squat.unit, squat.week, squat.alpha) == (5.0, "kg", 12.0, config.alpha)
    assert squat.comparisons == ("light - rest", "heavy - rest")
    assert squat.control == "rest"
    thigh = card(trial, config, "thigh", "light - heavy", "mid")
    assert thigh.margin is None
    assert thigh.margin_pct == config.constructs["muscle_size"].margin_pct
    assert thigh.comparisons == ()
    assert thigh.aim == "non_inferiority"


def test_the_study_s_own_estimand_stands_in_place_of_the_configured_one(
    tmp_path: Path, config: Config
) -> None:
    more = "estimand: {missed_sessions: per_protocol, drop_out: completers}\nplanned_sessions: 36\n"
    trial = declared(tmp_path, config, STUDY + more)
    one = next(cards(trial, config))
    assert (one.missed_sessions, one.drop_out) == ("per_protocol", "completers")
    text = card_sentence(one, trial)
    assert "at least 80 % of the 36 planned sessions" in text
    assert "(completers)" in text
    assert "missing at random" not in text


def test_cards_come_back_from_disk_as_they_were(
    trial: Declaration, config: Config, tmp_path: Path
) -> None:
    found = list(cards(trial, config))
    path = tmp_path / "cards.json"
    path.write_text(cards_json(found), encoding="utf-8")
    assert read_cards(path) == found
    assert cards_json(read_cards(path)) == cards_json(found)


def test_the_sentence_says_who_counts_and_what_is_done_about_drop_out(
    trial: Declaration, config: Config
) -> None:
    assert card_sentence(card(trial, config, "squat", "light - heavy", "post"), trial) == (
        "The secondary analysis estimates the difference in mean squat (kg) at after (week 12) "
        "between light load and heavy load, in older adults. Everyone counts in the arm they were "
        "allotted to, however many sessions they came to (treatment policy). Visits that were "
        "missed are taken as missing at random given what was measured: by the likelihood, no "
        "value is filled in. All arms have one mean before, as nothing had yet been done that "
        "differs between them. The smallest difference that matters is 5 kg; light load is to be "
        "shown not worse than heavy load by that much, by a one-sided interval of 97.5 %."
    )


def test_the_rows_of_the_table_say_each_thing_once(trial: Declaration, config: Config) -> None:
    lines = card_lines(card(trial, config, "squat", "light - rest", "post"), trial)
    said = dict(lines)
    assert len(said) == len(lines)
    assert said["Contrast"] == "Light load less no training"
    assert said["Level of the intervals"] == "95 %; equivalence by 90 %"
    assert "2 comparisons" in said["Several comparisons"]
    assert said["Summary measure"] == "Difference between the two means, in kg"
    words = dict(card_lines(card(trial, config, "squat", "light - heavy", "post"), trial))
    assert "Several comparisons" not in words


def test_the_caption_s_phrase_names_contrast_outcome_and_time(
    trial: Declaration, config: Config
) -> None:
    phrase = card_phrase(card(trial, config, "thigh", "heavy - rest", "mid"), trial)
    assert phrase.startswith("Heavy load against no training, thigh CSA at midway (week 6): ")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"design": "within_participant"}, "every limb counts in the arm it was allotted to"),
        ({"design": "crossover"}, "everyone counts in each arm"),
        ({"baseline": "of each arm"}, "each arm has a mean of its own before"),
        ({"margin": None, "margin_pct": None}, "there is no verdict"),
        ({"margin": None, "margin_pct": 5.0}, "5 % of the mean before"),
        ({"covariates": ("sex", "training")}, "adjusts for sex and training status"),
        ({"alpha": 0.01}, "95 %"),
    ],
)
def test_what_is_declared_otherwise_is_said_otherwise(
    trial: Declaration, config: Config, changes: dict[str, object], words: str
) -> None:
    made: Card = replace(card(trial, config, "squat", "light - rest", "post"), **changes)  # type: ignore[arg-type]
    said = card_sentence(made, trial) + " ".join(value for _, value in card_lines(made, trial))
    if changes == {"alpha": 0.01}:
        assert "99 %; equivalence by 98 %" in said
        assert words not in said
    else:
        assert words.lower() in said.lower()


def test_a_trial_that_was_not_randomised_allots_nobody(tmp_path: Path, config: Config) -> None:
    trial = declared(tmp_path, config, STUDY.replace('randomised: "yes"', 'randomised: "no"'))
    text = card_sentence(next(cards(trial, config)), trial)
    assert "allotted" not in text
    assert "each arm has a mean of its own" in text.lower()


def test_every_contrast_of_the_published_trials_can_be_put_in_words(
    repo: Path, config: Config, tmp_path: Path
) -> None:
    folder = repo / "data" / "published"
    study = read_study(folder, config)
    assert isinstance(study, Summary)
    path = tmp_path / "study.json"
    path.write_text(declaration_text(study, read_trials(folder, study, config)), encoding="utf-8")
    for trial in read_declaration(path).trials:
        for contrast in trial.contrasts:
            outcome = trial.primary_outcome or next(iter(trial.outcomes))
            one = card(trial, config, outcome, contrast.contrast, "post")
            assert "paper" in card_sentence(one, trial)
            assert "paper" in card_phrase(one, trial)
