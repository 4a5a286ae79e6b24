"""What the index of the figures says of each: its words, and the estimates it shows."""

from __future__ import annotations

from typing import Any

from howlow.present.flow import FlowFigure
from howlow.present.forest_figure import ForestFigure
from howlow.present.forest_words import forest_alt, forest_caption, forest_title
from howlow.present.specification import Specification
from howlow.present.specification_words import (
    specification_alt,
    specification_caption,
    specification_title,
)
from howlow.present.synthesis_figures import SynthesisFigure
from howlow.present.trajectories import Trajectories
from howlow.present.trials import TrialFigure
from howlow.present.wording import trial_alt, trial_caption, trial_title

#: What can be drawn.
Shown = TrialFigure | ForestFigure | Trajectories | FlowFigure | Specification | SynthesisFigure


def entry_of(shown: Shown) -> dict[str, Any]:
    """A figure's entry in the index."""
    empty = dict.fromkeys(("study", "collection", "outcome", "at", "question", "construct"), "")
    found: dict[str, Any] = {"stem": shown.stem, "kind": "", **empty}
    found |= {"title": "", "caption": "", "alt": "", "estimate_ids": [], "simulated": False}
    found |= {"individuals": False}
    if isinstance(shown, FlowFigure | Trajectories):
        return found | _of_participants(shown)
    if isinstance(shown, SynthesisFigure):
        own = ("kind", "question", "construct", "title", "caption", "alt")
        found |= {name: getattr(shown, name) for name in own}
        return found | {"estimate_ids": list(shown.estimate_ids)}
    if isinstance(shown, ForestFigure):
        return found | {
            "kind": "forest",
            "question": shown.question,
            "construct": shown.construct,
            "title": forest_title(shown),
            "caption": forest_caption(shown),
            "alt": forest_alt(shown),
            "estimate_ids": list(shown.estimate_ids),
        }
    names = ("study", "collection", "outcome", "at", "construct", "simulated")
    found |= {name: getattr(shown, name) for name in names}
    if isinstance(shown, Specification):
        return found | {
            "kind": "choices",
            "title": specification_title(shown),
            "caption": specification_caption(shown),
            "alt": specification_alt(shown),
            "estimate_ids": [shown.primary_id],
            # A participant's own share in the estimate could be told from the points left out.
            "individuals": bool(shown.left_out),
        }
    return found | {
        "kind": "estimation",
        "title": trial_title(shown),
        "caption": trial_caption(shown),
        "alt": trial_alt(shown),
        "estimate_ids": list(shown.estimate_ids),
        "individuals": any(arm.changes for arm in shown.arms),
    }


def _of_participants(shown: FlowFigure | Trajectories) -> dict[str, Any]:
    """What the index says of a figure that no estimate is drawn in."""
    trial, over_time = shown.trial, isinstance(shown, Trajectories)
    outcome = shown.outcome if isinstance(shown, Trajectories) else ""
    return {
        "kind": "trajectories" if over_time else "flow",
        "study": trial.id,
        "collection": trial.collection,
        "outcome": outcome,
        "construct": trial.outcomes[outcome].construct if outcome else "",
        "title": shown.title,
        "caption": shown.caption,
        "alt": shown.alt,
        "simulated": trial.simulated,
        "individuals": over_time,
    }
