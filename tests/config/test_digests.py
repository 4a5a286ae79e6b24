"""The digest of the code changes with what it does, not with how it is written."""

from pathlib import Path

import pytest

from howlow.config import digests

CODE = '''"""What it is."""

KNOWN = {"a", "b", "c"}


def half(value: float) -> float:
    """Half of it."""
    assert value > 0
    return value / 2 if value not in {"x", "y"} else 0.0
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in digests.PACKAGES:
        (tmp_path / name).mkdir()
    for name in digests.SHARED:
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text("", encoding="utf-8")
    monkeypatch.setattr(digests, "_PACKAGE", tmp_path)
    return tmp_path


def digest(package: Path, text: str) -> str:
    (package / "data" / "half.py").write_text(text, encoding="utf-8")
    digests._content.cache_clear()
    return digests.code_digest("data")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("KNOWN", "# a comment\n\nKNOWN"),
        ("Half of it.", "The half of it."),
        ("What it is.", "What this is."),
        ("value / 2 if", "(value\n        / 2) if"),
    ],
)
def test_what_changes_no_result_keeps_the_digest(package: Path, old: str, new: str) -> None:
    before = digest(package, CODE)
    assert digest(package, CODE.replace(old, new, 1)) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/ 2", "/ 3"),
        ("/ 2", "* 2"),
        ('"c"}', '"d"}'),
        ('"y"}', '"z"}'),
        ("def half", "def third"),
        ("return value", "return -value"),
    ],
)
def test_what_may_change_a_result_changes_the_digest(package: Path, old: str, new: str) -> None:
    before = digest(package, CODE)
    assert digest(package, CODE.replace(old, new, 1)) != before


def test_a_stage_does_not_depend_on_those_after_it(package: Path) -> None:
    before = digest(package, CODE)
    (package / "report" / "page.py").write_text("x = 1\n", encoding="utf-8")
    assert digests.code_digest("data") == before
    assert digests.code_digest("report") != before
