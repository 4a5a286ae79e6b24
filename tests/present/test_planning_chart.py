"""The chart of a plan: readable on a telephone, the same each time, and told in words."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest
from conftest import ROOT
from matplotlib.text import Text
from test_layout import clashes

from howlow.analysis.planning.assumed import declared
from howlow.analysis.planning.plans import Planned, Request, simulate_plan
from howlow.config.planned import read_planned_cohort
from howlow.config.reading import read_config
from howlow.present.planning import alt, draw_plan, write_chart
from howlow.present.theme import RC

REQUEST = Request(
    ("parallel", "within_participant"), (0.15, 0.0, 0.3), (15, 25, 40, 70, 110, 160), 0.9, 50, 1
)


@cache
def plan() -> Planned:
    config = read_config([ROOT / "config" / "config.yaml"])
    file = read_planned_cohort(ROOT / "config" / "planning-example.yaml")
    # Two visits and few trials: what is drawn matters here, not what it says.
    file = file.model_copy(update={"visits": file.visits[::2], "difference": 12.0})
    return simulate_plan(declared(file, config), REQUEST)


def texts(planned: Planned) -> list[str]:
    with matplotlib.rc_context(RC):
        return [text.get_text() for text in draw_plan(planned).findobj(Text)]


def test_no_text_of_a_plan_touches_another_or_leaves_the_page() -> None:
    with matplotlib.rc_context(RC):
        assert clashes(draw_plan(plan())) == []


@pytest.mark.parametrize("designs", [("parallel",), ("within_participant",)])
def test_a_plan_of_one_design_is_drawn_alone(designs: tuple[str, ...]) -> None:
    planned = plan()
    one = replace(
        planned,
        request=replace(planned.request, designs=designs),  # type: ignore[arg-type]
        chances=tuple(found for found in planned.chances if found.setting.design in designs),
        answers=tuple(found for found in planned.answers if found.design in designs),
    )
    with matplotlib.rc_context(RC):
        assert clashes(draw_plan(one)) == []
    assert ("parallel arms" in texts(one)) == (designs == ("parallel",))


def test_a_chart_is_as_wide_as_a_telephone_and_its_letters_are_not_small() -> None:
    with matplotlib.rc_context(RC):
        figure = draw_plan(plan())
    assert figure.get_figwidth() * 96 == pytest.approx(390, abs=1)
    assert min(text.get_fontsize() for text in figure.findobj(Text) if text.get_text()) >= 6.5


def test_a_chart_says_what_its_axes_are_and_that_it_is_simulated() -> None:
    words = " ".join(texts(plan()))
    for expected in (
        "SIMULATED from declared assumptions",
        "Chance, %",
        "People recruited, in all arms together",
        "90 % wanted",
        "Monte-Carlo interval",
        "a limb with each",
        "Correlation 0.89",
    ):
        assert expected in words.replace("\N{NO-BREAK SPACE}", " ")


def test_a_number_that_was_not_reached_is_told_so() -> None:
    planned = plan()
    none = tuple(replace(found, n=None, n_low=None, n_high=None) for found in planned.answers)
    assert "not reached" in texts(replace(planned, answers=none))
    assert "not reached" in alt(replace(planned, answers=none))


def test_a_chart_is_the_same_each_time_and_has_a_text_for_who_cannot_see_it(
    tmp_path: Path,
) -> None:
    for name in ("one", "other"):
        write_chart(plan(), tmp_path / name, ["svg", "png"])
    for name in ("plan.svg", "plan.png"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()
    drawn = ElementTree.fromstring((tmp_path / "one" / "plan.svg").read_text("utf-8"))
    described = drawn.find("{http://www.w3.org/2000/svg}desc")
    assert described is not None
    assert "90 % chance" in (described.text or "")
