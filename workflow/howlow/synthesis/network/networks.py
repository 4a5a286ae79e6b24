"""The networks of prescriptions of all pooled constructs."""

from __future__ import annotations

from typing import Any

from howlow.analysis.estimates import Estimate
from howlow.synthesis.material import Material
from howlow.synthesis.network.connecting import connect_trials
from howlow.synthesis.network.describing import describe
from howlow.synthesis.network.estimating import READINGS, network_estimates


def networks_of(material: Material) -> tuple[list[dict[str, Any]], list[Estimate]]:
    """The network of each pooled construct for network.json, and the estimates of those drawn."""
    config = material.config
    networks = [
        connect_trials(name, material.arms, config)
        for name, construct in config.constructs.items()
        if construct.pooled
    ]
    drawn = any(network.drawn for network in networks)
    readings = {reading: material.arms_as(reading) for reading in READINGS} if drawn else {}
    rows = [row for network in networks for row in network_estimates(network, readings, config)]
    return [describe(network, config) for network in networks], rows
