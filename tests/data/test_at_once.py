"""Large plain tables are read at once, and come out as they do row by row."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from howlow.config.steps import Table
from howlow.data.formats import at_once, layout
from howlow.data.tables import read_raw
from howlow.errors import InputError

CELLS = st.sampled_from(["", "S1", "5.5", " 5", "é", "·", "NA", "a b", "-3", "=1", "\t", "heavy "])
ENDS = st.sampled_from(["\n", "\r\n"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A table of three columns, most of its rows sound."""
    end = draw(ENDS)
    rows = [["who", "value", "more"]]
    for _ in range(draw(st.integers(0, 40))):
        width = draw(st.sampled_from([3] * 60 + [1, 2, 4]))
        rows.append([draw(CELLS) for _ in range(width)])
    if draw(st.integers(0, 5)) == 0:
        rows.insert(draw(st.integers(0, len(rows))), [])
    return end.join(",".join(row) for row in rows) + draw(st.sampled_from(["", end, end + end]))


def read(path: Path, wanted: tuple[str, ...] | None, skip_footer: int) -> object:
    table = Table(file=path.name, skip_footer=skip_footer)
    try:
        raw = read_raw(path, table, wanted)
    except InputError as error:
        return [str(finding) for finding in error.findings]
    return raw.frame.astype("str").to_dict("list"), [str(found) for found in raw.findings]


@given(texts(), st.sampled_from([None, ("who", "value"), ("more",)]), st.sampled_from([0, 0, 1]))
@settings(max_examples=300, suppress_health_check=list(HealthCheck), database=None)
def test_both_roads_give_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    text: str,
    wanted: tuple[str, ...] | None,
    skip_footer: int,
) -> None:
    path = tmp_path_factory.getbasetemp() / "both.csv"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(at_once, "LEAST", 10**9)
        row_by_row = read(path, wanted, skip_footer)
        patch.setattr(at_once, "LEAST", 0)
        # Below the rows in which a header is looked for; few here, so that most are read at once.
        patch.setattr(layout, "_HEAD", 3)
        assert read(path, wanted, skip_footer) == row_by_row


def test_a_plain_table_is_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("who,value\n" + "S1,5\n" * 50, encoding="utf-8")
    taken: list[object] = []
    block = at_once.read_at_once

    def spied(*arguments: object) -> object:
        taken.append(block(*arguments))  # type: ignore[arg-type]
        return taken[-1]

    monkeypatch.setattr(at_once, "LEAST", 0)
    monkeypatch.setattr("howlow.data.formats.delimited.read_at_once", spied)
    assert len(read_raw(path, Table(file="plain.csv")).frame) == 50
    assert taken[0] is not None
