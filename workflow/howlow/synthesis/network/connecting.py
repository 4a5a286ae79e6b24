"""The trials of one construct as a network: placed, connected, and fitted where they can be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from howlow.config.doses import NO_TRAINING
from howlow.config.settings import Config
from howlow.synthesis.arms import TrialArms
from howlow.synthesis.network.consistency import Consistency, check_consistency
from howlow.synthesis.network.fitting import NetworkFit, fit_network
from howlow.synthesis.network.graph import (
    disconnection,
    find_components,
    most_connected,
    obstacle,
    prescriptions,
    within,
)
from howlow.synthesis.network.nodes import LeftOut, TrialNodes, place_arms


@dataclass(frozen=True)
class Connected:
    """A connected part of a network with its fit.

    Attributes
    ----------
    against
        What effects are shown against: no training, else the node with most neighbours.
    """

    trials: tuple[TrialNodes, ...]
    against: str
    fit: NetworkFit
    consistency: Consistency


@dataclass(frozen=True)
class Network:
    """The prescriptions that trials of one construct compare.

    Attributes
    ----------
    components
        Prescriptions that trials connect with each other; the part of most trials first.
    drawn
        That first part, fitted; None where it is too small, and `reason` says what is missing.
    reason
        Why it is not drawn, or else what stands apart from it.
    """

    construct: str
    trials: tuple[TrialNodes, ...]
    left_out: tuple[LeftOut, ...]
    components: tuple[tuple[str, ...], ...]
    drawn: Connected | None
    reason: str


def connect_trials(construct: str, arms: Iterable[TrialArms], config: Config) -> Network:
    """Place the arms of every trial of a construct, and fit what is connected.

    It is drawn with three prescriptions and five trials or more.
    """
    trials, left_out = place_all(construct, arms, config)
    components = find_components(trials)
    missing = obstacle(trials, components, config.network)
    if missing:
        return Network(construct, trials, tuple(left_out), tuple(components), None, missing)
    drawn = fit_part(within(trials, components[0]))
    reason = "its prescription is not connected with the network"
    left_out += [
        LeftOut(trial.study, prescriptions(trial.nodes), reason)
        for trial in trials
        if trial not in drawn.trials
    ]
    apart = disconnection(trials, components)
    return Network(construct, trials, tuple(left_out), tuple(components), drawn, apart)


def place_all(
    construct: str, arms: Iterable[TrialArms], config: Config
) -> tuple[tuple[TrialNodes, ...], list[LeftOut]]:
    """The arms of a construct's trials by prescription, and those left out."""
    found = [place_arms(trial, config) for trial in arms if trial.construct == construct]
    trials = tuple(placed for placed, _ in found if placed is not None)
    return trials, [one for _, out in found for one in out]


def fit_part(trials: Sequence[TrialNodes]) -> Connected:
    """Fit trials that are connected."""
    fit = fit_network(trials)
    against = NO_TRAINING if NO_TRAINING in fit.nodes else most_connected(trials)
    return Connected(tuple(trials), against, fit, check_consistency(trials))
