"""The one way down: a stage imports only from itself and the stages before it."""

import ast
from pathlib import Path

import pytest

ORDER = (
    "config",
    "data",
    "model",
    "design",
    "analysis",
    "synthesis",
    "present",
    "report",
    "intake",
)
#: The kernel knows nothing of files, configuration or data.
ALONE = {"model"}


def modules(repo: Path) -> list[Path]:
    return [
        path for stage in ORDER for path in sorted((repo / "workflow/howlow" / stage).rglob("*.py"))
    ]


def imported_stages(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("howlow."):
            names.add((node.module or "").split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "howlow":
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            names.update(
                alias.name.split(".")[1] for alias in node.names if alias.name.startswith("howlow.")
            )
    return names & set(ORDER)


def test_no_arrow_runs_back_up(repo: Path) -> None:
    wrong = []
    for path in modules(repo):
        stage = path.relative_to(repo / "workflow/howlow").parts[0]
        allowed = {stage} if stage in ALONE else set(ORDER[: ORDER.index(stage) + 1])
        wrong += [f"{path.name}: {found}" for found in imported_stages(path) - allowed]
    assert wrong == []


@pytest.mark.parametrize("stage", ORDER)
def test_every_stage_is_there(repo: Path, stage: str) -> None:
    assert (repo / "workflow/howlow" / stage / "__init__.py").is_file()
