"""The page as a text: what stands where, that nothing breaks out, that numbers are the table's."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from example import DATE, IDS, INJECTED, drawn_effects, estimates, pooled, widened, write_example

from howlow.analysis.estimates import read_estimates
from howlow.config.settings import Config
from howlow.report.page import render, write_report

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Element:
    """An element of the page with its text."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: "Element | None") -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Element] = []
        self.pieces: list[str] = []

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())

    def all(self, tag: str = "", **attributes: str) -> list["Element"]:
        found = []
        for child in self.children:
            fits = all(child.attributes.get(name) == cell for name, cell in attributes.items())
            if tag in ("", child.tag) and fits:
                found.append(child)
            found.extend(child.all(tag, **attributes))
        return found

    def one(self, tag: str = "", **attributes: str) -> "Element":
        (found,) = self.all(tag, **attributes)
        return found


class Reader(HTMLParser):
    """HTML as a tree of elements."""

    def __init__(self) -> None:
        super().__init__()
        self.root = self.here = Element("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: cell or "" for name, cell in attrs}, self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.here.tag, f"</{tag}> closes <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        element: Element | None = self.here
        while element is not None:
            element.pieces.append(data)
            element = element.parent


def read(html: str) -> Element:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.here is reader.root, "an element is not closed"
    return reader.root


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("å b")


@pytest.fixture(scope="module")
def config(folder: Path, repo: Path) -> Config:
    return write_example(folder, repo)


@pytest.fixture(scope="module")
def html(folder: Path, config: Config) -> str:
    write_report(folder, config, folder / "report.html", folder / "claims.yaml")
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Element:
    return read(html)


def test_nothing_comes_from_outside(page: Element, html: str) -> None:
    assert page.all("script") == []
    assert page.all("link") == []
    assert all(image.attributes["src"].startswith("data:image/svg") for image in page.all("img"))
    assert not re.search(r"url\(|@import", page.one("style").text)
    named = {name for element in page.all() for name in element.attributes}
    assert not {name for name in named if name.startswith("on")}
    assert not named & {"style", "srcset", "poster", "background", "action"}
    outside = [link for link in page.all("a") if not link.attributes["href"].startswith("#")]
    assert all(link.attributes["href"].startswith("https://") for link in outside)
    assert all(link.attributes["rel"] == "noreferrer" for link in outside)


def test_the_policy_allows_this_style_and_images_within_and_no_more(page: Element) -> None:
    policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    style = "".join(page.one("style").pieces)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert rules == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_text_from_data_cannot_break_out(page: Element, html: str) -> None:
    assert INJECTED not in html
    assert "<script" not in html
    assert 'onload="alert' not in html
    assert html.count("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;") > 10
    assert {image.attributes["src"][:26] for image in page.all("img")} == {
        "data:image/svg+xml;base64,"
    }


def test_the_answer_is_that_of_the_synthesis(page: Element) -> None:
    answer = page.one(id="answer")
    assert answer.one("h1").text == f"How low? {INJECTED}"
    assert answer.one("p", **{"class": "answer"}).text == (
        "For strength, light loads gave less (−5.8%, 2 trials)."
    )
    finding, detail = answer.all("li")
    assert finding.text == f"For muscle size, no trial {INJECTED}."
    assert detail.text.startswith(f"Strength: −5.8% {INJECTED}")
    assert detail.attributes["data-id"] == pooled().estimate_id


def test_the_page_says_what_it_rests_on(page: Element) -> None:
    basis = page.one(id="basis").text
    assert (
        "3 trials in the collection, 2 used, 1 with every row left out. Of those used, 1 with a "
        "number of participants and a spread, so that they can be fitted, and 1 described only"
    ) in basis.replace("\N{NO-BREAK SPACE}", " ")
    assert "a convenience collection, not a systematic review" in basis
    assert "from the abstract in 1 of 2 trials, and abstracts print what differed" in basis
    assert "Risk of bias: not assessed" in basis
    assert "1 study with individual data. 1 simulated cohort" in basis
    assert "An open study" in basis


def test_sections_stand_in_the_declared_order(page: Element) -> None:
    sections = [child.attributes["id"] for child in page.one("main").children]
    assert sections == [
        "answer",
        "claims",
        "basis",
        "map",
        "pooled",
        "doses",
        "network",
        "studies",
        "findings",
        "assumptions",
        "methods",
        "provenance",
        "simulated",
    ]


def test_every_link_within_the_page_has_its_place_and_every_place_one_name(page: Element) -> None:
    names = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(names) == len(set(names))
    links = {link.attributes["href"] for link in page.all("a")}
    inside = {link.removeprefix("#") for link in links if link.startswith("#")}
    assert inside - set(names) == set()
    labelled = [element.attributes.get("aria-labelledby") for element in page.all()]
    assert {name for name in labelled if name} - set(names) == set()


def test_every_figure_has_its_words_and_its_numbers(page: Element) -> None:
    figures = page.all("figure")
    assert len(figures) == 4
    for figure in figures:
        assert figure.one("img").attributes["alt"].startswith("A picture of ")
        assert figure.one("figcaption").text
        assert figure.one("summary").text == "Numbers in this figure"
        assert figure.all(**{"class": "num"})
    drawn = page.one("figure", id="figure-forest-load").all(**{"class": "num"})
    wanted = [effect.estimate_id for effect in drawn_effects()]
    wanted += [widened().estimate_id, pooled().estimate_id]
    assert [shown.attributes["data-id"] for shown in drawn] == wanted


def test_every_number_is_the_one_in_the_table(page: Element, folder: Path) -> None:
    import numpy as np

    table = read_estimates(folder / "estimates.csv").set_index("estimate_id")
    shown = page.all("span", **{"class": "num"})
    assert {number.attributes["data-id"] for number in shown} == set(table.index)
    for number in shown:
        row = table.loc[number.attributes["data-id"]]
        columns = ["estimate", "ci_low", "ci_high"]
        values = row[columns].astype(float).dropna().to_numpy()
        if row["scale"] == "log_ratio":
            values = 100 * np.expm1(values)
        assert float(number.one("data").attributes["value"]) == pytest.approx(values[0], rel=1e-8)
        texts = re.findall(r"(?<![\w%])[+−]?\d+(?:\.\d+)?", number.text)[: len(values)]
        places = len(texts[0].partition(".")[2])
        read_back = [float(text.replace("−", "-")) for text in texts]
        assert read_back == pytest.approx(values, abs=0.5000001 * 10**-places)


def test_an_interval_stands_in_its_unit_in_per_cent_and_with_its_verdict(page: Element) -> None:
    row = page.one("tr", id="e/alpha-2001/squat/light_-_heavy/week_8/change")
    text = row.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "−2.0 [−6.5, +2.4] kg" in text
    assert "−2.5 [−7.7, +3.0] %" in text
    assert "inconclusive" in text
    assert "margin ±5 kg" in text
    assert "Rests on: SEM presumed" in text
    assert text.endswith("20 0.345")


def test_a_change_within_an_arm_has_no_p_value_and_no_verdict(page: Element) -> None:
    studies = page.one(id="studies")
    for row in studies.all("tr"):
        if row.attributes.get("id", "").startswith("e/") and "mean(" in row.attributes["id"]:
            assert "0.345" not in row.text
            assert "inconclusive" not in row.text
            assert "Before" in row.text or "Baseline" in row.text


def test_a_pool_has_its_direction_and_too_few_trials_their_number(page: Element) -> None:
    pool = page.one(id="question-load-strength").text
    assert "2 trials, 42 participants; different (size unsettled)" in pool
    assert "In 2 of 2 trials the heavier arm gained more" in pool
    few = page.one(id="question-load-muscle_size").text.replace("\N{NO-BREAK SPACE}", " ")
    assert "1 trial: too few to pool" in few
    assert "in the one trial the heavier arm gained more" in few
    assert "; 1 more in its own unit;" in few


def test_the_widest_interval_is_said_first_and_the_other_beside_it(page: Element) -> None:
    block = page.one(id="question-load-strength")
    lead = block.one("p", **{"class": "pool"}).text.replace("\N{NO-BREAK SPACE}", " ")
    assert lead.startswith(
        "−5.8 [−18.1, +8.3] % 95 % interval, widened, because the trials agree by chance; 2 trials"
    )
    text = block.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Not widened: −5.8 [−9.5, −2.0] %." in text
    assert "A new trial" not in text, "two trials say nothing of a third"


def test_effects_without_a_baseline_stand_in_their_own_unit(page: Element) -> None:
    tables = page.one(id="pooled").all("div", **{"class": "own"})
    assert len(tables) == 2
    for table in tables:
        text = table.text.replace("\N{NO-BREAK SPACE}", " ")
        assert text.startswith("In their own unit: no baseline is printed, so these cannot be put")
        (row,) = [row for row in table.all("tr") if row.all("td")]
        assert "Squat 1RM −9.0 kg" in " ".join(row.text.split())
        assert "n derived" in row.text
        assert "no baseline printed" not in row.text
        assert row.one("th").one("a").attributes["href"].startswith("#study-")
    alone = page.one(id="question-deficit-strength")
    assert not alone.all("figure")
    assert "in 1 trial: in its own unit only" in alone.text.replace("\N{NO-BREAK SPACE}", " ")


def test_what_is_still_missing_has_its_own_heading_and_counts_in_days(page: Element) -> None:
    section = page.one(id="question-deficit")
    assert section.one("h3").text == "What is still missing after recovery"
    assert "Changes are counted from before disuse." in section.text
    text = page.one(id="question-deficit-muscle_size").text.replace("\N{NO-BREAK SPACE}", " ")
    assert "0 of 1 group above zero" in text
    assert "90 days" in text
    assert page.one("nav").all("a", href="#question-deficit")


def test_only_where_there_is_a_pool_a_trial_is_said_to_be_in_it(page: Element) -> None:
    assert "In the pool" in page.one(id="question-load-strength").text
    for name in ("question-load-muscle_size", "question-deficit-muscle_size"):
        assert "In the pool" not in page.one(id=name).text


def test_reasons_are_joined_without_full_stops(page: Element) -> None:
    assert ".;" not in page.one("main").text


def test_trials_that_are_described_only_have_points_without_intervals(page: Element) -> None:
    points = page.one("tbody", id="study-beta-2002")
    assert [shown.text for shown in points.all(**{"class": "num"})] == ["−9.0 kg", "−9.5 %"]
    assert not page.all(id="study-gamma-2003")


def test_simulated_studies_stand_in_the_last_section_and_nowhere_else(page: Element) -> None:
    for section in page.one("main").children[:-1]:
        ids = [element.attributes.get("data-id", "") for element in section.all()]
        assert not [name for name in ids if name.startswith("sim-own")]
        assert "sim-own" not in section.text
        assert "sim finding" not in section.text
        assert "SIMULATED" not in section.text
    last = page.one(id="simulated")
    assert "SIMULATED" in last.one("figcaption").text
    assert "sim finding" in last.text
    for row in last.all("tr"):
        if row.attributes.get("id", "").startswith("e/"):
            assert "SIMULATED" in row.text


def test_findings_stand_by_study_and_rows_left_out_apart(page: Element) -> None:
    section = page.one(id="findings")
    assert [heading.text for heading in section.all("h3")] == ["Own trial own"]
    assert "raw.csv:3" in section.text
    assert section.one("summary").text == "Rows left out, with the reason (1)"
    (row,) = [row for row in section.one("details").all("tr") if len(row.all("td")) == 4]
    cells = [cell.text for cell in row.all()]
    assert cells == ["Squat 1RM", "Light < 40 % & more", "Week 8", "why", "arms.csv:9"]


def test_that_nothing_was_noticed_does_not_deny_the_rows_left_out(
    folder: Path, config: Config
) -> None:
    alone = config.model_copy(update={"studies": ("published", "own")})
    findings = (folder / "findings.csv").read_text(encoding="utf-8")
    kept = [line for line in findings.splitlines(keepends=True) if "K07" not in line]
    try:
        (folder / "findings.csv").write_text("".join(kept), encoding="utf-8")
        section = read(render(folder, alone)).one(id="findings").text
    finally:
        (folder / "findings.csv").write_text(findings, encoding="utf-8")
    assert "Nothing amiss was noticed in how the data files are written" in section
    assert "the rows below are left out on purpose" in section


def test_what_is_assumed_has_its_reason_and_what_it_would_change(page: Element) -> None:
    text = page.one(id="assumptions").text.replace("\N{NO-BREAK SPACE}", " ")
    assert "± is taken as SEM" in text
    assert f"It is small {INJECTED}" in text
    assert "Strength5 % ASSUME" in text
    assert "Of 1 contrast that was read more than one way, 1 would get another verdict" in text
    assert "± read as SD: −2.00 [−2.50, −1.50] kg, different (by more than the margin)" in text


def test_nothing_betrays_a_participant_or_a_machine(html: str) -> None:
    for secret in (*IDS, DATE, "/home/", "somebody", "pseudo-"):
        assert secret not in html
    hidden = re.findall(r"base64,([A-Za-z0-9+/=]+)", html)
    assert hidden
    for image in hidden:
        text = base64.b64decode(image).decode("utf-8")
        assert text.startswith("<svg")
        assert "metadata" not in text
        assert "<!--" not in text


def test_the_same_results_give_the_same_bytes(folder: Path, config: Config, html: str) -> None:
    assert render(folder, config, folder / "claims.yaml") == html


def test_a_run_without_simulated_studies_has_no_last_section(folder: Path, config: Config) -> None:
    alone = config.model_copy(update={"studies": ("published", "own")})
    page = read(render(folder, alone))
    assert not page.all(id="simulated")
    assert page.one("main").children[-1].attributes["id"] == "provenance"


def test_every_estimate_of_a_trial_stands_on_the_page_once(page: Element) -> None:
    rows = [row.attributes["id"] for row in page.all("tr") if "id" in row.attributes]
    lines = {
        "/".join((found.study, found.outcome, found.contrast.replace(" ", "_"),
                  found.at.replace(" ", "_"), found.method))
        for found in estimates() if found.kind != "pooled"
    }  # fmt: skip
    assert {name.removeprefix("e/") for name in rows} == lines
