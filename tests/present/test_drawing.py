"""From results on disk to figures on disk."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cohort
import pytest

from howlow.analysis.estimates import read_estimates
from howlow.present import drawing
from howlow.present.effects import expected, last_reason
from howlow.synthesis.pools import PoolDetails

SVG = "{http://www.w3.org/2000/svg}"
ESTIMATION = (
    "limbs-csa-post",
    "simulated-csa-post",
    "one-2001-csa-week_10",
    "two-2002-csa-week_10",
)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cohort.write_results(tmp_path_factory.mktemp("results å"))


@pytest.fixture(scope="module")
def drawn(results: Path, repo: Path) -> Path:
    output = results / "figures"
    drawing.draw(results, cohort.config(repo), output, formats=("svg",), processes=1)
    return output


def entries(drawn: Path) -> dict[str, dict[str, Any]]:
    listed = json.loads((drawn / "index.json").read_text(encoding="utf-8"))
    return {entry["stem"]: entry for entry in listed}


def words(drawn: Path, stem: str) -> list[str]:
    """Every line of text in a figure, as a reader sees it."""
    root = ElementTree.parse(drawn / f"{stem}.svg").getroot()
    return ["".join(found.itertext()).strip() for found in root.iter(f"{SVG}text")]


def test_every_contrast_has_a_figure(results: Path, drawn: Path) -> None:
    estimates = read_estimates(results / "estimates.csv")
    trials = estimates[~estimates["study"].str.startswith("pooled:")]
    contrasts = trials[
        trials["tier"].isin(["primary", "secondary"])
        & (trials["scale"] == "raw")
        & ~trials["contrast"].str.startswith("mean(")
    ]
    listed = entries(drawn).values()
    shown = {
        name for entry in listed if entry["kind"] == "estimation" for name in entry["estimate_ids"]
    }
    assert set(contrasts["estimate_id"]) <= shown
    assert {f"estimation-{stem}" for stem in ESTIMATION} <= set(entries(drawn))


def test_files_and_index_agree(drawn: Path) -> None:
    stems = {path.stem for path in drawn.glob("*.svg")}
    assert stems == set(entries(drawn))
    assert {path.name for path in drawn.iterdir()} == {f"{s}.svg" for s in stems} | {"index.json"}


@pytest.mark.parametrize("stem", [f"estimation-{name}" for name in ESTIMATION])
def test_numbers_in_figure_and_alt_are_those_of_the_estimates(drawn: Path, stem: str) -> None:
    text, alt = " ".join(words(drawn, stem)), entries(drawn)[stem]["alt"]
    for shown in (text, alt):
        assert "−2.0 [−3.6, −0.5]" in shown
        assert "−3.9 [−6.9, −0.8]" in shown
    if "two-2002" not in stem:
        assert "+1.5 [−0.5, +3.5]" in alt
        assert "different (size unsettled)" in text


def test_forest_numbers_are_those_of_the_evidence(drawn: Path) -> None:
    text = " ".join(words(drawn, "forest-load-muscle_size"))
    assert "−3.9 [−6.9, −0.8] †ab" in text
    assert "−3.0 [−18.1, +14.9]" in text
    assert "[−25.9, +27.0]" not in text, "two trials say nothing of a third"
    assert "a: SEM presumed; b: n derived" in text
    assert f"{100 * math.expm1(-0.1):.1f}".replace("-", "−") in text


def test_a_title_that_looks_like_mathematics_or_markup_is_shown_as_it_is(drawn: Path) -> None:
    stem = "estimation-limbs-csa-post"
    assert any(cohort.TRICKY in line for line in words(drawn, stem))
    assert "<b>" not in (drawn / f"{stem}.svg").read_text(encoding="utf-8")


def test_simulated_figures_say_so_everywhere(drawn: Path) -> None:
    for stem, entry in entries(drawn).items():
        says = ["SIMULATED" in text for text in (entry["alt"], entry["caption"])]
        says.append("SIMULATED" in words(drawn, stem))
        expected = "simulated" in stem
        assert says == [expected] * 3
        assert entry["simulated"] == expected


def test_forests_hold_no_simulated_row(drawn: Path) -> None:
    for stem, entry in entries(drawn).items():
        if entry["kind"] == "forest":
            assert not [name for name in entry["estimate_ids"] if name.startswith("simulated/")]
            assert not [line for line in words(drawn, stem) if "SIMULATED" in line]


def test_printed_summaries_show_no_individuals(results: Path, drawn: Path, repo: Path) -> None:
    for shown in drawing.figures(results, cohort.config(repo)):
        if isinstance(shown, drawing.TrialFigure):
            people = sum(len(arm.changes) for arm in shown.arms)
            assert people == (8 if shown.limb_pairs else 0)
    assert not entries(drawn)["estimation-one-2001-csa-week_10"]["individuals"]
    assert entries(drawn)["estimation-limbs-csa-post"]["individuals"]


def test_assumptions_and_a_missing_margin_stand_in_the_figure(drawn: Path) -> None:
    assert "Assumed: SEM presumed; n derived." in words(drawn, "estimation-one-2001-csa-week_10")
    two = " ".join(words(drawn, "estimation-two-2002-csa-week_10"))
    assert "so there is no verdict" in two
    assert "only the difference" in two


def test_disuse_is_sorted_by_its_length(drawn: Path) -> None:
    lines = words(drawn, "forest-disuse-muscle_size")
    assert lines.index("Fast et al. 2004") < lines.index("Slow et al. 2005")
    assert "7" in lines
    assert "56" in lines


def test_what_has_no_baseline_stands_in_no_forest(drawn: Path) -> None:
    for stem, entry in entries(drawn).items():
        if entry["kind"] == "forest":
            assert not [line for line in words(drawn, stem) if "Raw et al." in line]
            assert "Raw et al." not in entry["alt"]


def test_recovery_and_what_is_still_missing_say_what_they_are_counted_from(drawn: Path) -> None:
    back = words(drawn, "forest-recovery-muscle_size")
    assert "What comes back after disuse: muscle size (CSA or volume)" in back
    assert "regained →" in back
    assert "Changes are counted from the end of disuse." in back
    assert "–: not printed, or not known." in back
    missing = words(drawn, "forest-deficit-muscle_size")
    assert "What is still missing after recovery: muscle size (CSA or volume)" in missing
    assert "← still below" in missing
    assert "Changes are counted from before disuse." in missing
    assert "90" in missing


@pytest.mark.parametrize(
    ("trials", "prediction", "shown"),
    [(3, (-0.5, 0.4), True), (2, (-0.5, 0.4), False), (3, (-0.05, 0.05), False)],
)
def test_a_new_trial_is_expected_somewhere_only_by_three_and_no_nearer_than_their_mean(
    trials: int, prediction: tuple[float, float], shown: bool
) -> None:
    found = PoolDetails("id", 0.1, 0.0, 0.0, *prediction)
    assert expected(found, trials, -0.2, 0.1) == (prediction if shown else None)


def test_the_last_reason_is_no_remark_on_the_sign() -> None:
    assert last_reason("A.; time not printed; turned round: less is better") == "time not printed"


def test_the_widest_interval_leads_the_forest(repo: Path, tmp_path: Path) -> None:
    results = cohort.write_results(tmp_path / "results", widened=True)
    config = cohort.config(repo)
    drawing.draw(results, config, tmp_path / "f", formats=("svg",), processes=1)
    text = " ".join(words(tmp_path / "f", "forest-load-muscle_size"))
    assert text.index("−3.0 [−25.9, +27.0]") < text.index("[−18.1, +14.9]")
    assert "widened, because the trials" in text
    assert "not widened" in text
    alt = entries(tmp_path / "f")["forest-load-muscle_size"]["alt"]
    assert "−3.0 [−25.9, +27.0], widened, because the trials agree by chance, not widened" in alt


def test_same_bytes_for_any_number_of_processes(
    results: Path, drawn: Path, repo: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    drawing.draw(results, cohort.config(repo), again, formats=("svg",), processes=2)
    for path in drawn.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name


def test_pdf_and_png_are_the_same_each_time(
    results: Path, repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = cohort.config(repo).model_copy(update={"studies": ("limbs",)})
    one_of_each = {type(shown): shown for shown in drawing.figures(results, config)}
    monkeypatch.setattr(drawing, "figures", lambda *_: list(one_of_each.values()))
    for name in ("one", "two"):
        formats = ("pdf", "png")
        drawing.draw(results, config, tmp_path / name, formats=formats, processes=1)
    for path in (tmp_path / "one").iterdir():
        assert (tmp_path / "two" / path.name).read_bytes() == path.read_bytes(), path.name


def test_nothing_half_drawn_is_left(
    results: Path, repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("no ink")

    monkeypatch.setattr(drawing, "draw_forest", fail)
    output = tmp_path / "figures"
    with pytest.raises(RuntimeError, match="no ink"):
        drawing.draw(results, cohort.config(repo), output, formats=("svg",), processes=1)
    assert list(tmp_path.rglob("*")) == [output]


def test_figures_that_are_no_more_go(results: Path, repo: Path, tmp_path: Path) -> None:
    config = cohort.config(repo)
    drawing.draw(results, config, tmp_path / "f", formats=("svg",), processes=1)
    fewer = config.model_copy(update={"studies": ("limbs",)})
    drawing.draw(results, fewer, tmp_path / "f", formats=("svg",), processes=1)
    left = {path.stem for path in (tmp_path / "f").glob("estimation-*.svg")}
    assert left == {"estimation-limbs-csa-post"}


def test_svgs_may_stand_side_by_side_in_one_page(drawn: Path) -> None:
    seen: set[str] = set()
    for path in drawn.glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        ids = re.findall(r' id="([^"]*)"', text)
        assert len(ids) == len(set(ids))
        assert not seen & set(ids), "two figures share an id"
        seen |= set(ids)
        assert "<style" not in text
        assert "<metadata" not in text
        assert text.startswith("<svg")
        assert f'id="{path.stem}-alt"' in text


def test_a_caption_says_what_the_card_estimates(drawn: Path) -> None:
    captions = [
        entry["caption"] for stem, entry in entries(drawn).items() if stem.startswith("estimation-")
    ]
    assert any("Estimand: " in text and "missing at random" in text for text in captions)
