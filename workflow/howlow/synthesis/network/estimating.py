"""Estimates of the networks that are drawn, for the table of estimates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import numpy as np

from howlow.analysis.estimates import Estimate, intervals
from howlow.analysis.tiers import weakened
from howlow.analysis.verdicts import judge
from howlow.config.settings import Config
from howlow.synthesis.arms import TrialArms
from howlow.synthesis.network.connecting import Connected, Network, fit_part, place_all
from howlow.synthesis.network.fitting import pool_direct
from howlow.synthesis.network.nodes import TrialNodes

#: Other readings of what papers leave out, under which a network is fitted again.
READINGS = ("r_low", "r_high", "limb_r_low", "limb_r_high", "spread_SD", "spread_SEM")


def network_estimates(
    network: Network, readings: Mapping[str, list[TrialArms]], config: Config
) -> list[Estimate]:
    """Each prescription of a drawn network against its reference; none of one not drawn.

    `readings` holds the arms of all trials under each of `READINGS`. The verdict is the weakest of
    them; where trials of different designs disagree there is none.
    """
    if network.drawn is None:
        return []
    rows = list(_rows(network.construct, network.drawn, config, ""))
    for reading, arms in readings.items():
        placed, _ = place_all(network.construct, arms, config)
        drawn = _changed(network.drawn, placed)
        if drawn is not None:
            rows += _rows(network.construct, drawn, config, reading)
    return list(weakened(rows))


def _changed(drawn: Connected, placed: Iterable[TrialNodes]) -> Connected | None:
    """The network under another reading; None where that changes no trial of it."""
    members = {trial.study for trial in drawn.trials}
    trials = [trial for trial in placed if trial.study in members]
    if len(trials) != len(members) or all(
        np.array_equal(one.covariance, other.covariance)
        for one, other in zip(drawn.trials, trials, strict=True)
    ):
        return None
    return fit_part(trials)


def _rows(construct: str, drawn: Connected, config: Config, reading: str) -> Iterator[Estimate]:
    """One row for each prescription but the reference."""
    percent, window = config.constructs[construct].margin_pct, config.training_window
    margin = None if percent is None else float(np.log1p(percent / 100))
    doubted = drawn.consistency.rejected(config.alpha)
    words = chain.from_iterable(trial.assumed.split("; ") for trial in drawn.trials)
    assumed = "; ".join(dict.fromkeys(word for word in words if word))
    for node in drawn.fit.nodes:
        if node == drawn.against:
            continue
        value = drawn.fit.compare(node, drawn.against)
        bounds = intervals(value, config.alpha)
        yield Estimate(
            study="network",
            collection="",
            kind="pooled",
            construct=construct,
            outcome=construct,
            population="all",
            estimand="log ratio of means, random-effects network of prescriptions",
            tier="sensitivity" if reading else "secondary",
            contrast=f"{node} - {drawn.against}",
            at=f"{window.min_weeks:g}-{window.max_weeks:g} weeks",
            scale="log_ratio",
            unit="log ratio",
            method=f"network-reml[{reading}]" if reading else "network-reml",
            **bounds,
            margin=margin,
            verdict="" if doubted else judge(bounds, margin, assay_sensitive=False),
            p=value.p,
            n_participants=sum(trial.people for trial in drawn.trials),
            n_studies=len(drawn.trials),
            converged=drawn.fit.fit.converged,
            boundary=drawn.fit.fit.tau2 == 0,
            assumed=assumed,
            note=_note(drawn, node, doubted),
        )


def _note(drawn: Connected, node: str, doubted: bool) -> str:
    """How many trials compare the two, and whether the network agrees with itself."""
    direct = pool_direct(drawn.trials, node, drawn.against)
    notes = [f"network of {len(drawn.trials)} trials and {len(drawn.fit.nodes)} prescriptions"]
    notes.append("indirect only" if direct is None else f"compared directly by {direct[0]}")
    if doubted:
        notes.append("trials of different designs disagree, so no verdict")
    return "; ".join(notes)
