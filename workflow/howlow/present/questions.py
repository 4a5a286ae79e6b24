"""The questions that figures answer, in words."""

from __future__ import annotations

#: Questions answered by one arm's change over time rather than by a contrast.
CHANGES = ("disuse", "recovery", "deficit", "detraining")
#: Questions whose times are counted in days.
IN_DAYS = ("countermeasure", "disuse", "recovery", "deficit")
#: What a change is counted from, where that is not simply the start.
COUNTED_FROM = {"recovery": "the end of disuse", "deficit": "before disuse"}
#: Questions in words, in the order of the report, with the words for a gain below and above zero.
QUESTIONS = {
    "load": ("Light against heavy loads", "heavier gained more", "lighter gained more"),
    "frequency": (
        "Fewer against more sessions a week",
        "more sessions gained more",
        "fewer sessions gained more",
    ),
    "volume": ("Fewer against more sets", "more sets gained more", "fewer sets gained more"),
    "failure": (
        "Stopping short of failure against going to failure",
        "to failure gained more",
        "short of failure gained more",
    ),
    "training": ("Training against none", "no training better", "training better"),
    "countermeasure": (
        "Training during disuse against none",
        "no training better",
        "training better",
    ),
    "disuse": ("Change with disuse", "loss", "gain"),
    "recovery": ("What comes back after disuse", "lost further", "regained"),
    "deficit": ("What is still missing after recovery", "still below", "above the start"),
    "detraining": ("Change after training stops", "loss", "gain"),
}
