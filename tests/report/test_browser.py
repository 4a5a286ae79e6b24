"""The page in a real browser: quiet, without a network, readable on a phone, whole on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from example import write_example

from howlow.report.page import write_report

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> Path:
    folder = tmp_path_factory.mktemp("å b")
    write_report(folder, write_example(folder, repo), folder / "report.html")
    return folder / "report.html"


class Visit:
    """An open page, and what it said and asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.messages: list[str] = []
        self.requests: list[str] = []


@pytest.fixture(scope="module")
def visit(chromium: Path, report: Path) -> Iterator[Visit]:
    """Open the page at the width of a phone, with everything that can be unfolded."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=OPTIONS)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        found = Visit(page)
        page.on("console", lambda message: found.messages.append(message.text))
        page.on("pageerror", lambda error: found.messages.append(str(error)))
        page.on("dialog", lambda dialog: found.messages.append(dialog.message))
        page.on("request", lambda request: found.requests.append(request.url))
        page.goto(report.as_uri())
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        page.evaluate("for (const one of document.images) one.loading = 'eager'")
        page.wait_for_function("[...document.images].every(one => one.complete)")
        yield found
        browser.close()


def test_the_page_asks_for_nothing_and_says_nothing(visit: Visit, report: Path) -> None:
    asked = [url for url in visit.requests if not url.startswith("data:")]
    assert asked == [report.as_uri()]
    assert visit.messages == []


def test_every_figure_is_drawn_and_runs_nothing(visit: Visit) -> None:
    widths = visit.page.evaluate("[...document.images].map(one => one.naturalWidth)")
    assert len(widths) == 4
    assert all(width > 0 for width in widths)
    assert visit.page.title() == "howlow: how low can you go?"


def test_a_phone_needs_no_sideways_scrolling(visit: Visit) -> None:
    widths = visit.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths == [390, 390]


def test_only_a_narrow_screen_is_told_to_scroll_a_figure(visit: Visit) -> None:
    assert visit.page.is_visible(".hint")
    visit.page.set_viewport_size({"width": 1280, "height": 844})
    assert not visit.page.is_visible(".hint")
    visit.page.set_viewport_size({"width": 390, "height": 844})


def test_the_style_is_in_force(visit: Visit) -> None:
    wanted = "getComputedStyle(document.querySelector('.scroll')).overflowX"
    assert visit.page.evaluate(wanted) == "auto"


def test_a_link_to_a_folded_trial_opens_it(visit: Visit) -> None:
    visit.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = false")
    visit.page.evaluate("location.hash = '#study-alpha-2001'")
    visit.page.wait_for_function("document.querySelector('details.trial').open")


def test_dark_and_light_differ_and_can_both_be_read(visit: Visit) -> None:
    def colours(scheme: str) -> list[str]:
        visit.page.emulate_media(color_scheme=scheme)
        style = "getComputedStyle(document.body)"
        found: list[str] = visit.page.evaluate(f"[{style}.color, {style}.backgroundColor]")
        return found

    light, dark = colours("light"), colours("dark")
    assert light == ["rgb(29, 33, 38)", "rgb(255, 255, 255)"]
    assert dark == ["rgb(230, 232, 234)", "rgb(21, 24, 27)"]


def test_paper_holds_the_answer(visit: Visit, tmp_path: Path) -> None:
    visit.page.emulate_media(media="print")
    assert not visit.page.is_visible("nav")
    assert visit.page.is_visible(".answer")
    pdf = visit.page.pdf(path=str(tmp_path / "report.pdf"), format="A4")
    assert pdf.startswith(b"%PDF")
