"""Cards, contrasts by their labels, robustness and methods on the page; no P within an arm."""

from __future__ import annotations

import json
import math
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from example import estimates, write_analysis, write_example
from test_page import Element, read

from howlow.analysis.estimand.cards import cards, cards_json
from howlow.analysis.estimates import Estimate, estimates_table, read_estimates
from howlow.analysis.robustness.multiverse import MULTIVERSE_COLUMNS
from howlow.config.reading import read_config
from howlow.config.trial import Arm
from howlow.data.declaration import read_declaration
from howlow.data.measurements import write_table, write_text
from howlow.report.contrasts import contrast_words, group_of
from howlow.report.numbers import shown_as
from howlow.report.page import render

ARMS = {
    "light": Arm(label="Light"),
    "light_once": Arm(label="Once"),
    "thrice": Arm(label="Thrice"),
    "none": Arm(label="No training"),
}
#: What tells of one arm, or of all together: never tested.
UNTESTED = re.compile(
    r"^(?:mean\(|sd_response\(|recovery_fraction\(|typical_error|mdc95|baseline\(|sd\(|correlation$)"
    r"|as share of| at (?:age|sex|height|training) "
)


@pytest.mark.parametrize(
    ("contrast", "words"),
    [
        ("light_once - light", "Once − Light"),
        ("mean(light_once)", "Once"),
        (
            "(light_once - none) - (thrice - light_once)",
            "(Once − No training) − (Thrice − Once)",
        ),
        (
            "(light - none) - largest(light_once - light, thrice - light_once)",
            "(Light − No training) − the biggest of Once − Light and Thrice − Once",
        ),
        (
            "(light_once - none) as share of (thrice - none)",
            "Once as a share of Thrice, both less No training",
        ),
        ("sd_response(thrice - none)", "Thrice: SD of change, more than No training"),
        ("sd_response(thrice)", "Thrice: SD of change beyond measurement error"),
        ("recovery_fraction(none)", "No training: share of the mean loss that came back"),
        ("typical_error", "Typical error: SD of one measurement"),
        ("(light - thrice) by sex (M - F)", "Light − Thrice, by sex (men − women)"),
        ("(light - thrice) by age (per 10 years)", "Light − Thrice, for each 10 years of age"),
        ("(light - thrice) at sex F", "Light − Thrice in women"),
        ("(light - thrice) at age 61", "Light − Thrice at age 61"),
        ("light - thrice over failure", "Light − Thrice over failure"),
        ("sd(change)", "SD of the change, all arms together"),
    ],
)
def test_every_contrast_is_said_with_labels(contrast: str, words: str) -> None:
    assert contrast_words(contrast, ARMS) == words


@pytest.mark.parametrize(
    ("contrast", "at", "estimand", "group"),
    [
        ("a - b", "post", "difference in mean, one baseline mean for all arms", "declared"),
        ("mean(a)", "post - pre", "mean change", ""),
        ("mean(a)", "post - pre", "mean change, missing at random", "phases"),
        ("a - b", "late - post", "difference in mean change, missing at random", "phases"),
        ("recovery_fraction(a)", "late - post", "share of the mean loss that came back", "phases"),
        ("b - a", "post", "step from 0 to 1 session a week", "steps"),
        ("(b - a) as share of (c - a)", "post", "share of the gain of 3 sessions", "steps"),
        ("(a - b) - (c - d)", "post", "interaction of load and failure, difference", "factorial"),
        ("a - b over failure", "post", "main effect of load, averaged over failure", "factorial"),
        ("(a - b) by age (per 10 years)", "post", "interaction: how", "moderators"),
        ("sd_response(a)", "post - pre", "SD of change", "response"),
        ("mdc95", "pre", "smallest change of one person", "error"),
        ("sd(change)", "post - pre", "SD of the change", "masked"),
    ],
)
def test_every_contrast_stands_under_its_heading(
    contrast: str, at: str, estimand: str, group: str
) -> None:
    assert group_of(contrast, at, estimand) == group


