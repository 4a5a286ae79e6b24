"""Raw tables are read as they stand; what does not fit is told with its line, all at once."""

from pathlib import Path

import pytest

from howlow.config.steps import Table
from howlow.data.tables import LINE, read_raw
from howlow.errors import InputError


def read(folder: Path, content: str | bytes, **options: object):
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_raw(path, Table.model_validate({"file": "table.csv", **options})).frame


def test_cells_stay_text_and_lines_are_kept(tmp_path: Path) -> None:
    frame = read(tmp_path, "id,arm,kg\n001,None,1E5\n\n002,NA,\n")
    assert frame.to_dict("list") == {
        "id": ["001", "002"],
        "arm": ["None", "NA"],
        "kg": ["1E5", ""],
        LINE: ["2", "4"],
    }


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    assert list(read(tmp_path, "\ufeffid,kg\nP1,5\n".encode())) == ["id", "kg", LINE]


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        ("id,kg\nP1,5,\nP2,6\nP3,7,\n", "F09", "table.csv:2: 3 cells, but the header has 2"),
        ("id,arm,kg\nP1,heavy\n", "F10", "table.csv:2: 2 cells, but the header has 3"),
        ("id,kg,kg\nP1,5,6\n", "F08", "column 'kg' is there twice"),
        ("id;arm;kg\nP1;heavy;5\n", "F07", "delimiter: ';'"),
        ("", "F04", "no rows of data"),
        ("id,kg\n", "F04", "no rows of data"),
        ('id,kg\nP1,"5\nP2,6\n', "F11", "Close the quote"),
        ("id,naam\nP1,Hammarstr\xf6m\n".encode("latin-1"), "F02", "table.csv:2"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(
    tmp_path: Path, content: str | bytes, code: str, says: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, content)
    assert any(finding.code == code for finding in caught.value.findings)
    assert says in str(caught.value)


def test_every_row_that_does_not_fit_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "id,kg\nP1,5,\nP2,6\nP3\n")
    assert [finding.line for finding in caught.value.findings] == [2, 4]


def test_a_table_split_at_another_sign_is_one_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "id;arm;kg\nP1;heavy;103,0\nP2;light;98,5\n")
    assert [finding.code for finding in caught.value.findings] == ["F07"]
    assert "table.csv:1: one column only, split at ','. Set `delimiter: ';'`" in str(caught.value)


def test_a_file_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"raw\.rda: there is no such file\. Put it there"
    ) as caught:
        read_raw(tmp_path / "raw.rda", Table(file="raw/raw.rda"))
    assert caught.value.findings[0].code == "F04"


def test_a_pickle_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "fit.pkl"
    path.write_bytes(b"")
    with pytest.raises(InputError, match="F18"):
        read_raw(path, Table(file="fit.pkl"))


def test_what_says_nothing_of_a_format_is_told(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("id,kg\nP1,5\n", encoding="utf-8")
    raw = read_raw(path, Table(file="table.csv", sheet="Strength"))
    assert [(finding.code, finding.severity) for finding in raw.findings] == [("G01", "warning")]
    assert "sheet: `sheet` says nothing of a .csv file. Remove it" in str(raw.findings[0])


def test_the_name_of_the_line_is_taken(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the name __line__ is taken"):
        read(tmp_path, f"id,{LINE}\nP1,5\n")


def test_all_faults_of_a_file_come_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    content = "id,kg,kg\nP1,5,6\nP2,5\nP3,5,6,7\nMean,5,6\n"
    with pytest.raises(InputError) as caught:
        read(tmp_path, content, rows=9)
    codes = [(finding.code, finding.line) for finding in caught.value.findings]
    assert codes == [("F13", 0), ("F08", 1), ("F10", 3), ("F09", 4), ("F12", 5)]
