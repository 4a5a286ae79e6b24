"""Figures on the page: each an image of its own, with its words and its numbers.

A figure is an `<img>` with a data address, not inline SVG: nothing inside an image can run, its ids
cannot clash with those of another figure, `alt` works as browsers and screen readers expect, and
the page's own style needs no exception for the styles that matplotlib writes into each element.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from howlow.analysis.estimates import Estimate
from howlow.report.effects import EffectLine, effect_line
from howlow.report.inputs import POOLED, Inputs
from howlow.report.lines import Line, lines_of

#: A figure is drawn for paper, in points; on a screen its small print needs more.
PIXELS_A_POINT = 1.5
_SIZE = re.compile(r"<svg\b[^>]*?\bviewBox=\"[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)\"", re.DOTALL)
_PROLOGUE = re.compile(r"^.*?(?=<svg\b)", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>\s*", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_INDENT = re.compile(r">\n\s*<")


@dataclass(frozen=True)
class Figure:
    """One figure; `lines` or `effects` hold the numbers that are drawn in it."""

    stem: str
    kind: str
    study: str
    question: str
    construct: str
    title: str
    caption: str
    alt: str
    source: str
    width: int
    height: int
    lines: tuple[Line, ...]
    effects: tuple[EffectLine, ...]
    simulated: bool


def figures_of(inputs: Inputs) -> list[Figure]:
    """Every figure in the index, in its order."""
    return [_figure(entry, inputs) for entry in inputs.figures]


def _figure(entry: dict[str, Any], inputs: Inputs) -> Figure:
    """One figure."""
    svg = (inputs.folder / "figures" / f"{entry['stem']}.svg").read_text(encoding="utf-8")
    size = _SIZE.search(svg)
    width, height = (
        (round(PIXELS_A_POINT * float(side)) for side in size.groups()) if size else (0, 0)
    )
    study = "" if entry["study"].startswith(POOLED) else entry["study"]
    effects = () if study else tuple(_effects(entry, inputs))
    found = [inputs.by_id[name] for name in entry["estimate_ids"] if name in inputs.by_id]
    shown_as_effects = {line.shown.estimate_id for line in effects}
    rest = [row for row in found if row.estimate_id not in shown_as_effects]
    if not study:
        rest.sort(key=interval_width, reverse=True)
    return Figure(
        stem=entry["stem"],
        kind=entry["kind"],
        study=study,
        question=entry["question"] or "",
        construct=entry["construct"] or "",
        title=entry["title"],
        caption=entry["caption"],
        alt=entry["alt"] or entry["title"],
        source=data_address(svg),
        width=width,
        height=height,
        lines=tuple(lines_of(rest, inputs.trials)),
        effects=effects,
        simulated=bool(entry["simulated"]) or inputs.is_simulated(study),
    )


def _effects(entry: dict[str, Any], inputs: Inputs) -> Iterable[EffectLine]:
    """The rows of a forest plot, as the evidence has them: turned to the question."""
    wanted = set(entry["estimate_ids"])
    for effect in inputs.effects:
        here = (effect.question, effect.construct) == (entry["question"], entry["construct"])
        if here and effect.estimate_id in wanted:
            found = inputs.by_id.get(effect.estimate_id)
            yield effect_line(effect, inputs.trials.get(effect.study), found)


def interval_width(found: Estimate) -> float:
    """The width of an interval."""
    return (found.ci_high or 0.0) - (found.ci_low or 0.0)


def data_address(svg: str) -> str:
    """An SVG as a data address, without what no reader sees: prologue, metadata, comments."""
    for pattern, replacement in ((_PROLOGUE, ""), (_METADATA, ""), (_COMMENT, ""), (_INDENT, "><")):
        svg = pattern.sub(replacement, svg)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")
