"""The figures of the synthesis: what is drawn, what is not, and whether it can be read."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cohort
import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.lines import Line2D
from matplotlib.text import Text
from test_layout import clashes

from howlow.config.settings import Config
from howlow.present import drawing
from howlow.present.claims_strip import SIGNS, claims_figure
from howlow.present.dose_curve import dose_curves
from howlow.present.effects import forest_figures
from howlow.present.evidence_map import evidence_map_figure
from howlow.present.forest_words import forest_alt, forest_caption, forest_notes
from howlow.present.funnel import FEWEST, funnel_figures
from howlow.present.influence import influence_figures
from howlow.present.ladder import NO_TRIAL, NOT_SHOWN, NOT_TESTED, SHOWN, ladder_figures
from howlow.present.network_graph import network_figures
from howlow.present.theme import RC
from howlow.synthesis.mapping import MapRow, write_map

SVG = "{http://www.w3.org/2000/svg}"
POOL = "pooled:load/strength/light - heavy/6-26 weeks/log_ratio/reml-hksj"
#: Smallest type that can be read on paper, in points.
SMALLEST = 6.0


@pytest.fixture(scope="module")
def settings(repo: Path) -> Config:
    return cohort.config(repo)


def map_row(question: str, construct: str, trials: int, poolable: int, **rest: Any) -> MapRow:
    """A row of the map; nothing else is known of it."""
    counts = ("cautioned", "selective", "no_spread", "own_unit", "young", "older", "below", "above")
    words = dict.fromkeys(("curve", "network", "missing", "settle"), "")
    cells = dict.fromkeys(counts, 0) | words | {"arms_needed_n": None, "participants": 0}
    cells |= {"status": "pooled" if poolable >= 5 else "few", "trials": trials}
    shared = {"question": question, "construct": construct, "poolable": poolable}
    return MapRow(**(shared | cells | rest))


def map_rows(settings: Config) -> list[MapRow]:
    """A map with a full, a half full and empty cells."""
    rows = [map_row("load", name, 0, 0) for name, one in settings.constructs.items() if one.pooled]
    rows[0] = map_row(
        "load", "strength", 38, 21, participants=1234, cautioned=12, selective=3, no_spread=11,
        own_unit=6,
    )  # fmt: skip
    rows[1] = map_row("load", "muscle_size", 1, 0, no_spread=1)
    return [*rows, *(map_row("disuse", row.construct, 0, 0) for row in rows)]


def curve(kind: str = "within", *, trials: int = 9, drawn: bool = True) -> dict[str, Any]:
    """A straight line of 0.002 a per cent 1RM, from 30 to 80, against 80; trials start at 30."""
    doses = (30.0, 55.0, 80.0)
    line = [{"dose": at, "estimate": 0.002 * (at - 80)} for at in doses]
    points = [
        {
            "study": f"t{trial}", "cite": f"Somebody {trial} and Someone Else 20{trial:02d}",
            "arm": "a", "dose": 80.0, "reference": 30.0 if kind == "within" else None,
            "estimate": 0.1 + 0.01 * trial, "low": -0.1, "high": 0.4, "n": 10.0 + trial,
            "matched": None, "assumed": "SD presumed" if trial == 0 else "",
            "shift": -0.1 if kind == "within" else 0.0,
        }
        for trial in range(trials)
    ]  # fmt: skip
    models = [
        {"name": "linear", "label": "straight line", "weight": 0.7, "line": line},
        {"name": "log", "label": "logarithm of the dose", "weight": 0.3, "line": line},
    ]
    banded = [at | {"low": at["estimate"] - 0.05, "high": at["estimate"] + 0.05} for at in line]
    return {
        "id": f"load:strength:{kind}", "dose": "load", "label": "Load", "unit": "% 1RM",
        "construct": "strength", "kind": kind, "drawn": drawn, "reason": "", "note": "A note.",
        "trials": trials, "participants": 300.0, "models": models, "best": "linear",
        "reference_dose": 80.0 if kind == "within" else None,
        "reference_label": "80 % 1RM" if kind == "within" else "no training",
        "line": banded, "points": points, "steps": {},
    }  # fmt: skip


def network(nodes: int) -> dict[str, Any]:
    """No training and other prescriptions, all against it; the last stands apart."""
    doses = [f"{load} {often} {sets}" for load in ("light", "heavy") for often in "123"
             for sets in ("single", "multiple")]  # fmt: skip
    names = ["no training", *doses[: nodes - 1]]
    joined = names[1:-1]
    return {
        "construct": "strength", "drawn": True, "reason": "", "trials": 14, "tau2": 0.0025,
        "against": "no training", "note": "", "league": [], "ranking": [], "left_out": [],
        "nodes": [{"name": name, "arms": 2, "trials": 2, "participants": 20 + 9 * k}
                  for k, name in enumerate(names)],
        "edges": [{"first": "no training", "second": name, "trials": 1 + k % 4}
                  for k, name in enumerate(joined)],
        "effects": [{"node": name, "against": "no training", "estimate": 0.02 * k,
                     "low": 0.02 * k - 0.1, "high": 0.02 * k + 0.1, "indirect_only": k == 1}
                    for k, name in enumerate(joined)],
        "consistency": {"q": 7.4679, "f": 2.2145, "df": 4, "df2": 9, "p": 0.14802},
    }  # fmt: skip


def ladder(*, tried: bool = True) -> dict[str, Any]:
    """Shown, passed over, not shown, not tested; or nothing tried at all."""
    rungs = [
        ("heavy loads three times a week or more", 7, 0.22, True, ""),
        ("light loads three times a week or more", 0, None, False, "no trial set it against none"),
        ("heavy loads twice a week", 5, 0.06, False, "its interval does not lie above the margin"),
        ("light loads once a week", 2, 0.01, False, "not tested, as heavy 2 was not shown"),
    ]
    sequence = [
        {
            "dose": words, "words": words, "trials": trials if tried else 0,
            "participants": 20 * trials, "estimate": gain if tried else None,
            "low": gain - 0.1 if tried and gain is not None else None,
            "high": gain + 0.1 if tried and gain is not None else None,
            "margin": 0.0488, "shown": shown, "why": why,
            "estimate_id": f"id of {words}" if trials else "",
        }
        for words, trials, gain, shown, why in rungs
    ]  # fmt: skip
    population = "all" if tried else "young"
    words = {"smallest": None, "share": None, "sentence": "Strength, all ages: a sentence."}
    return {"construct": "strength", "population": population, "sequence": sequence} | words


def claim_rows() -> list[dict[str, str]]:
    """A claim with two parts, one of them without a number, and a claim that is cited."""
    empty = dict.fromkeys((*cohort.CLAIM_COLUMNS, "claimed"), "")
    whole = {"claim": "c1", "verdict": "partly", "statement": "A few days in bed cost strength."}
    number = {"estimate": "-0.1", "ci_low": "-0.2", "ci_high": "-0.05", "unit": "log ratio"}
    strength = {"part": "strength", "trials": "2", "participants": "40", "claimed": "below_zero"}
    share = {"part": "share", "estimate": "0.6", "ci_low": "0.2", "ci_high": "0.9"}
    return [
        empty | whole,
        empty | whole | number | strength | {"estimate_id": "pooled:c1/strength"},
        empty | whole | {"part": "lean_leg", "verdict": "no data", "trials": "0"},
        empty | whole | share | {"unit": "of the loss", "trials": "1", "verdict": "not shown"},
        empty | {"claim": "c11", "verdict": "cited", "statement": "Few people train."},
    ]


def pool_frames(trials: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimates of one pool with all that stands beside it, and its evidence."""
    shared = {
        "study": "pooled:load", "construct": "strength", "contrast": "light - heavy",
        "at": "6-26 weeks", "scale": "log_ratio", "n_participants": 240.0, "note": "",
        "n_studies": trials, "estimate": -0.06, "ci_low": -0.1, "ci_high": -0.02, "verdict": "",
    }  # fmt: skip
    small = {"estimate_id": "some", "n_studies": 3, "estimate": -0.04, "ci_low": -0.3}
    rows = [
        shared | {"estimate_id": POOL, "method": "reml-hksj", "verdict": "inconclusive"},
        shared | {"estimate_id": "wide", "method": "reml-hksj-adhoc", "ci_low": -0.2},
        shared | small | {"method": "reml-hksj[uncautioned]"},
        shared | {"estimate_id": "d", "method": "reml-hksj", "scale": "d", "estimate": -0.9},
        shared | {"estimate_id": "one", "method": "one-stage", "scale": "raw", "estimate": -5.0,
                  "ci_low": -9.0, "ci_high": -1.0},
        shared | {"estimate_id": "r", "method": "reml-hksj[r_low]", "estimate": -0.7},
    ]  # fmt: skip
    effect = {
        "question": "load", "construct": "strength", "label": "30 % 1RM – 80 % 1RM", "weeks": 10.0,
        "scale": "log_ratio", "n": 24.0, "pooled": True, "assumed": "", "note": "", "borrowed": "",
        "borrowed_low": math.nan, "borrowed_high": math.nan,
    }  # fmt: skip
    evidence = [
        effect | {"study": f"t{k}", "cite": f"Somebody {k} et al. 20{k:02d}",
                  "estimate_id": f"t{k}", "estimate": -0.06 + 0.01 * k, "se": 0.02 + 0.005 * k,
                  "ci_low": -0.2, "ci_high": 0.1}
        for k in range(trials)
    ]  # fmt: skip
    nothing = dict.fromkeys(("se", "ci_low", "ci_high"), math.nan)
    lent = {"borrowed_low": -0.25, "borrowed_high": 0.05, "borrowed": "SD of change 9.0 %"}
    none = {"study": "n", "cite": "No Spread 1999", "estimate_id": "n", "pooled": False}
    evidence.append(effect | none | nothing | lent | {"estimate": -0.1})
    return pd.DataFrame(rows), pd.DataFrame(evidence)


