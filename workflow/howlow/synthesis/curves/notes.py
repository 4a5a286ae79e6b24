"""What stands under a curve: what its contrasts are, and what its line is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from howlow.synthesis.curves.doses import Contrasts, Dose, Kind
from howlow.synthesis.curves.shapes import LABELS

if TYPE_CHECKING:
    from howlow.synthesis.curves.averaging import MeanLine

_NOTES: dict[tuple[Dose, Kind], str] = {
    ("load", "within"): "Contrasts within trials whose arms differ in load alone.",
    ("sessions", "within"): (
        "Contrasts within trials whose arms differ in sessions a week; sets a week follow them "
        "unless a point is matched."
    ),
    ("sets", "within"): "Contrasts within trials whose arms differ in sets a week alone.",
    ("load", "between"): (
        "An association between trials, not a randomised comparison: the gain over no training of "
        "each trial's trained arms, by their load."
    ),
    ("sessions", "between"): (
        "An association between trials, not a randomised comparison: the gain over no training of "
        "each trial's trained arms, by their sessions a week."
    ),
    ("sets", "between"): (
        "An association between trials, not a randomised comparison: the gain over no training of "
        "each trial's trained arms, by their sets a week."
    ),
}


def note_on(
    dose: Dose,
    kind: Kind,
    contrasts: Sequence[Contrasts],
    points: Sequence[dict[str, Any]],
    drawn: MeanLine | None,
) -> str:
    """The note of a curve, drawn or not."""
    notes = [_NOTES[dose, kind]]
    if contrasts and dose == "sessions" and kind == "within":
        notes += [_none_observed(contrasts), _matching(points)]
    if drawn is not None:
        notes.append(_rule(drawn))
    return " ".join(note for note in notes if note)


def _rule(drawn: MeanLine) -> str:
    """How the models weigh in the line, and what its limits hold."""
    best = int(np.argmax(drawn.weights))
    most = f"{LABELS[drawn.lines[best].shape.name]}, {drawn.weights[best]:.2f}"
    return (
        f"Models weigh by AICc (most: {most}). The interval of their mean holds at each dose by "
        "itself and counts in that the models differ."
    )


def _none_observed(contrasts: Sequence[Contrasts]) -> str:
    """In how many trials zero was observed."""
    observed = sum(0 in found.doses for found in contrasts)
    return f"No training was observed in {observed} of {len(contrasts)} trials."


def _matching(points: Sequence[dict[str, Any]]) -> str:
    """How many contrasts between training arms keep the sets a week the same."""
    trained = [point for point in points if point["reference"] != 0]
    if not trained:
        return ""
    matched = sum(point["matched"] is True for point in trained)
    return f"Of {len(trained)} contrasts between training arms {matched} keep sets a week the same."
