"""The words around a forest plot: its title, notes, caption and text for who cannot see it."""

from __future__ import annotations

import math

from howlow.analysis.rounding import as_percent, percent_with_interval, signed
from howlow.present.forest_figure import Effect, ForestFigure, Pooled
from howlow.present.questions import COUNTED_FROM, QUESTIONS
from howlow.present.theme import NO_BREAK
from howlow.present.wording import in_sentence


def forest_title(shown: ForestFigure) -> str:
    """The question and the construct."""
    return f"{QUESTIONS[shown.question][0]}: {in_sentence(shown.construct_label)}"


def forest_notes(shown: ForestFigure) -> list[str]:
    """What must stand in the figure itself."""
    found = []
    if shown.question in COUNTED_FROM:
        found.append(f"Changes are counted from {COUNTED_FROM[shown.question]}.")
    if shown.margin_pct is not None:
        what = "changes" if shown.over_time else "differences"
        found.append(f"Shaded: {what} smaller than the margin, {shown.margin_pct:g} %.")
    if shown.assumptions:
        words = "; ".join(f"{letter}:{NO_BREAK}{word}" for letter, word in shown.assumptions)
        found.append(f"† rests on an assumption or a caution: {words}.")
    if any(not row.pooled for row in shown.effects) and not shown.over_time:
        why = f": {'; '.join(shown.reasons)}" if shown.reasons else ""
        if shown.pooled:
            found.append(f"Hollow squares are not part of the mean over trials{why}.")
        elif why:
            found.append(f"What keeps rows out of a mean over trials{why}.")
    borrowed = dict.fromkeys(row.borrowed for row in shown.described if row.is_borrowed)
    if borrowed:
        found.append(
            f"Dashed, in ( ): with a borrowed spread, no part of a mean or a verdict: "
            f"{'; '.join(borrowed)}."
        )
    rows = (*shown.effects, *shown.described)
    if not all(row.weeks > 0 and math.isfinite(row.n) for row in rows):
        found.append("–: not printed, or not known.")
    return found


def forest_alt(shown: ForestFigure) -> str:
    """What the figure shows, in numbers."""
    parts = [f"{forest_title(shown)}, in per cent with {100 * shown.level:g} % interval."]
    parts += [_pooled_words(one) for one in shown.pooled] or ["No mean over trials."]
    for rows, what in ((shown.effects, "with an interval"), (shown.described, "described only")):
        if rows:
            listed = "; ".join(_effect_words(row) for row in rows)
            parts.append(f"{len(rows)} row{'' if len(rows) == 1 else 's'} {what}: {listed}.")
    return " ".join(parts)


def _pooled_words(one: Pooled) -> str:
    """The mean over trials."""
    widened = ", widened, because the trials agree by chance" if one.unwidened else ""
    text = (
        f"Mean over {one.studies} trials ({one.at}) "
        f"{percent_with_interval(one.estimate, one.low, one.high)}{widened}"
    )
    for what, limits in (
        ("not widened", one.unwidened),
        ("a new trial", one.prediction),
    ):
        if limits is not None:
            low, high = (signed(as_percent(limit), 1) for limit in limits)
            text += f", {what} [{low}, {high}]"
    for other in one.beside:
        text += f", {other.words} {other.numbers}"
    return f"{text}; {one.judged[:1].lower()}{one.judged[1:]}."


def _effect_words(row: Effect) -> str:
    """One row."""
    n = f", n = {row.n:.0f}" if math.isfinite(row.n) else ""
    borrowed = " with a borrowed spread" if row.is_borrowed else ""
    return f"{row.cite} ({row.label}) {effect_numbers(row)}{borrowed}{n}"


def effect_numbers(row: Effect) -> str:
    """An effect in per cent with its interval; one with a borrowed spread in round brackets."""
    if row.is_borrowed:
        text = percent_with_interval(row.estimate, *row.limits)
        return text.replace("[", "(").replace("]", ")")
    return percent_with_interval(row.estimate, row.low, row.high)


def forest_caption(shown: ForestFigure) -> str:
    """What shapes are, by which method, under which assumptions."""
    what = "an arm's means after and before" if shown.over_time else "the arms' means"
    parts = [f"Ratios of {what}, as per cent, on a logarithmic scale."]
    if shown.effects:
        parts.append(
            f"Squares are estimates with their {100 * shown.level:g} % interval; the larger, the "
            "more weight. An arrow marks an interval that goes on beyond the scale."
        )
    if shown.described:
        parts.append("Hollow circles are described only, for no spread is printed.")
    if any(not other.own_scale for one in shown.pooled for other in one.beside):
        parts.append("A small diamond is another way to the same mean.")
    if shown.pooled:
        parts.append(
            "The diamond is the mean over trials (random effects by restricted maximum likelihood, "
            "Hartung-Knapp-Sidik-Jonkman interval)."
        )
    if any(one.unwidened for one in shown.pooled):
        parts.append(
            "The filled diamond is widened, because the trials agree by chance: its interval "
            "is never narrower than that of a common effect; the hollow one is not widened."
        )
    if any(one.prediction for one in shown.pooled):
        parts.append("The dashed line is the prediction interval.")
    return " ".join([*parts, *forest_notes(shown)])
