"""The figures of the synthesis beside the forests: the map, curves, networks, ladders, claims."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from howlow.config.settings import Config
from howlow.data.measurements import read_table
from howlow.present.claims_drawing import draw_claims
from howlow.present.claims_strip import ClaimsFigure, claims_figure
from howlow.present.dose_curve import DoseCurve, dose_curves
from howlow.present.dose_panel import draw_dose_curve
from howlow.present.evidence_map import EvidenceMap, draw_evidence_map, evidence_map_figure
from howlow.present.funnel import FunnelFigure, draw_funnel, funnel_figures
from howlow.present.influence import InfluenceFigure, draw_influence, influence_figures
from howlow.present.ladder import LadderFigure, draw_ladder, ladder_figures
from howlow.present.network_drawing import draw_network
from howlow.present.network_graph import NetworkFigure, network_figures
from howlow.synthesis.mapping import read_map

if TYPE_CHECKING:
    import pandas as pd

#: Figures that have their own words: kind, stem, question, construct, title, caption, alt, ids.
SynthesisFigure = (
    EvidenceMap
    | ClaimsFigure
    | LadderFigure
    | DoseCurve
    | NetworkFigure
    | InfluenceFigure
    | FunnelFigure
)


def synthesis_figures(
    results: Path, estimates: pd.DataFrame, evidence: pd.DataFrame, config: Config
) -> Iterator[SynthesisFigure]:
    """What the written synthesis lets be drawn; what it says is not to be drawn is not."""
    overview = evidence_map_figure(read_map(results / "evidence_map.csv"), config)
    claims = claims_figure(read_table(results / "claims.csv", text=None), config)
    yield from (figure for figure in (overview, claims) if figure is not None)
    yield from ladder_figures(_read(results / "answer.json").get("ladder", ()), config)
    yield from dose_curves(_read(results / "curves.json"), config)
    yield from network_figures(_read(results / "network.json"), config)
    influence = read_table(results / "influence.csv", text=None)
    yield from influence_figures(influence, estimates, evidence, config)
    tests = read_table(results / "small_studies.csv", text=None)
    yield from funnel_figures(evidence, estimates, tests, config)


def draw_synthesis_figure(shown: SynthesisFigure) -> Figure:
    """Draw one of them."""
    if isinstance(shown, EvidenceMap):
        return draw_evidence_map(shown)
    if isinstance(shown, ClaimsFigure):
        return draw_claims(shown)
    if isinstance(shown, LadderFigure):
        return draw_ladder(shown)
    if isinstance(shown, DoseCurve):
        return draw_dose_curve(shown)
    if isinstance(shown, NetworkFigure):
        return draw_network(shown)
    return draw_influence(shown) if isinstance(shown, InfluenceFigure) else draw_funnel(shown)


def _read(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
