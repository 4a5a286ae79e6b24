"""A network in plain values, as network.json holds it for figures and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import combinations
from typing import Any

from howlow.analysis.fitting.fits import Combination
from howlow.config.settings import Config
from howlow.synthesis.network.connecting import Connected, Network
from howlow.synthesis.network.consistency import Consistency, QStatistic
from howlow.synthesis.network.fitting import pool_direct
from howlow.synthesis.network.graph import list_edges
from howlow.synthesis.network.ranking import p_scores


def describe(network: Network, config: Config) -> dict[str, Any]:
    """One network, with everything that is drawn of it; numbers are log ratios of means."""
    drawn = network.drawn
    found: dict[str, Any] = {
        "construct": network.construct,
        "parts": list(config.network),
        "drawn": drawn is not None,
        "reason": "" if drawn else network.reason,
        "trials": len(drawn.trials if drawn else network.trials),
        "nodes": list(_nodes(network)),
        "edges": [
            {
                "first": edge.first,
                "second": edge.second,
                "trials": len(edge.studies),
                "studies": list(edge.studies),
            }
            for edge in list_edges(network.trials)
        ],
        "components": [list(part) for part in network.components],
        "against": None,
        "tau2": None,
        "effects": [],
        "consistency": None,
        "league": [],
        "ranking": [],
        "left_out": [asdict(one) for one in network.left_out],
        "note": network.reason if drawn else "",
    }
    return found | (_results(drawn, config) if drawn else {})


def _nodes(network: Network) -> Iterator[dict[str, Any]]:
    """Every prescription with its arms, trials and participants, by the part it stands in."""
    for component, part in enumerate(network.components):
        for node in part:
            places = [
                (trial, trial.nodes.index(node)) for trial in network.trials if node in trial.nodes
            ]
            yield {
                "name": node,
                "arms": sum(trial.arms[k] for trial, k in places),
                "trials": len(places),
                "participants": int(sum(trial.n[k] for trial, k in places)),
                "component": component,
            }


def _results(drawn: Connected, config: Config) -> dict[str, Any]:
    """What the fit of a connected part says."""
    fit, level = drawn.fit, 1 - config.alpha
    scores = p_scores(*fit.differences(), fit.fit.df)
    ranked = sorted(zip(fit.nodes, scores, strict=True), key=lambda one: -one[1])
    others = [node for node in fit.nodes if node != drawn.against]
    return {
        "against": drawn.against,
        "tau2": _digits(fit.fit.tau2),
        "effects": [
            {"node": node, "against": drawn.against} | _compared(drawn, node, drawn.against, level)
            for node in others
        ],
        "consistency": _consistency(drawn.consistency, config.alpha),
        "league": [
            {"first": first, "second": second} | _compared(drawn, first, second, level)
            for second, first in combinations(fit.nodes, 2)
        ],
        "ranking": [{"node": node, "p_score": _digits(score)} for node, score in ranked],
    }


def _compared(drawn: Connected, first: str, second: str, level: float) -> dict[str, Any]:
    """One prescription less another: by the network, and by the trials that compare them."""
    direct = pool_direct(drawn.trials, first, second)
    return {
        **_interval(drawn.fit.compare(first, second), level),
        "direct": {"trials": direct[0]} | _interval(direct[1], level) if direct else None,
        "indirect_only": direct is None,
    }


def _interval(value: Combination, level: float) -> dict[str, float]:
    """An estimate with its interval."""
    low, high = value.interval(level)
    return {"estimate": _digits(value.estimate), "low": _digits(low), "high": _digits(high)}


def _consistency(found: Consistency, alpha: float) -> dict[str, Any]:
    """The test of the design-by-treatment interaction, and the parts of Q."""
    test = found.interaction
    return {
        "q": _digits(test.wald) if test else None,
        "f": None if test is None or test.f is None else _digits(test.f),
        "df": found.between.df,
        "df2": None if test is None or test.f is None else test.rest_df,
        "p": _digits(test.p) if test else None,
        "tau2": _digits(test.tau2) if test else None,
        "designs": [
            {"nodes": list(design), "trials": trials} | _statistic(part)
            for design, (trials, part) in found.designs.items()
        ],
        "parts": [
            {"part": name} | _statistic(part)
            for name, part in (
                ("total", found.total),
                ("within designs", found.within),
                ("between designs", found.between),
            )
        ],
        "method": "design-by-treatment interaction under random effects (REML), F test with the "
        "Hartung-Knapp factor; parts of Cochran's Q under a common effect",
        "note": found.sentence(alpha),
    }


def _statistic(found: QStatistic) -> dict[str, Any]:
    """A Q statistic."""
    p = None if found.p is None else _digits(found.p)
    return {"q": _digits(found.q), "df": found.df, "p": p}


def _digits(value: float) -> float:
    """Nine digits, as in the tables: the rest differs between machines."""
    return float(f"{value:.9g}")
