"""Every kind of bad input has a test by its code, and every code is explained."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from howlow.report.titles import TITLES

#: Rows that the tests of this folder must hold.
LAST = {"F": 18, "C": 18, "K": 20, "G": 16}
ROWS = [f"{kind}{number:02d}" for kind, last in LAST.items() for number in range(1, last + 1)]
ROWS += ["S07", "S08", "S09", "S10"]

CODE = re.compile(r"[A-Z]\d\d")
#: Codes in words.
WORDS = {"SIMULATED", "LEFT_OUT", "UNEXPECTED"}


def codes_tested(path: Path) -> Iterator[str]:
    """Codes in the names of a file's tests and in its literals outside docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield from (
                word.upper() for word in re.findall(r"(?<![a-z0-9])[a-z]\d\d(?![0-9])", node.name)
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in said:
            yield from re.findall(r"\b[A-Z]\d\d(?![0-9])", node.value)


def codes_in_source(repo: Path) -> set[str]:
    """Codes that findings can have: literals that are a code and nothing else."""
    found = set()
    for path in sorted((repo / "workflow/howlow").rglob("*.py")):
        if path.name == "titles.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            word = node.value if isinstance(node, ast.Constant) else None
            if isinstance(word, str) and (CODE.fullmatch(word) or word in WORDS):
                found.add(word)
    return found


@pytest.fixture(scope="module")
def tested(repo: Path) -> set[str]:
    return {
        code
        for path in (repo / "tests/bad_inputs").glob("test_*.py")
        if path != Path(__file__)
        for code in codes_tested(path)
    }


@pytest.fixture(scope="module")
def explained(repo: Path) -> dict[str, list[str]]:
    """Code: the cells beside it in docs/bad-inputs.md."""
    text = (repo / "docs/bad-inputs.md").read_text(encoding="utf-8")
    rows = [re.split(r" ?\| ?", line)[1:-1] for line in text.splitlines() if line.startswith("|")]
    return {row[0]: row[1:] for row in rows if row[0] in TITLES}


@pytest.mark.parametrize("code", ROWS)
def test_every_kind_of_bad_input_has_a_test(code: str, tested: set[str]) -> None:
    assert code in tested


def test_every_code_that_is_told_has_a_title_and_is_explained(
    repo: Path, explained: dict[str, list[str]]
) -> None:
    told = codes_in_source(repo)
    assert len(told) > 60
    assert told <= set(TITLES)
    assert told | set(ROWS) <= set(explained)


def test_titles_and_explanations_are_in_step(explained: dict[str, list[str]]) -> None:
    assert set(explained) == set(TITLES)
    for code, (about, told_as, meaning, action) in explained.items():
        assert about == TITLES[code]["en"]
        assert re.search(r"error|warning|note|by design", told_as)
        assert meaning.endswith(".")
        assert action.endswith((".", "`"))


def test_what_is_handled_by_design_is_never_told(
    repo: Path, explained: dict[str, list[str]]
) -> None:
    """A code that a finding has is no matter of design alone."""
    by_design = {code for code, cells in explained.items() if cells[1] == "by design"}
    assert not by_design & codes_in_source(repo)


def test_titles_are_short_enough_for_a_table() -> None:
    for words in TITLES.values():
        assert all(len(text) <= 35 for text in words.values())
