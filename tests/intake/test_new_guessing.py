"""What `howlow new` takes headers, cells and grids for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from howlow.config.schema import Label, Name, Strict
from howlow.intake.drafting import comment, flow, scalar
from howlow.intake.guessing import date_format
from howlow.intake.headers import header_parts, split_unit, visit_word
from howlow.intake.layout import NoTableError, lay_out
from howlow.intake.outcomes import plausible
from howlow.intake.vocabulary import clean_label, dose_in, measured, safe_name
from howlow.intake.words import Tell


@pytest.mark.parametrize(
    ("header", "parts"),
    [
        ("legpress_pre", ("legpress", "pre", "", "")),
        ("squat T1", ("squat", "T1", "", "")),
        ("lean.left_leg", ("lean leg", "", "left", "")),
        ("Beinpresse post", ("Beinpresse", "post", "", "")),
        ("kracht links - nameting (N)", ("kracht", "nameting", "links", "N")),
        ("Leg press week 12 [kg]", ("Leg press", "week 12", "", "kg")),
        ("Torque|pre", ("Torque", "pre", "", "")),
        ("csa_mm2", ("csa", "", "", "mm²")),
        ("CSA_R_post", ("CSA", "post", "R", "")),
        ("legPressPre", ("leg Press", "Pre", "", "")),
        ("L press", ("L press", "", "", "")),
        ("grip", ("grip", "", "", "")),
    ],
)
def test_a_header_is_taken_apart(header: str, parts: tuple[str, str, str, str]) -> None:
    found = header_parts(header)
    assert (found.stem, found.visit, found.limb, found.unit) == parts


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("Leg press (kg)", "kg"),
        ("Torque [N·m]", "N·m"),
        ("torque Nm", "N·m"),
        ("thickness, cm", "cm"),
        ("lean mass (gram)", "g"),
        ("Leg press (1RM)", ""),
        ("group", ""),
        ("press 1", ""),
    ],
)
def test_a_unit_is_found_in_a_header(header: str, unit: str) -> None:
    assert split_unit(header)[1] == unit


def test_visits_stand_in_the_order_that_their_words_say() -> None:
    words = ["follow-up", "na", "T2", "voor", "week 12", "T1", "mid", "week2"]
    said = {word: visit_word(word) for word in words}
    order = sorted(words, key=lambda word: said[word].order if said[word] else -1)
    assert order == ["voor", "T1", "T2", "week2", "week 12", "mid", "na", "follow-up"]
    assert said["week 12"] is not None
    assert said["week 12"].week == 12


@pytest.mark.parametrize("word", ["RM10", "heavy", "legpress", "P01", "", "12", "group"])
def test_other_words_are_no_visits(word: str) -> None:
    assert visit_word(word) is None or word == "12"


@pytest.mark.parametrize(
    ("name", "construct", "measure", "region"),
    [
        ("legpress", "strength", "one_rm", "lower_body"),
        ("Beenpers", "strength", "one_rm", "lower_body"),
        ("bicepscurl", "strength", "one_rm", "elbow_flexors"),
        ("bench press 1RM", "strength", "one_rm", "upper_body"),
        ("isok.60 ext", "strength", "isokinetic", "knee_extensors"),
        ("MVIC knee", "strength", "isometric", "knee_extensors"),
        ("lean.leg", "lean_leg", "dxa", "lower_body"),
        ("vetvrije massa", "lean_whole_body", "dxa", "whole_body"),
        ("vastus lateralis CSA", "muscle_size", "csa", "knee_extensors"),
        ("spierdikte quadriceps", "muscle_thickness", "thickness", "knee_extensors"),
        ("handknijpkracht", "grip", "grip", "hand"),
        ("total volume load", "training_load", "training_load", "whole_body"),
    ],
)
def test_the_name_of_an_outcome_says_what_it_measures(
    name: str, construct: str, measure: str, region: str
) -> None:
    said = measured(name)
    assert said is not None
    assert (said.construct, said.measure, said.region) == (construct, measure, region)


@pytest.mark.parametrize("name", ["body weight", "fat mass", "BMI", "testosterone"])
def test_other_names_say_nothing(name: str) -> None:
    assert measured(name) is None


@pytest.mark.parametrize(
    ("text", "dose"),
    [
        ("RM10", ("rm", (10, 10))),
        ("30 RM", ("rm", (30, 30))),
        ("20-25RM", ("rm", (20, 25))),
        ("80% 1RM", ("load_pct_1rm", (80, 80))),
        ("30-50 %", ("load_pct_1rm", (30, 50))),
        ("3 sets", ("sets", (3, 3))),
        ("single set", ("sets", (1, 1))),
        ("2x/week", ("sessions_per_week", (2, 2))),
        ("heavy", None),
        ("1RM", None),
    ],
)
def test_the_dose_in_the_name_of_an_arm(
    text: str, dose: tuple[str, tuple[float, float]] | None
) -> None:
    assert dose_in(text) == dose


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["2024-03-01", "2024-12-31"], "%Y-%m-%d"),
        (["31-12-2023", "01-02-2024"], "%d-%m-%Y"),
        (["12/31/2023", "02/01/2024"], "%m/%d/%Y"),
        (["01-02-2024", "03-04-2024"], ""),
        (["soon"], ""),
    ],
)
def test_day_and_month_are_never_guessed(values: list[str], form: str) -> None:
    assert date_format(values) == form


def grid(text: str) -> list[list[str]]:
    rows = [line.split(";") for line in text.strip("\n").split("\n")]
    width = max(map(len, rows))
    return [row + [""] * (width - len(row)) for row in rows]


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("id;a;b\n1;2;3\n4;5;6", (0, 1, 0)),
        ("Our study\n\nid;a;b\n1;2;3\n4;5;6", (2, 1, 0)),
        ("id;a;b\n1;2;3\n4;5;6\nMean;3;4\nSD;1;1", (0, 1, 2)),
        ("id;a;b\n1;2;3\n4;5;6\n\n* excluded", (0, 1, 1)),
        (";press;;curl;\nid;pre;post;pre;post\n1;2;3;4;5\n2;3;4;5;6", (0, 2, 0)),
        ("id;press;;curl;\n;pre;post;pre;post\n1;2;3;4;5\n2;3;4;5;6", (0, 2, 0)),
        ("id;press;torque\n;kg;Nm\n1;2;3\n2;3;4", (0, 2, 0)),
        ("Title;;;\n;;press;\nid;group;pre;post\n1;a;2;3\n2;b;3;4", (1, 2, 0)),
    ],
)
def test_the_table_is_found_among_what_stands_around_it(
    text: str, layout: tuple[int, int, int]
) -> None:
    found = lay_out(grid(text), Tell())
    assert (found.skip_lines, found.header_lines, found.skip_footer) == layout


@pytest.mark.parametrize("text", ["just words", "a;b\n", "1;2;3\n4;5;6\n7;8;9"])
def test_what_is_no_table_is_told(text: str) -> None:
    with pytest.raises(NoTableError):
        lay_out(grid(text), Tell())


def test_a_slip_of_the_decimal_point_lies_outside_the_range() -> None:
    numbers = [float(value) for value in range(150, 250, 5)]
    low, high = plausible([*numbers, 2000.0, 0.0])
    assert 0 < low <= 150
    assert 245 <= high < 2000


@given(st.lists(st.floats(0.1, 1e5), min_size=1, max_size=30))
def test_the_range_is_never_upside_down(numbers: list[float]) -> None:
    low, high = plausible(numbers)
    assert low <= high


class Named(Strict):
    """What is named and labelled."""

    name: Name
    label: Label


@given(st.text(max_size=60))
def test_any_text_gives_a_name_and_a_label_that_study_yaml_takes(text: str) -> None:
    Named(name=safe_name(text, "arm"), label=clean_label(text, "Arm"))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_written_so_that_it_is_read_back(text: str) -> None:
    written = f"{comment(text)}\na: {flow({text: [text]})}\nb: {scalar(text)}\n"
    read = YAML(typ="safe", pure=True).load(written)
    assert read == {"a": {text: [text]}, "b": text}
