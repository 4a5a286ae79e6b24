"""Invented tables, and a project of its own to make studies of them in."""

import csv
import random
from pathlib import Path

import pytest

from howlow.config.reading import read_config, read_study
from howlow.config.study import Participants


def a_project(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the repository's configuration and no data, and go there."""
    folder = tmp_path / "project"
    (folder / "config").mkdir(parents=True)
    text = (repo / "config" / "config.yaml").read_text(encoding="utf-8")
    (folder / "config" / "config.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def made(project: Path, name: str) -> Participants:
    """Read the study that was written."""
    config = read_config([project / "config" / "config.yaml"])
    study = read_study(project / "data" / name, config)
    assert isinstance(study, Participants)
    return study


def write_csv(path: Path, rows: list[list[object]], delimiter: str = ",") -> Path:
    """Write rows as CSV; return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def long_rows(people: int = 12, arms: tuple[str, str] = ("RM10", "RM30")) -> list[list[object]]:
    """Leg press and bench press of each person before and after."""
    draw = random.Random(7)
    rows: list[list[object]] = [["subject", "timepoint", "group", "exercise", "load"]]
    for person in range(1, people + 1):
        for exercise, usual in (("legpress", 200), ("benchpress", 60)):
            start = usual + draw.randint(-20, 20)
            gain = draw.randint(2, 15)
            for visit, value in (("pre", start), ("post", start + gain)):
                rows.append([person, visit, arms[person % 2], exercise, value])
    return rows