@pytest.mark.parametrize(
    ("low", "high", "interval"),
    [
        (3.4, math.inf, "at least +3.40"),
        (-math.inf, 1.2, "at most +1.20"),
        (-math.inf, math.inf, "[−∞, +∞]"),
        (-1.0, 2.0, "[−1.0, +2.0]"),
        (None, None, ""),
    ],
)
def test_a_side_without_a_bound_is_said(
    low: float | None, high: float | None, interval: str
) -> None:
    assert shown_as("id", (1.0, low, high), "kg", ratio=False).interval == interval


def more(**changes: object) -> Estimate:
    """A row of the own study's primary outcome."""
    found = next(row for row in estimates() if row.study == "own" and row.tier == "primary")
    fields = {"tier": "secondary", "verdict": "", "margin": None, "p": None} | changes
    return replace(found, **fields)  # type: ignore[arg-type]


def own_rows() -> list[Estimate]:
    """The own study's primary row with all its fields, and rows of the questions."""
    settles = "72 participants an arm to show equivalence, or a difference of the margin"
    together = "interval simultaneous over 2 comparisons with heavy (Dunnett)"
    primary = more(tier="primary", method="clda-unstructured", verdict="inconclusive", margin=5.0,
                   p=0.031, p_adjusted=0.058, n_to_settle=72,
                   note=f"{together}; {settles}")  # fmt: skip
    return [
        primary,
        more(scale="d", unit="SD", method="clda-unstructured", note="this comparison alone"),
        more(contrast="(light - heavy) by age (per 10 years)", estimand="interaction: how",
             p=0.2),
        more(contrast="(light - heavy) at age 61", estimand="difference in mean at age 61"),
        more(contrast="(light - heavy) as share of (heavy - heavy)", scale="share",
             estimand="share of the gain of 3", unit="share", estimate=0.4, ci_low=-math.inf,
             ci_high=math.inf, note="Fieller's set: everything but 1 to 2"),
        more(contrast="sd_response(light - heavy)", at="week_8 - pre", method="variances of change",
             estimand="difference in the SD of change"),
        more(method="reference-j2r", tier="sensitivity", p=0.04),
    ]  # fmt: skip


def choice_rows() -> str:
    """A table of choices: the primary one, one that agrees, one that does not, and one left out."""
    fixed = {"study": "own", "outcome": "squat", "contrast": "light - heavy", "at": "week_8",
             "se": 1, "df": 9, "ci_low": -6.5, "ci_high": 2.4, "eq_low": -6, "eq_high": 2,
             "margin": 5, "n_participants": 20, "estimate": -2.04, "left_out": False,
             "verdict": "inconclusive", "agrees": True, "words": "the main one"}  # fmt: skip
    listed = [
        fixed | {"choice": "primary"},
        fixed | {"choice": "change", "words": "change scores"},
        fixed | {"choice": "log", "words": "values logged", "verdict": "equivalent",
                 "agrees": False},
        fixed | {"choice": "one-left-out-1", "left_out": True},
    ]  # fmt: skip
    return "".join(
        ",".join(str(row.get(name, "")) for name in MULTIVERSE_COLUMNS) + "\n" for row in listed
    )


def shift_rows() -> str:
    """Shifts of unseen values that tip the verdict either way, the nearer ones being +2 and -3."""
    start = "own,squat,light - heavy,week_8,light,2,10"
    tips = {-9: "far below.", -3: "near below.", 2: "near above.", 8: "far above."}
    grid = [f"{start},{delta},{delta},1,0,2,equivalent,True,{said}\n"
            for delta, said in tips.items()]  # fmt: skip
    return "".join([*grid, f"{start},1,1,1,0,2,inconclusive,False,\n"])