def left_out(trials: int) -> pd.DataFrame:
    """The pool without each trial, as text."""
    row = {"estimate_id": POOL, "estimate": "-0.05", "ci_low": "-0.1", "ci_high": "0.0"}
    verdicts = ["inconclusive", "different but trivial"]
    return pd.DataFrame(
        [row | {"left_out": f"t{k}", "verdict": verdicts[k % 2]} for k in range(trials)]
    )


def every_figure(settings: Config) -> Iterator[drawing.Shown]:
    """Each kind of figure, some with few rows and some with many."""
    overview = evidence_map_figure(map_rows(settings), settings)
    claims = claims_figure(pd.DataFrame(claim_rows()), settings)
    assert overview is not None
    assert claims is not None
    yield from (overview, claims)
    yield from ladder_figures([ladder()], settings)
    yield from dose_curves([curve(), curve("between", trials=23)], settings)
    yield from network_figures([network(4), network(13)], settings)
    estimates, evidence = pool_frames(12)
    yield from influence_figures(left_out(12), estimates, evidence, settings)
    tests = pd.DataFrame(
        [{"estimate_id": POOL, "test": "Egger's regression", "statistic": "1.2", "df": "10",
          "p": "0.25"}]
    )  # fmt: skip
    yield from funnel_figures(evidence, estimates, tests, settings)
    yield from forest_figures(evidence, estimates, {}, settings, frozenset())


