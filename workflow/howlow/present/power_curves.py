"""One panel of a plan's chart: chances by the number of people, with Monte-Carlo bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from howlow.analysis.planning.answers import purpose
from howlow.analysis.planning.chances import Chance, Target
from howlow.analysis.planning.plans import Answer, Planned
from howlow.analysis.planning.sizes import curve, rising
from howlow.present.page import Page, Scale
from howlow.present.theme import BODY, EDGE, LINE, NO_BREAK, SMALL, SOFT, arm_style, width_of, wrap

if TYPE_CHECKING:
    from howlow.config.planned import PlannedDesign

#: Width of the chart in inches: that of a telephone, so that it is read there without turning.
WIDTH = 4.06
#: Designs in words for readers.
DESIGNS = {"within_participant": "a limb with each", "parallel": "parallel arms"}
_HEIGHT = 1.65
_LEFT, _RIGHT = 0.50, WIDTH - 0.12
_STEP = SMALL * LINE
#: Round numbers of people on a logarithmic axis.
_ROUND = (1, 2, 5)


@dataclass(frozen=True)
class _Panel:
    """One target on the page: its scales, numbers of people on a logarithmic one."""

    page: Page
    planned: Planned
    target: Target
    people: Scale
    chance: Scale
    taken: list[tuple[float, float, float, float]]

    def x(self, people: float) -> float:
        """The place of a number of people."""
        return self.people(math.log(people))

    def take(self, left: float, top: float, width: float, lines: int) -> bool:
        """Keep a place for lines of small text; False where another text or the edge is."""
        right, bottom = left + width, top + lines * _STEP
        inside = left > _LEFT and right < WIDTH - 0.02 and bottom < self.chance(0)
        clear = all(
            right < other[0] or other[2] < left or bottom < other[1] or other[3] < top
            for other in self.taken
        )
        if inside and clear:
            self.taken.append((left, top, right, bottom))
        return inside and clear


def people_span(planned: Planned) -> tuple[float, float]:
    """Logarithms of the fewest and most people shown; the same for all panels."""
    people = [one.setting.people for one in planned.chances] or [10, 100]
    width = math.log(max(people) / min(people)) or 1.0
    # On the left a thin line has its label.
    return math.log(min(people)) - 0.13 * width, math.log(max(people)) + 0.04 * width


def draw_panel(
    page: Page, planned: Planned, target: Target, span: tuple[float, float], y: float
) -> float:
    """One target; returns where the next begins."""
    words = f"Chance to {purpose(planned, target).rstrip(',')}"
    words += ", if they do not differ" if target.aim == "equivalence" else ""
    unit = planned.assumed.card.unit
    words = words.replace(f" {unit}", f"{NO_BREAK}{unit}")
    lines = wrap(words, WIDTH - 2 * EDGE, BODY, bold=True)
    top = page.write_lines(EDGE, y, lines, BODY, weight="bold") + 0.12
    panel = _Panel(
        page,
        planned,
        target,
        Scale(*span, _LEFT, _RIGHT),
        Scale(0.0, 1.0, top + _HEIGHT, top),
        [],
    )
    _axes(panel)
    drawn = [
        (position, design, number, planned.of(design, drop_out, target))
        for position, design in enumerate(planned.request.designs)
        for number, drop_out in enumerate(planned.request.drop_out)
    ]
    for position, _, number, chances in drawn:
        if chances:
            _curve(panel, chances, position, main=number == 0)
    for position, design, number, _ in drawn:
        if number == 0:
            _needed(panel, design, position)
    for position, _, number, chances in drawn:
        if chances and number:
            _name_line(panel, chances[0], position)
    return top + _HEIGHT + 0.06 + 2 * _STEP + 0.16


def _axes(panel: _Panel) -> None:
    """Both axes, the chance that is wanted, and what they mean."""
    page, chance, power = panel.page, panel.chance, panel.planned.request.power
    bottom = chance(0)
    page.line([_LEFT, _LEFT], [chance(0), chance(1)])
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        page.line([_LEFT - 0.04, _LEFT], [chance(value)] * 2)
        page.write(_LEFT - 0.07, chance(value), f"{100 * value:g}", SMALL, ha="right")
    middle = (chance(0) + chance(1)) / 2
    page.write(EDGE + 0.06, middle, "Chance, %", BODY, ha="center", rotation=90)
    page.line([_LEFT, _RIGHT], [chance(power)] * 2, color=SOFT, linestyle=(0, (3, 2)))
    words, y = f"{100 * power:g} % wanted", chance(power) - 0.08
    panel.take(_LEFT + 0.04, y - _STEP / 2, width_of(words, SMALL), 1)
    page.write(_LEFT + 0.04, y, words, SMALL, color=SOFT)
    page.line([_LEFT, _RIGHT], [bottom, bottom])
    for value in _round_numbers(panel.people):
        x = panel.x(value)
        page.line([x, x], [bottom, bottom + 0.04])
        page.write(x, bottom + 0.06 + _STEP / 2, str(value), SMALL, ha="center")
    y = bottom + 0.06 + 1.5 * _STEP
    words = "People recruited, in all arms together"
    page.write((_LEFT + _RIGHT) / 2, y, words, BODY, ha="center")


def _round_numbers(scale: Scale) -> list[int]:
    """Round numbers of people that have room on the axis."""
    low, high = math.exp(scale.low), math.exp(scale.high)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [step * 10**power for power in powers for step in _ROUND]
    inside = [int(value) for value in found if low <= value <= high and value >= 1]
    if len(inside) >= 3:
        return inside
    finer = [step * 10**power for power in powers for step in (1, 1.5, 2, 3, 4, 5, 6, 8)]
    return [int(value) for value in finer if low <= value <= high and value == int(value)]


def _curve(panel: _Panel, chances: Sequence[Chance], position: int, *, main: bool) -> None:
    """The rising curve of a design; that of the first drop-out with its band and points."""
    colour, marker = arm_style(position)
    numbers = np.array([one.setting.n for one in chances], dtype=float)
    people = [one.setting.people for one in chances]
    fine = np.geomspace(numbers[0], numbers[-1], 60)
    share = people[0] / numbers[0]
    xs = [panel.x(share * value) for value in fine]
    ys = [panel.chance(float(value)) for value in curve(chances, fine)]
    if not main:
        panel.page.line(xs, ys, color=colour, linewidth=0.6, alpha=0.75)
        return
    low = [panel.chance(float(value)) for value in rising([one.low for one in chances])]
    high = [panel.chance(float(value)) for value in rising([one.high for one in chances])]
    places = [panel.x(value) for value in people]
    panel.page.area(
        [*places, *reversed(places)], [*low, *reversed(high)], colour, alpha=0.2, zorder=1
    )
    panel.page.line(xs, ys, color=colour, linewidth=1.8, zorder=3)
    for place, one in zip(places, chances, strict=True):
        panel.page.shape(place, panel.chance(one.chance), marker, 3.6, color=colour, zorder=4)


def _needed(panel: _Panel, design: PlannedDesign, position: int) -> None:
    """A line down from where the first drop-out's curve is enough, with the number beside it."""
    planned, page = panel.planned, panel.page
    answer = answer_of(planned, design, planned.request.drop_out[0], panel.target)
    colour, _ = arm_style(position)
    label = [DESIGNS[design], "not reached"]
    x = _RIGHT - 0.05
    if answer.people is not None:
        x = panel.x(answer.people)
        ends = [panel.chance(planned.request.power), panel.chance(0)]
        page.line([x, x], ends, color=colour, linewidth=0.9, linestyle=(0, (1, 1.5)), zorder=2)
        label[1] = f"{answer.people} people"
        label += [f"{answer.n} an arm"] if design == "parallel" else []
    width = max(width_of(line, SMALL, bold=True) for line in label)
    style: dict[str, Any] = {"color": colour, "weight": "bold", "zorder": 5}
    # From the axis upwards, right of the line or left of it, never over another label.
    lowest = panel.chance(0) - 0.06 - len(label) * _STEP
    for rise in range(12):
        top = lowest - rise * _STEP
        if panel.take(x + 0.05, top, width, len(label)):
            page.write_lines(x + 0.05, top, label, SMALL, **style)
            return
        if panel.take(x - 0.05 - width, top, width, len(label)):
            page.write_lines(x - 0.05, top, label, SMALL, ha="right", **style)
            return


def _name_line(panel: _Panel, foot: Chance, position: int) -> None:
    """The drop-out of a thin line at its foot, on the side away from the thick one, if it fits."""
    words = f"{100 * foot.setting.drop_out:g} %"
    width = width_of(words, SMALL)
    fewer = foot.setting.drop_out < panel.planned.request.drop_out[0]
    x = panel.x(foot.setting.people) + (-0.03 - width if fewer else 0.03)
    y = panel.chance(foot.chance) + 0.05
    if panel.take(x, y - _STEP / 2, width, 1):
        panel.page.write(x, y, words, SMALL, color=arm_style(position)[0])


def answer_of(planned: Planned, design: PlannedDesign, drop_out: float, target: Target) -> Answer:
    """The answer for a design, a drop-out and a target."""
    return next(
        found
        for found in planned.answers
        if (found.design, found.drop_out, found.target) == (design, drop_out, target)
    )
