"""Limits that no other test touches: each of these fails if its guard is taken away."""

from pathlib import Path

import pytest

from howlow.config.documents import read_yaml
from howlow.config.steps import Table
from howlow.data.formats import guards
from howlow.data.tables import read_raw
from howlow.errors import InputError


def test_an_anchor_on_a_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("a: 1\n&all b: 2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"config\.yaml:2: .*the anchor &all.*\[G05\]"):
        read_yaml(path)


def workbook(path: Path) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["participant", "value"])
    for row in range(50):
        book.active.append([f"S{row}", row])
    book.save(path)
    return path


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "table.xlsx")
    assert len(read_raw(path, Table(file="table.xlsx")).frame) == 50
    # Larger than the file is as it lies there, smaller than what is in it.
    monkeypatch.setattr(guards, "LARGEST", path.stat().st_size + 1)
    with pytest.raises(InputError, match=r"would unpack to .* more than .*\[F16\]"):
        read_raw(path, Table(file="table.xlsx"))


def test_a_parquet_file_that_claims_too_many_cells_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd

    path = tmp_path / "table.parquet"
    pd.DataFrame({"participant": ["S1"] * 40, "value": [1.0] * 40}).to_parquet(path)
    assert len(read_raw(path, Table(file="table.parquet")).frame) == 40
    monkeypatch.setattr(guards, "MOST_CELLS", 79)
    with pytest.raises(InputError, match=r"40 rows of 2 columns are more than are read.*\[F16\]"):
        read_raw(path, Table(file="table.parquet"))