@pytest.fixture(scope="module")
def page(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Element:
    folder = tmp_path_factory.mktemp("sections")
    config = write_example(folder, repo)
    rest = [row for row in estimates() if row.study != "own"]
    mean = next(row for row in estimates() if row.study == "own" and "mean(" in row.contrast)
    write_table(estimates_table([*rest, *own_rows(), mean]), folder / "estimates.csv")
    checks = "own,squat,gradient,,,0,0.001,False,Flat.\nown,squat,boundary,,,1,,True,A zero.\n"
    tables = {"multiverse": choice_rows(), "missing": shift_rows(), "diagnostics": checks}
    write_analysis(folder / "own", tables)
    path = folder / "own" / "study.json"
    trial = read_declaration(path).trials[0]
    found = list(cards(trial, config))
    write_text(cards_json(found), folder / "own" / "cards.json")
    write_text(f'block("{own_rows()[0].estimate_id}", f)\n', folder / "r" / "own.R")
    planned = {card.card_id: json.loads(cards_json([card]))[0] for card in found}
    before = {name: fields | {"margin_pct": 7.0} for name, fields in planned.items()}
    digest = "0" * 64
    change = {"card": found[0].card_id, "kind": "changed", "field": "margin_pct", "before": 9.0,
              "now": 7.0}  # fmt: skip
    frozen = before | {found[0].card_id: before[found[0].card_id] | {"margin_pct": 9.0}}
    amendment = {"date": "2026-02-01", "reason": "a reviewer asked", "study_sha256": digest,
                 "config_sha256": digest, "changes": [change]}  # fmt: skip
    declared = json.loads(path.read_text(encoding="utf-8"))
    declared["plan"] = {
        "version": 1, "study": "own", "frozen": "2026-01-01", "status": "ongoing",
        "registered": "NCT0123", "study_sha256": digest, "config_sha256": digest, "cards": frozen,
        "amendments": [amendment],
    }  # fmt: skip
    write_text(json.dumps(declared), path)
    return read(render(folder, config)).one(id="study-own")


def said(element: Element) -> str:
    return element.text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_card_of_the_primary_analysis_is_printed_in_the_words_of_the_card(
    page: Element,
) -> None:
    rows = page.one("dl", **{"class": "card"}).all("div")
    told = {row.one("dt").text: row.one("dd").text for row in rows}
    assert told["Contrast"] == "Light < 40 % & more less heavy"
    assert told["Outcome"] == "Squat 1RM (kg); higher is better"
    assert told["Judged by"].startswith("The smallest difference that matters is 5 % of the mean")


def test_a_frozen_plan_tells_what_was_changed_with_and_without_a_reason(page: Element) -> None:
    assert "The plan was frozen on 2026-01-01, registered as NCT0123." in said(page)
    recorded, silent = page.one("ul", **{"class": "amendments"}).all("li")
    assert said(recorded).startswith("Amended on 2026-02-01. Why: a reviewer asked. margin: 9 %")
    assert said(silent).startswith("Changed after freezing, and not written down: margin: 7 %")


def test_a_verdict_has_its_margin_what_would_settle_it_and_the_named_adjustment(
    page: Element,
) -> None:
    row = said(page.one("tr", id="e/own/squat/light_-_heavy/week_8/clda-unstructured"))
    assert "margin ±5 kg" in row
    assert "to settle it: 72 participants an arm to show equivalence" in row
    assert row.endswith("0.031Dunnett: 0.058")
    assert "interval simultaneous over 2 comparisons with Heavy (Dunnett)" in row
    assert "d: this comparison alone" in row


def test_questions_stand_under_plain_headings_with_no_p_of_what_is_not_tested(
    page: Element,
) -> None:
    headings = [found.text for found in page.all("h5")]
    assert "What the effect may depend on" in headings
    assert "Nobody is counted as a responder" in said(page)
    interaction, level = (
        page.one("tr", id=f"e/own/squat/(light_-_heavy)_{name}/week_8/change")
        for name in ("by_age_(per_10_years)", "at_age_61")
    )
    assert interaction.all("td")[-1].text == "0.200"
    assert level.all("td")[-1].text == ""
    assert "[−∞, +∞]" in said(page)
    assert "Fieller's set: everything but 1 to 2" in said(page)


def test_robustness_is_told_in_words_and_its_tables_are_folded(page: Element) -> None:
    text = said(page)
    assert "1 of 2 other choices agree; 1 of 1 with one person left out." in text
    assert "1 flag in 2 checks" in text
    assert "Drop-out. near below. near above." in text
    assert "far below." not in text
    table = page.one("div", **{"aria-label": "Choices, Squat 1RM, Own trial own"})
    assert [row.all("td")[2].text for row in table.all("tr")[1:]] == ["", "yes", "no"]
    parents, here = [], table.parent
    while here is not None:
        parents.append(here.tag)
        here = here.parent
    assert "details" in parents
    beside = page.one("div", **{"aria-label": "Reference-based, Squat 1RM, Own trial own"})
    assert "imputed, jump to reference" in beside.text
    assert "fitted again in R: results/r/own.R" in text


@pytest.fixture(scope="module")
def default_page(
    default_results: Path, repo: Path, tmp_path_factory: pytest.TempPathFactory
) -> Element:
    """The page of the default run, without its figures."""
    folder = tmp_path_factory.mktemp("default page") / "results"
    shutil.copytree(default_results, folder)
    write_text("[]\n", folder / "figures" / "index.json")
    write_text('{"inputs": {}, "open_studies": []}\n', folder / "provenance.json")
    return read(render(folder, read_config([repo / "config" / "config.yaml"])))


def test_no_table_has_a_p_value_of_what_one_arm_did(default_results: Path) -> None:
    tables = sorted(default_results.glob("**/estimates.csv"))
    assert len(tables) > 3
    for path in tables:
        table = read_estimates(path)
        alone = table[table["contrast"].str.contains(UNTESTED)]
        described = table[table["tier"] == "described"]
        for rows in (alone, described):
            assert rows["p"].isna().all()
            assert rows["p_adjusted"].isna().all()
            assert (rows["verdict"] == "").all()
    assert not alone.empty


def test_no_row_of_the_page_has_a_p_value_of_what_one_arm_did(default_page: Element) -> None:
    seen = 0
    for table in default_page.all("table"):
        heads = [cell.text for cell in table.one("thead").all("th")]
        for line in table.all("tr"):
            name = line.attributes.get("id", "").removeprefix("e/").split("/")
            if len(name) < 3 or not UNTESTED.search(name[2].replace("_-_", " - ")):
                continue
            seen += 1
            cells = [cell for cell in line.children if cell.tag in ("th", "td")]
            assert len(cells) == len(heads)
            shown = dict(zip(heads, (cell.text for cell in cells), strict=True))
            assert shown.get("p", "") == ""
            assert not re.search(r"\bp\s*[=<>≤]", line.text, re.IGNORECASE)
    assert seen > 100


def test_methods_tell_what_this_run_used(default_page: Element) -> None:
    text = default_page.one(id="methods").text
    for used in (
        "Kenward & Roger",
        "Dunnett",
        "Holm",
        "Fieller",
        "intersection-union",
        "Two one-sided tests",
        "assay sensitivity",
        "multiverse",
        "No P value within an",
    ):
        assert used in text
    assert "Moderators." not in text, "no default study declares one"


def test_every_default_trial_with_a_primary_row_has_its_card(
    default_page: Element, default_results: Path
) -> None:
    told = json.loads((default_results / "sim-limbs" / "cards.json").read_text("utf-8"))
    card = default_page.one(id="study-sim-limbs").one("dl", **{"class": "card"})
    assert card.all("dd")[0].text == "Primary analysis"
    rest = default_page.one(id="study-sim-limbs").all("p", **{"class": "cardtext"})
    assert len(rest) == len(told) - 1
