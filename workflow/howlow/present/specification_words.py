"""The words around specification curves: notes, captions and texts for who cannot see them."""

from __future__ import annotations

from collections.abc import Sequence

from howlow.analysis.rounding import magnitude, with_interval
from howlow.present.specification import Choice, Specification
from howlow.present.theme import NO_BREAK
from howlow.present.wording import in_sentence

NO_VERDICT = "no margin, so no verdict"


def contrast_words(shown: Specification) -> str:
    """The contrast by its labels."""
    return f"{shown.first} −{NO_BREAK}{shown.second}"


def specification_notes(shown: Specification) -> list[str]:
    """What must stand in the figure itself."""
    found = []
    margin = shown.primary.margin
    if margin is not None:
        found.append(
            f"Shaded: differences smaller than the margin (±{magnitude(margin)} {shown.unit})."
        )
    found.append("Below: what each choice is; grey points are as in the primary analysis.")
    return found


def specification_title(shown: Specification) -> str:
    """A short title."""
    return (
        f"{shown.cite}: does the verdict hang on one choice? {shown.outcome_label}, "
        f"{in_sentence(shown.visit)}"
    )


def specification_caption(shown: Specification) -> str:
    """What lines and shapes are."""
    parts = ["SIMULATED data, not evidence."] if shown.simulated else []
    parts.append(
        f"Every defensible way to analyse {contrast_words(shown)}, by the size of its estimate, "
        f"with the {100 * shown.level:g} % interval (thin) and the "
        f"{100 * shown.equivalence_level:g} % interval that equivalence is judged by (thick). "
        "Shapes and colours are verdicts. Which ways are defensible follows from the design and "
        "the numbers, never from what they give. Two agree where both show a difference in the "
        "same direction, whether or not its size is settled, both a trivial one, both "
        "equivalence, both non-inferiority, or both nothing."
    )
    if shown.left_out:
        parts.append(
            "Right: the primary analysis without one participant, each in turn, by size; the line "
            "spans all their intervals."
        )
    return " ".join(parts)


def specification_alt(shown: Specification) -> str:
    """What the figure shows, in numbers."""
    primary, choices = shown.primary, shown.choices
    numbers = with_interval(primary.estimate, primary.low, primary.high)
    parts = ["SIMULATED data."] if shown.simulated else []
    parts.append(
        f"{shown.outcome_label}, {in_sentence(shown.visit)}, {contrast_words(shown)}. "
        f"Primary analysis {numbers} {shown.unit}, {primary.verdict or NO_VERDICT}. "
        f"{shown.agreement.words}."
    )
    parts.append(f"Estimates of {len(choices)} choices {_span(choices)} {shown.unit}.")
    others = [choice for choice in choices if not choice.agrees]
    if others:
        listed = "; ".join(f"{choice.words}: {choice.verdict}" for choice in others)
        parts.append(f"Another verdict: {listed}.")
    if shown.left_out:
        parts.append(f"Without one participant {_span(shown.left_out)} {shown.unit}.")
    return " ".join(parts)


def _span(choices: Sequence[Choice]) -> str:
    """From the smallest estimate to the largest."""
    low, high = choices[0].estimate, choices[-1].estimate
    places = with_interval((low + high) / 2, low, high).split("[")[1].rstrip("]").split(", ")
    return f"from {places[0]} to {places[1]}"
