"""What changed since an earlier results folder."""

from __future__ import annotations

from dataclasses import dataclass

from howlow.analysis.estimates import Estimate
from howlow.report.contrasts import contrast_words
from howlow.report.inputs import Inputs
from howlow.report.lines import anchor_of
from howlow.report.numbers import NO_NUMBER
from howlow.report.sections.left_out import relative
from howlow.report.words import POPULATIONS, method_words, outcome_words, time_words

#: What a change is a change of, in words, in the order shown.
KINDS = {"claim": "Claims", "estimate": "Numbers", "study": "Studies"}


@dataclass(frozen=True)
class Change:
    """One thing that changed."""

    what: str
    anchor: str
    before: str
    after: str
    note: str


@dataclass(frozen=True)
class Changes:
    """All changes since the folder that config.yaml names to compare with."""

    since: str
    groups: tuple[tuple[str, tuple[Change, ...]], ...]


def changes_of(inputs: Inputs) -> Changes | None:
    """The changes; None where nothing is compared with."""
    if not inputs.config.compare_to:
        return None
    rows = inputs.synthesised.changes
    groups = tuple(
        (title, tuple(_change(row, inputs) for row in rows if row["what"] == kind))
        for kind, title in KINDS.items()
    )
    return Changes(relative(inputs.config.compare_to), tuple(group for group in groups if group[1]))


def _change(row: dict[str, str], inputs: Inputs) -> Change:
    """One change, with the place where the thing stands on the page, if it still does."""
    name, anchor, note = row["id"], "", row["note"]
    words = name
    if row["what"] == "claim":
        found = next((one for one in inputs.synthesised.claims if one["claim"] == name), None)
        if found:
            words, anchor = found["statement"], f"claim-{name}"
            note = _with_labels(note, inputs)
    elif row["what"] == "study":
        if name in inputs.trials:
            words = inputs.trials[name].cite
            anchor = f"study-{name}" if name in inputs.by_study else ""
    elif name in inputs.by_id:
        words, anchor = _estimate_words(inputs.by_id[name], inputs), anchor_of(name)
    return Change(words, anchor, row["before"] or NO_NUMBER, row["after"] or NO_NUMBER, note)


def _with_labels(note: str, inputs: Inputs) -> str:
    """A note on the parts of a claim, with their labels."""
    parts = []
    for part in note.split("; "):
        name, colon, rest = part.partition(": ")
        found = inputs.config.constructs.get(name.replace(" ", "_"))
        parts.append(f"{found.label if found else name}{colon}{rest}")
    return "; ".join(parts)


def _estimate_words(found: Estimate, inputs: Inputs) -> str:
    """An estimate as a reader knows it: whose, of what, which contrast, when, and how."""
    trial = inputs.trials.get(found.study)
    construct = inputs.config.constructs.get(found.outcome)
    whose = trial.cite if trial else "Network" if found.study == "network" else "Pool"
    label = construct.label if construct and not trial else outcome_words(found, trial)
    contrast = contrast_words(found.contrast, trial.arms if trial else {})
    when = time_words(found.at, trial.labels if trial else {})
    people = "" if trial else POPULATIONS.get(found.population, "")
    words = (label, contrast, when, people, method_words(found.method))
    scale = " (d)" if found.scale == "d" else ""
    return f"{whose}: {', '.join(word for word in words if word)}{scale}"
