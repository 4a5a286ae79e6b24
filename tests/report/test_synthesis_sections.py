"""What the synthesis found, on the page: claims, map, pools, ladder, curves, network, changes."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from example import INJECTED, estimates, pooled, widened, write_example
from test_page import Element, read

from howlow.__main__ import main
from howlow.analysis.estimates import Estimate, estimates_table
from howlow.config.settings import Config
from howlow.data.measurements import write_table, write_text
from howlow.report.numbers import percent_text, share_text
from howlow.report.page import render

LOAD = "pooled:load"
#: The dose of the ladder that a trial sets against no training, and its row.
DOSE = "heavy 3"
NUMBERS = {"estimate": 0.1, "low": 0.05, "high": 0.15}


def beside() -> list[Estimate]:
    """The rows that stand beside the pooled one."""
    main_row = pooled()
    return [
        replace(main_row, method="reml-hksj[uncautioned]", tier="sensitivity", n_studies=1),
        replace(main_row, method="reml-hksj[r_low]", tier="sensitivity"),
        replace(main_row, scale="d", unit="SD", estimate=-0.4, ci_low=-0.9, ci_high=0.1),
        replace(main_row, method="one-stage", scale="raw", unit="% of baseline", estimate=-6.2,
                ci_low=-9.0, ci_high=-3.4, tier="cross-check"),
        replace(main_row, method="one-stage[isometric]", scale="raw", unit="% of baseline",
                estimate=-5.0, ci_low=-9.0, ci_high=-1.0, tier="cross-check"),
        replace(main_row, study=f"{LOAD}:older", population="older"),
    ]  # fmt: skip


def ladder_row() -> Estimate:
    """One dose against no training."""
    contrast = f"{DOSE} - no training"
    return replace(widened(), study="pooled:ladder", contrast=contrast, n_studies=2)


def network_row() -> Estimate:
    """One prescription against another."""
    return replace(
        widened(), study="network", method="network-reml", contrast="heavy 3 - no training",
        estimate=0.1, ci_low=0.05, ci_high=0.15,
    )  # fmt: skip


def claim_row() -> Estimate:
    """The number that a claim is judged by."""
    return replace(pooled(), study="pooled:c5", method="reml-hksj-adhoc", contrast="heavy - light")


ADDED = [*beside(), ladder_row(), network_row(), claim_row()]


def answer(folder: Path) -> dict[str, object]:
    """An answer with a ladder, and the best published synthesis beside it."""
    rung = {"dose": DOSE, "words": "heavy loads", "trials": 2, "participants": 42, "shown": False,
            "why": "2 trials, fewer than 5", "estimate_id": ladder_row().estimate_id}  # fmt: skip
    none = rung | {"dose": "light 1", "trials": 0, "estimate_id": ""}
    sentence = f"Strength, all ages: no dose is shown {INJECTED}"
    ladder = {"construct": "strength", "population": "all", "sequence": [rung, none],
              "smallest": None, "share": None, "sentence": sentence}  # fmt: skip
    theirs = {"construct": "strength", "sentence": "Theirs ranked first", "cite": "Epsilon 2023",
              "doi": "10.1000/2", "url": "https://doi.org/10.1000/2", "verified": False,
              "ours": "Strength, all ages: ours"}  # fmt: skip
    read_back = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    empty = ladder | {"construct": "muscle_size", "sequence": [none]}
    return read_back | {
        "ladder": [ladder, empty],
        "exchange": [{"construct": "strength", "sentence": "Light brought 59 %"}],
        "first_step": [{"construct": "strength", "sentence": "Shown: the first step"}],
        "published": [theirs],
    }


def curves() -> list[dict[str, object]]:
    """A curve that is drawn, one that is not, and a step over repetitions to failure."""
    model = {"label": "straight line", "name": "linear", "parameters": 2, "log_likelihood": 16.877,
             "aicc": -28.66, "weight": 0.25, "converged": True}  # fmt: skip
    best = model | {"label": "Emax", "name": "emax", "weight": 0.75, "converged": False}
    point = {"study": "alpha-2001", "cite": "Alpha 2001", "dose": 30.0, "reference": 80.0, "n": 24,
             "assumed": "SEM presumed"} | NUMBERS  # fmt: skip
    drawn = {
        "id": "load:strength:within", "dose": "load", "label": "Load", "unit": "% 1RM",
        "construct": "strength", "kind": "within", "drawn": True, "reason": "", "trials": 6,
        "participants": None, "models": [model, best], "best": "emax", "reference_dose": 80.0,
        "reference_label": "80 % 1RM", "line": [{"dose": 30.0} | NUMBERS, {"dose": 80.0} | NUMBERS],
        "points": [point], "steps": {}, "note": "Drawn: the mean of the models.",
    }  # fmt: skip
    not_drawn = drawn | {"id": "load:strength:between", "kind": "between", "drawn": False,
                         "reason": "3 trials; a curve takes 5"}  # fmt: skip
    step = {"words": "short of failure to failure"} | NUMBERS
    failure = drawn | {
        "id": "failure:strength:within", "dose": "failure", "label": "Repetitions to failure",
        "models": [], "best": None, "line": [], "unit": "",
        "steps": {"steps": [step], "by_load": {"light": NUMBERS | {"trials": 2}}},
    }  # fmt: skip
    return [drawn, not_drawn, failure]


def networks() -> list[dict[str, object]]:
    """A network that is drawn, and one that is not."""
    two = {"node": "heavy 3", "against": "no training", "indirect_only": False,
           "direct": {"trials": 2} | NUMBERS} | NUMBERS  # fmt: skip
    nodes = [{"name": name, "arms": 2, "trials": 2, "participants": 24}
             for name in ("no training", "heavy 3")]  # fmt: skip
    edge = {"first": "no training", "second": "heavy 3", "trials": 2, "studies": ["alpha-2001"]}
    drawn = {
        "construct": "strength", "parts": ["load", "sessions"], "drawn": True, "reason": "",
        "nodes": nodes, "edges": [edge], "tau2": 0.01, "effects": [two],
        "consistency": {"q": 7.468, "f": 2.2145, "df": 4, "df2": 9, "p": 0.14802,
                        "method": "F test", "note": "No sign."},
        "league": [{"first": "heavy 3", "second": "no training"} | NUMBERS],
        "ranking": [{"node": "heavy 3", "p_score": 0.9}],
        "left_out": [{"study": "alpha-2001", "arm": "light", "reason": "sets not printed"}],
        "note": "",
    }  # fmt: skip
    none = drawn | {"construct": "muscle_size", "drawn": False, "reason": "One trial.", "edges": [],
                    "effects": [], "nodes": [], "league": [], "ranking": [], "left_out": [],
                    "consistency": None, "tau2": None}  # fmt: skip
    return [drawn, none]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("synthesis")


@pytest.fixture(scope="module")
def config(folder: Path, repo: Path) -> Config:
    found = write_example(folder, repo)
    write_table(estimates_table([*estimates(), *ADDED]), folder / "estimates.csv")
    for name, value in (
        ("answer", answer(folder)),
        ("curves", curves()),
        ("network", networks()),
    ):
        write_text(json.dumps(value), folder / f"{name}.json")
    text = (folder / "claims.csv").read_text(encoding="utf-8")
    write_text(text.replace(pooled().estimate_id, claim_row().estimate_id), folder / "claims.csv")
    return found


@pytest.fixture(scope="module")
def page(folder: Path, config: Config) -> Element:
    return read(render(folder, config, folder / "claims.yaml"))


def words(element: Element) -> str:
    return element.text.replace("\N{NO-BREAK SPACE}", " ")


def test_every_estimate_has_a_place_and_every_place_one_name(page: Element) -> None:
    shown = {element.attributes.get("data-id") for element in page.all("span")}
    assert {row.estimate_id for row in ADDED} <= shown
    names = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(names) == len(set(names))
    links = {link.attributes["href"] for link in page.all("a")}
    assert {link[1:] for link in links if link.startswith("#")} - set(names) == set()


def test_all_claims_stand_at_a_glance_with_their_verdict_and_number(page: Element) -> None:
    section = page.one("section", id="claims")
    assert "Of 2 claims: 1 partly, 1 cited." in words(section)
    table = section.all("table", **{"class": "ledger"})[0]
    rows = [row for row in table.all("tr") if row.all("td")]
    assert [row.one("a").attributes["href"] for row in rows] == ["#claim-c5", "#claim-c11"]
    cells = [cell.text.replace("\N{NO-BREAK SPACE}", " ") for cell in rows[0].all("td")]
    low, high = (100 * math.expm1(limit) for limit in (0.02, 0.1))
    assert cells == ["◐ partly", f"Strength+6.2 [+{low:.1f}, +{high:.1f}] %", "2"]
    assert [cell.text for cell in rows[1].all("td")] == ["❝ cited", "–", "0"]


def test_a_sign_is_not_read_aloud_and_its_word_is(page: Element) -> None:
    for tag in page.all("span"):
        if tag.attributes.get("class", "").startswith("tag "):
            (sign,) = tag.all("span")
            assert sign.attributes["aria-hidden"] == "true"
            assert tag.text.removeprefix(sign.text).strip()


def test_a_claim_has_its_parts_what_would_settle_it_and_its_trials(page: Element) -> None:
    claim = page.one("section", id="claim-c5")
    assert claim.one("p", lang="nl").text == "Zwaardere gewichten geven meer kracht"
    text = words(claim)
    assert "Strength: 3 trials more" in text
    assert "1 part without a trial that can be judged" in text
    links = [link.attributes["href"] for link in claim.one("dl").all("a")]
    assert links == ["#study-alpha-2001", "#study-own", "#figure-forest-load"]
    (own,) = [row for row in claim.all("tr") if "id" in row.attributes]
    assert own.attributes["id"].startswith("e/pooled:c5/")


def test_what_others_found_is_kept_apart_and_marked(page: Element) -> None:
    apart = page.one("div", **{"class": "elsewhere"})
    text = words(apart)
    assert text.startswith("What other reviews found not computed here")
    assert f"Heavy won {INJECTED} Delta 2020" in text
    assert "numbers not checked at the source" in text
    assert apart.one("a").attributes["href"] == "https://doi.org/10.1000/1"
    assert not apart.all(**{"class": "num"})


def test_without_the_file_of_claims_no_review_is_shown(folder: Path, config: Config) -> None:
    section = read(render(folder, config)).one("section", id="claims")
    assert section.all("section", id="claim-c5")
    assert not section.all("div", **{"class": "elsewhere"})


def test_ours_stands_beside_the_best_published_and_each_is_named(page: Element) -> None:
    section = page.one("section", id="answer")
    ours, theirs = (section.one("td", **{"class": name}) for name in ("ours", "theirs"))
    assert ours.text == "Computed here: All ages: ours"
    assert words(theirs).startswith("Published, not ours: Theirs ranked first Epsilon 2023")
    assert "not checked at its source" in theirs.text


def test_the_ladder_shows_doses_with_trials_and_names_what_has_none(page: Element) -> None:
    section = page.one("section", id="ladder-strength")
    (row,) = [row for row in section.all("tr") if row.all("td")]
    assert row.attributes["id"].startswith("e/pooled:ladder/")
    assert "not shown2 trials, fewer than 5" in row.text
    doses = words(page.one("section", id="doses"))
    assert "against no training for: muscle size (CSA or volume)." in doses
    assert "Light brought 59 %" in doses


def test_the_map_counts_what_can_be_pooled_and_says_what_is_missing(page: Element) -> None:
    section = page.one("section", id="map")
    text = words(section)
    assert "Of 2 comparisons (a question and a kind of outcome), 0 have the five trials" in text
    matrix = section.one("table", **{"class": "matrix"})
    assert [cell.text for cell in matrix.all("td")] == ["2 of 2too few for a verdict", "0no trial"]
    assert matrix.one("a").attributes["href"] == "#question-load-strength"
    assert "2 more trials that print a spread" in text
    assert f"Light against heavy loads {INJECTED}" in text


def test_a_pool_has_its_spread_its_other_rows_and_the_pool_without_a_trial(page: Element) -> None:
    block = page.one("section", id="question-load-strength")
    text = words(block)
    assert "Between trials: τ = 1.0 [0.0, 22.1] %, I² = 5 %, Q = 1.0 on 1 df, p = 0.317." in text
    assert "Do small trials differ? Egger's regression: −1.23(8), p = 0.032, in 10 trials." in text
    heads = [head.text for head in block.all("th", scope="row")]
    assert "Without cautioned or selectively printed rows" in "".join(heads)
    assert any(head.startswith("Standardised difference (d)") for head in heads)
    assert any(head.startswith("One stage, isometric") for head in heads)
    folds = {fold.one("summary").text: words(fold) for fold in block.all("details")
             if fold.all("table")}  # fmt: skip
    assert (
        "correlation before-after at its lowest"
        in folds["What papers leave out, read 1 other way"].lower()
    )
    assert "People of 60 and over" in folds["By age"]
    assert "Own trial own−2.5 [−7.7, +3.0] %" in folds["With one trial left out"]


def test_a_curve_shows_its_models_and_another_why_it_is_not_drawn(page: Element) -> None:
    section = page.one("section", id="doses")
    matrix = section.one("table", **{"class": "matrix"})
    cells = [cell.text.replace("\N{NO-BREAK SPACE}", " ") for cell in matrix.all("td")]
    assert cells == ["6 trials", "3 trials; a curve takes 5", "6 trials"]
    curve = page.one("section", id="curve-load-strength-within")
    (best,) = curve.all("tr", **{"class": "primary"})
    assert best.text == "Emax bestdid not converge: do not rely on it216.88−28.70.75"
    assert "30 % 1RM against 80 % 1RM" in curve.text
    failure = words(page.one("section", id="curve-failure-strength-within"))
    assert "short of failure to failure+10.5 [+5.1, +16.2] %" in failure
    assert "the same with light loads2 trials+10.5" in failure


def test_a_league_reads_the_same_both_ways(page: Element) -> None:
    section = page.one("section", id="network-strength")
    league = section.one("table", **{"class": "league"})
    cells = [cell.text.replace("\N{NO-BREAK SPACE}", " ") for cell in league.all("td")]
    assert cells == ["", "", "−9.5 [−13.9, −4.9] %", "+10.5 [+5.1, +16.2] %", ""]
    text = words(section)
    assert "heavy, three times a week" in text
    assert "No sign (F = 2.21 on 4 and 9 df, p = 0.148; F test)." in text
    assert "2 trials, alone +10.5 [+5.1, +16.2] %" in text
    assert "sets not printed" in text
    assert "No network is drawn: One trial." in words(page.one("section", id="network-muscle_size"))


def test_what_is_new_is_shown_only_where_there_is_something_to_compare_with(
    page: Element, folder: Path, config: Config
) -> None:
    assert not page.all("section", id="changes")
    compared = config.model_copy(update={"compare_to": "/home/somebody/before"})
    assert "Nothing changed" in read(render(folder, compared)).one("section", id="changes").text
    path = folder / "changes.csv"
    before = path.read_text(encoding="utf-8")
    rows = ["claim,c5,not shown,partly,a trial more", f"estimate,{pooled().estimate_id},'+1 %,,",
            f"study,{INJECTED},,new,"]  # fmt: skip
    try:
        write_text(before + "\n".join(rows) + "\n", path)
        html = render(folder, compared)
    finally:
        write_text(before, path)
    section = read(html).one("section", id="changes")
    assert INJECTED not in html
    assert "/home/" not in html
    assert [head.text for head in section.all("h3")] == ["Claims", "Numbers", "Studies"]
    assert section.all("a")[0].attributes["href"] == "#claim-c5"
    cells = [[cell.text for cell in row.all("td")] for row in section.all("tr") if row.all("td")]
    assert cells == [["not shown", "partly", "a trial more"], ["+1 %", "–", ""], ["–", "new", ""]]


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (claim_row(), {"claim": "c5", "verdict": "partly", "trials": "alpha-2001; own"}),
        (ladder_row(), {"dose": "heavy loads", "result": "not shown: 2 trials, fewer than 5"}),
        (network_row(), {"consistency": "No sign.", "tau2": "0.01"}),
    ],
    ids=["claim", "ladder", "network"],
)
def test_what_stands_behind_a_number_of_the_synthesis_is_told(
    row: Estimate,
    wanted: dict[str, str],
    folder: Path,
    config: Config,
    repo: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(repo)
    assert main(["trace", row.estimate_id, "--results", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["pooled"]["told"]
    assert wanted.items() <= told.items()
    assert main(["trace", row.estimate_id, "--results", str(folder)]) == 0
    assert next(iter(wanted.values())) in capsys.readouterr().out


def test_rows_beside_a_pool_lead_to_the_trials_that_entered(
    folder: Path,
    config: Config,
    repo: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(repo)
    for row in beside()[:5]:
        assert main(["trace", row.estimate_id, "--results", str(folder), "--json"]) == 0
        found = json.loads(capsys.readouterr().out)["pooled"]
        assert [member["cite"] for member in found["members"]] == ["Alpha 2001", "Own"]
    member = found["members"][0]["estimate_id"]
    assert main(["trace", member, "--results", str(folder), "--json"]) == 0
    pools = json.loads(capsys.readouterr().out)["pools"]
    assert beside()[1].estimate_id in pools
    # Alpha 2001 rests on an assumption, so it is no part of the row without those.
    assert beside()[0].estimate_id not in pools


def test_numbers_that_are_missing_are_an_en_dash() -> None:
    assert percent_text(math.nan) == "–"
    assert percent_text(math.log(1.1)).replace("\N{NO-BREAK SPACE}", " ") == "+10.0 %"
    assert share_text(0.85, 0.6, 1.1).replace("\N{NO-BREAK SPACE}", " ") == "85 [60, 110] %"
    assert share_text(0.85).replace("\N{NO-BREAK SPACE}", " ") == "85 %"
