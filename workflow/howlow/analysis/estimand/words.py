"""An estimand card in words: sentences of the methods, a phrase for captions, rows of a table."""

from __future__ import annotations

from howlow.analysis.estimand.cards import Card
from howlow.config.trial import sides
from howlow.data.declaration import Declaration


def card_sentence(card: Card, trial: Declaration) -> str:
    """What a card estimates, and from whom, as sentences of the methods."""
    first, second = (_small(trial.arms[arm].label) for arm in sides(card.contrast))
    label = _small(trial.outcomes[card.outcome].label)
    what = f"{label} ({card.unit}) {_time(card, trial)}"
    arms = f"{first} and {second}, in {card.population}"
    said = [
        f"The {card.role} analysis estimates the difference in mean {what} between {arms}",
        _missed_sessions(card, trial),
        _drop_out(card, trial),
        _baseline(card),
        *([f"The analysis adjusts for {_listed(card.covariates)}"] if card.covariates else []),
        _judged(card, trial),
        *([_together(card)] if card.comparisons else []),
    ]
    return ". ".join(sentence[:1].upper() + sentence[1:] for sentence in said) + "."


def card_phrase(card: Card, trial: Declaration) -> str:
    """What a card estimates, for a caption: contrast, outcome, time and who counts."""
    first, second = (trial.arms[arm].label for arm in sides(card.contrast))
    start = f"{first} against {_small(second)}, {_small(trial.outcomes[card.outcome].label)} "
    start += _time(card, trial)
    if trial.kind != "participants":
        return f"{start}: as the paper counted"
    who = {
        "treatment_policy": "everyone as allotted"
        if trial.randomised == "yes"
        else "everyone in their arm",
        "per_protocol": f"those who came to {card.per_protocol_pct:g} % of the sessions",
    }[card.missed_sessions]
    left = {
        "missing_at_random": "missed visits taken as missing at random",
        "completers": "those measured both times",
    }[card.drop_out]
    return f"{start}: {who}; {left}"


def card_lines(card: Card, trial: Declaration) -> list[tuple[str, str]]:
    """A card as the rows of a table: what it is about, and what was declared."""
    first, second = (trial.arms[arm].label for arm in sides(card.contrast))
    outcome = trial.outcomes[card.outcome]
    level = f"{_percent(1 - card.alpha)} %; equivalence by {_percent(1 - 2 * card.alpha)} %"
    lines = [
        ("Role", "Primary analysis" if card.role == "primary" else "Secondary analysis"),
        ("Population", card.population),
        ("Contrast", f"{first} less {_small(second)}"),
        ("Outcome", f"{outcome.label} ({card.unit}); higher is {card.higher_is}"),
        ("Time", _time(card, trial).removeprefix("at ")),
        ("Summary measure", f"Difference between the two means, in {card.unit}"),
        ("Missed sessions", _missed_sessions(card, trial)),
        ("Drop-out", _drop_out(card, trial)),
        ("Baseline", _baseline(card)),
        ("Adjusted for", _listed(card.covariates) or "The baseline alone"),
        ("Effect may depend on", _listed(card.moderators) or "Nothing declared"),
        ("Level of the intervals", level),
        ("Judged by", _judged(card, trial)),
    ]
    if card.comparisons:
        lines.append(("Several comparisons", _together(card)))
    return [(label, f"{said[:1].upper()}{said[1:]}") for label, said in lines]


def _missed_sessions(card: Card, trial: Declaration) -> str:
    """Who counts, however often they came."""
    if trial.kind != "participants":
        return "people count in the arm, and however often they came, as the paper counted them"
    if card.missed_sessions == "per_protocol":
        planned = f"{card.planned_sessions} " if card.planned_sessions else ""
        return (
            f"only those who came to at least {card.per_protocol_pct:g} % of the {planned}planned "
            "sessions count (per protocol); they may differ from the others in more than their arm"
        )
    chance = trial.randomised == "yes"
    if card.design == "within_participant":
        who = f"every limb counts in the arm it was {'allotted to' if chance else 'trained in'}"
    elif card.design == "crossover":
        who = "everyone counts in each arm in the period it was planned for"
    else:
        who = f"everyone counts in the arm they were {'allotted to' if chance else 'in'}"
    return f"{who}, however many sessions they came to (treatment policy)"


def _drop_out(card: Card, trial: Declaration) -> str:
    """What is done about values that are not there."""
    if trial.kind != "participants":
        return "what the paper did about drop-out holds here as well"
    if card.drop_out == "completers":
        return (
            "only those measured both before and at this visit count (completers), as if those who "
            "left were like those who stayed"
        )
    return (
        "visits that were missed are taken as missing at random given what was measured: by the "
        "likelihood, no value is filled in"
    )


def _baseline(card: Card) -> str:
    """What is said of the arms before anything was done."""
    if card.design == "crossover":
        return "where a period has a baseline it is adjusted for, within people and between them"
    if card.baseline == "of each arm":
        return "each arm has a mean of its own before, as chance did not make the arms"
    if card.design == "within_participant":
        return "both limbs have one mean before, as nothing had yet been done to either"
    return "all arms have one mean before, as nothing had yet been done that differs between them"


def _judged(card: Card, trial: Declaration) -> str:
    """The margin, and what is to be shown."""
    if card.margin is None and card.margin_pct is None:
        return "no smallest difference that matters was declared, so there is no verdict"
    margin = (
        f"{card.margin:g} {card.unit}"
        if card.margin is not None
        else f"{card.margin_pct:g} % of the mean before over all arms"
    )
    matters = f"the smallest difference that matters is {margin}"
    if card.aim != "non_inferiority":
        return matters
    first, second = (_small(trial.arms[arm].label) for arm in sides(card.contrast))
    level = _percent(1 - card.alpha / 2)
    return (
        f"{matters}; {first} is to be shown not worse than {second} by that much, by a one-sided "
        f"interval of {level} %"
    )


def _together(card: Card) -> str:
    """What is done about several comparisons with one reference."""
    number = len(card.comparisons)
    return f"the intervals of the {number} comparisons with this reference hold together (Dunnett)"


def _time(card: Card, trial: Declaration) -> str:
    """The visit and its week."""
    label = trial.labels.get(card.at, card.at)
    week = "" if card.week is None else f"week {card.week:g}"
    if not week or week in label.lower():
        return f"at {_small(label)}"
    return f"at {_small(label)} ({week})"


def _listed(names: tuple[str, ...]) -> str:
    """Names as words of a sentence."""
    words = ["training status" if name == "training" else name for name in names]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _percent(share: float) -> str:
    """A level in per cent, without rounding noise."""
    return f"{100 * share:.6g}"


def _small(label: str) -> str:
    """A label inside a sentence: its first letter small, unless it is an abbreviation."""
    word = label.split(" ")[0]
    return label[:1].lower() + label[1:] if word[1:].islower() else label
