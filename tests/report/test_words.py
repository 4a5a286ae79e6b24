"""How numbers and names are shown."""

import math

import pytest

from howlow.config.trial import Arm
from howlow.report.contrasts import contrast_words
from howlow.report.numbers import p_value, shown_as
from howlow.report.sections.left_out import relative
from howlow.report.words import (
    dose_words,
    method_words,
    reasons,
    time_words,
    weeks_words,
)


@pytest.mark.parametrize(
    ("values", "ratio", "expected"),
    [
        ((-0.0803, -0.82, 0.66), False, ("−0.08", "−0.82", "+0.66")),
        ((123.4, 9.2, 237.1), False, ("+123", "+9", "+237")),
        ((0.001, -0.2, 0.2), False, ("0.00", "−0.20", "+0.20")),
        ((-0.1303, -0.1923, -0.0686), True, ("−12.2", "−17.5", "−6.6")),
        ((-9.0, math.nan, math.nan), False, ("−9.0", "", "")),
        ((-9.0, None, None), False, ("−9.0", "", "")),
    ],
)
def test_an_estimate_and_its_limits_share_their_decimals(
    values: tuple[float, float | None, float | None], ratio: bool, expected: tuple[str, str, str]
) -> None:
    shown = shown_as("id", values, "kg", ratio=ratio)
    assert (shown.text, shown.low, shown.high) == expected


@pytest.mark.parametrize(
    ("p", "text"), [(None, ""), (0.0004, "<0.001"), (0.04961, "0.050"), (0.9, "0.900")]
)
def test_a_p_value_is_never_zero(p: float | None, text: str) -> None:
    assert p_value(p) == text


@pytest.mark.parametrize(
    ("at", "labels", "words"),
    [
        ("week_10", {}, "Week 10"),
        ("week_10 - baseline", {}, "Baseline to week 10"),
        ("post - pre", {"post": "Week 16", "pre": "Baseline"}, "Baseline to week 16"),
        (
            "recovery_day_14 - end_of_previous_phase",
            {},
            "End of previous phase to recovery day 14",
        ),
    ],
)
def test_a_time_is_said_in_words(at: str, labels: dict[str, str], words: str) -> None:
    assert time_words(at, labels) == words


@pytest.mark.parametrize(
    ("weeks", "question", "words"),
    [
        (90 / 7, "deficit", "90 days"),
        (1 / 7, "disuse", "1 day"),
        (2.0, "disuse", "2 weeks"),
        (1.0, "recovery", "1 week"),
        (20.5, "disuse", "20.5 weeks"),
        (90 / 7, "detraining", "12.9 weeks"),
        (260.0, "detraining", "260 weeks"),
        (0.0, "countermeasure", "time not printed"),
        (math.nan, "load", "time not printed"),
    ],
)
def test_short_times_around_disuse_are_days(weeks: float, question: str, words: str) -> None:
    assert weeks_words(weeks, question) == words


def test_reasons_lose_their_full_stops() -> None:
    assert reasons("No spread. None.; no baseline; ") == ["No spread. None", "no baseline"]


def test_arms_are_called_by_their_labels() -> None:
    arms = {"light": Arm(label="30 % 1RM"), "heavy": Arm(label="80 % 1RM")}
    assert contrast_words("light - heavy", arms) == "30 % 1RM − 80 % 1RM"
    assert contrast_words("mean(light)", arms) == "30 % 1RM"
    assert contrast_words("fewer - more sets", {}) == "fewer − more sets"


def test_a_dose_is_what_is_declared_of_it() -> None:
    arm = Arm(label="A", rm=(8.0, 12.0), sets=(1.0, 1.0), sessions_per_week=2.0, to_failure=False)
    assert dose_words(arm) == "8–12 RM; 1 set; 2 sessions a week; short of failure"
    assert dose_words(Arm(label="A", sessions_per_week=0.0)) == "no training"
    assert dose_words(Arm(label="A")) == ""


def test_a_method_names_its_reading() -> None:
    assert method_words("ancova") == "ANCOVA"
    assert method_words("reml-hksj-adhoc").endswith("widened, because the trials agree by chance")
    assert method_words("mixed[limb_r_low]") == "mixed, correlation between limbs at its lowest"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("data/own/a.csv", "data/own/a.csv"),
        ("/home/somebody/a.csv", "a.csv"),
        (r"C:\Users\somebody\a.csv", "a.csv"),
    ],
)
def test_a_path_outside_the_project_is_shown_by_its_last_part(path: str, shown: str) -> None:
    assert relative(path) == shown