def test_nothing_touches_nothing_is_cut_off_and_all_type_can_be_read(settings: Config) -> None:
    kinds = set()
    for shown in every_figure(settings):
        with matplotlib.rc_context(RC):
            figure = drawing.draw_figure(shown)
        assert clashes(figure) == [], shown.stem
        assert min(text.get_fontsize() for text in figure.findobj(Text)) >= SMALLEST
        kinds.add(shown.stem.split("-")[0])
    expected = {"evidence", "claims", "ladder", "curve", "network", "influence", "funnel", "forest"}
    assert kinds == expected


@pytest.fixture(scope="module")
def drawn(settings: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All figures of a results folder whose synthesis has something of everything."""
    results = cohort.write_results(tmp_path_factory.mktemp("results"))
    write_map(map_rows(settings), results / "evidence_map.csv")
    rows = claim_rows()
    with (results / "claims.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    pooled = left_out(3).assign(estimate_id=cohort._pool().estimate_id)
    pooled.to_csv(results / "influence.csv", index=False)
    listed: dict[str, Any] = {
        "curves": [curve(), curve("between", trials=3, drawn=False)],
        "network": [network(7), network(4) | {"construct": "lean_leg", "drawn": False}],
        "answer": {"ladder": [ladder(), ladder(tried=False)]},
    }
    for name, content in listed.items():
        (results / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    drawing.draw(results, settings, results / "figures", formats=("svg",), processes=1)
    return results / "figures"


def index(drawn: Path) -> dict[str, dict[str, Any]]:
    entries = json.loads((drawn / "index.json").read_text(encoding="utf-8"))
    return {entry["stem"]: entry for entry in entries}


def words(drawn: Path, stem: str) -> str:
    """All text of a figure, as a reader sees it."""
    root = ElementTree.parse(drawn / f"{stem}.svg").getroot()
    return " ".join("".join(found.itertext()).strip() for found in root.iter(f"{SVG}text"))


def test_what_is_not_to_be_drawn_is_not(drawn: Path) -> None:
    kinds = {
        stem: entry["kind"]
        for stem, entry in index(drawn).items()
        if entry["kind"] not in ("estimation", "forest", "trajectories", "flow", "choices")
    }
    assert kinds == {
        "evidence-map": "evidence-map",
        "claims": "claims",
        "ladder-strength-all": "ladder",
        "curve-load-strength-within": "curve",
        "network-strength": "network",
        "influence-load-muscle_size": "influence",
    }


def test_every_entry_has_its_words_and_none_is_simulated(drawn: Path) -> None:
    for stem, entry in index(drawn).items():
        assert entry["title"], stem
        assert entry["caption"], stem
        assert (
            entry["alt"].startswith(entry["title"][:10])
            or entry["kind"] == "estimation"
            or (entry["kind"] in ("trajectories", "flow", "choices"))
        )
        if entry["kind"] in ("curve", "network", "ladder", "claims", "influence"):
            assert "SIMULATED" not in words(drawn, stem)
            assert not entry["simulated"]


def test_the_map_counts_trials_by_what_can_be_done_with_them(drawn: Path) -> None:
    text = words(drawn, "evidence-map")
    for part in ("38 trials", "n = 1234", "● 21", "○ 11", "□ 6", "† 12"):
        assert part in text
    alt = index(drawn)["evidence-map"]["alt"]
    assert "Strength 38 trials, n = 1234, 21 can be pooled" in alt
    assert "Change with disuse: no trial." in alt


def test_a_ladder_says_what_came_of_each_dose(drawn: Path, settings: Config) -> None:
    text = words(drawn, "ladder-strength-all")
    assert f"{100 * math.expm1(0.22):+.1f} [+12.7, +37.7]" in text
    assert "not tested, as heavy 2 was not" in text
    (shown,) = ladder_figures([ladder()], settings)
    assert [rung.state for rung in shown.rungs] == [SHOWN, NO_TRIAL, NOT_SHOWN, NOT_TESTED]
    assert len(shown.estimate_ids) == 3


def test_a_trial_stands_on_the_line_at_its_own_reference(settings: Config) -> None:
    within, between = dose_curves([curve(), curve("between")], settings)
    # The line is 0.002 * (30 - 80) = -0.1 at the reference of each trial.
    assert within.points[0].shown == pytest.approx((-0.2, 0.0, 0.3))
    assert "stands on the line" in within.caption
    assert between.points[0].shown == pytest.approx((-0.1, 0.1, 0.4))
    assert "stands on the line" not in between.caption
    assert "trials differ in more than the dose" in between.caption


def test_no_line_goes_beyond_the_doses_tried(settings: Config) -> None:
    (shown,) = dose_curves([curve()], settings)
    with matplotlib.rc_context(RC):
        figure = drawing.draw_figure(shown)
    lines = [line for line in figure.findobj(Line2D) if len(line.get_xdata()) == 3]
    widest = max(figure.findobj(Line2D), key=lambda line: float(np.ptp(line.get_xdata())))
    assert len(lines) == 3, "two models and their mean"
    left, right = min(widest.get_xdata()), max(widest.get_xdata())
    points = [line.get_xdata()[0] for line in figure.findobj(Line2D) if line.get_marker() == "o"]
    for line in lines:
        # The axis goes on; a line ends at the highest and the lowest dose of a trial.
        assert left < min(line.get_xdata()) < max(line.get_xdata()) < right
        assert max(line.get_xdata()) <= max(points)


def test_a_network_names_every_prescription_and_what_stands_apart(drawn: Path) -> None:
    text = words(drawn, "network-strength")
    assert "no training n = 20" in text
    assert "apart" in text
    assert "F = 2.2, 4 and 9 df, P = 0.148" in text
    alt = index(drawn)["network-strength"]["alt"]
    assert "light 1 multiple +2.0 [−7.7, +12.7] (indirect only)" in alt


def test_claims_are_told_by_word_sign_and_number(drawn: Path) -> None:
    text = words(drawn, "claims")
    assert "◐ partly" in text
    assert "−9.5 [−18.1, −4.9]" in text
    assert "no number: lean mass, leg" in text
    assert "share (of the loss)" in text
    assert "+0.60 [+0.20, +0.90]" in text
    assert "Shaded: where the number lies if the claim is true." in text
    assert index(drawn)["claims"]["estimate_ids"] == ["pooled:c1/strength"]
    assert len(set(SIGNS.values())) == len(SIGNS)


def test_influence_takes_three_trials_and_a_funnel_ten(settings: Config) -> None:
    tests = pd.DataFrame(columns=["estimate_id", "test", "statistic", "df", "p"])
    for trials in (2, 3, FEWEST - 1, FEWEST):
        estimates, evidence = pool_frames(trials)
        influence = list(influence_figures(left_out(trials), estimates, evidence, settings))
        assert len(influence) == (trials >= 3)
        funnels = list(funnel_figures(evidence, estimates, tests, settings))
        assert len(funnels) == (trials >= FEWEST)
        # The wider interval leads, as it does in the forest.
        assert all(found.whole.low == -0.2 for found in influence)


def test_the_mean_of_a_forest_is_on_the_log_ratio_and_what_stands_beside_it_says_how(
    settings: Config,
) -> None:
    (shown,) = forest_figures(*reversed(pool_frames(6)), {}, settings, frozenset())
    (mean,) = shown.pooled
    assert (mean.estimate_id, mean.unwidened_id) == ("wide", POOL)
    assert (mean.estimate, mean.low, mean.high) == (-0.06, -0.2, -0.02)
    assert [one.estimate_id for one in mean.beside] == ["some", "one"]
    assert [one.numbers for one in mean.beside] == ["−3.9 [−25.9, −2.0]", "−5.0 [−9.0, −1.0]"]
    assert "without cautioned or selectively printed rows (3 trials)" in forest_alt(shown)
    assert not {"d", "r"} & set(shown.estimate_ids)


def test_a_borrowed_spread_is_told_apart_everywhere_and_weighs_nothing(settings: Config) -> None:
    (shown,) = forest_figures(*reversed(pool_frames(6)), {}, settings, frozenset())
    (row,) = shown.described
    assert row.is_borrowed
    assert row.weight == 0
    assert not row.pooled
    assert "No Spread 1999 (30 % 1RM – 80 % 1RM) −9.5 (−22.1, +5.1) with a borrowed spread" in (
        forest_alt(shown)
    )
    note = "Dashed, in ( ): with a borrowed spread, no part of a mean or a verdict: SD of change"
    assert any(found.startswith(note) for found in forest_notes(shown))
    assert note in forest_caption(shown)
