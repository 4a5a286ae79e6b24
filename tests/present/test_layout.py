"""What an art editor would send back: text that touches, text that is cut off."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import cohort
import matplotlib
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from howlow.analysis.rounding import (
    decimals,
    magnitude,
    signed,
    ticks,
    with_interval,
)
from howlow.present import drawing
from howlow.present.forest import draw_forest
from howlow.present.forest_figure import Effect, ForestFigure
from howlow.present.page import Scale
from howlow.present.theme import ARM_COLOURS, ARM_SHAPES, RC, SMALL, width_of, wrap


def clashes(figure: matplotlib.figure.Figure) -> list[tuple[str, ...]]:
    """Texts outside the figure, and pairs that overlap (in pixels at 100 dots an inch)."""
    with matplotlib.rc_context(RC):
        renderer = FigureCanvasAgg(figure).get_renderer()
        boxes = [
            (text.get_text(), text.get_window_extent(renderer))
            for text in figure.findobj(Text)
            if text.get_text() and text.get_text() != "SIMULATED"
        ]
    page = figure.bbox
    found = [
        (text,)
        for text, box in boxes
        if box.x0 < 0 or box.y0 < -1 or box.x1 > page.width or box.y1 > page.height + 1
    ]
    for (one, a), (other, b) in combinations(boxes, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        # Ascenders of a line may reach into the descenders of the one above.
        if across > 1 and down > 4:
            found.append((one, other))
    return found


def test_no_text_touches_another_or_leaves_the_page(repo: Path, tmp_path: Path) -> None:
    results = cohort.write_results(tmp_path / "results", widened=True)
    for shown in drawing.figures(results, cohort.config(repo)):
        with matplotlib.rc_context(RC):
            figure = drawing.draw_figure(shown)
        assert clashes(figure) == []


@pytest.mark.parametrize("rows", [1, 3, 40])
def test_a_forest_is_readable_with_few_rows_and_many(rows: int) -> None:
    label = "80 % 1RM, three sets to failure on three days – 30 % 1RM, one set on one day a week"
    effects = tuple(
        Effect(
            estimate_id=str(k),
            cite=f"Somebody with a long name and Somebody Else {2000 + k} (not on the page)",
            label=label,
            weeks=10,
            n=1234,
            estimate=-0.1 + k / 400,
            low=-0.6 + k / 400,
            high=0.4 + k / 400,
            weight=1.0 + k,
            pooled=k % 2 == 0,
            marks="abc",
        )
        for k in range(rows)
    )
    reasons = ("outside 6-26 weeks",)
    marks = (("a", "SD presumed"), ("b", "n derived"), ("c", "spread rounded"))
    shown = ForestFigure(
        "stem", "load", "strength", "Strength", 5.0, 0.95, effects, (), (), marks, reasons
    )
    with matplotlib.rc_context(RC):
        figure = draw_forest(shown)
    assert clashes(figure) == []


def test_lines_are_no_wider_than_asked() -> None:
    text = "Once a week after 12 weeks of training at 80 % 1RM and pneumonoultramicroscopic words"
    for width in (0.4, 0.8, 2.0):
        lines = wrap(text, width, SMALL)
        assert all(width_of(line, SMALL) <= width for line in lines)
        joined = "".join(lines).replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
        assert joined == text.replace(" ", "")
    assert wrap("", 1.0, SMALL) == [""]


def test_no_two_arms_look_alike_even_in_grey() -> None:
    assert len(set(ARM_COLOURS)) == len(set(ARM_SHAPES)) == len(ARM_COLOURS)


@pytest.mark.parametrize(
    ("estimate", "low", "high", "shown"),
    [
        (-40.78, -73.66, -7.905, "−41 [−74, −8]"),
        (0.0557, -0.767, 0.878, "+0.06 [−0.77, +0.88]"),
        (1888.0, 1037.2, 2738.4, "+1888 [+1037, +2738]"),
        (-0.04, -0.3, 0.2, "−0.04 [−0.30, +0.20]"),
        (5.0, float("nan"), float("nan"), "+5.0"),
    ],
)
def test_numbers_are_rounded_by_their_interval(
    estimate: float, low: float, high: float, shown: str
) -> None:
    assert with_interval(estimate, low, high) == shown


def test_a_rounded_zero_has_no_sign() -> None:
    assert signed(-0.004, 1) == "0.0"
    assert signed(0.04, 1) == "0.0"


@pytest.mark.parametrize(
    ("size", "shown"), [(13.7396, "13.7"), (85.96, "86"), (0.46775, "0.468"), (5.0, "5")]
)
def test_a_margin_has_three_digits(size: float, shown: str) -> None:
    assert magnitude(size) == shown


def test_small_parts() -> None:
    assert ticks(-7.3, 12.1, 5) == [-5, 0, 5, 10]
    assert decimals(0.0) == 1
    scale = Scale(0, 10, 5, 1)
    assert scale(2.5) == 4
    assert scale(99) == 1
    assert not scale.holds(99)
