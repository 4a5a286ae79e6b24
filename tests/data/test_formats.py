"""Every format is read as the text that a person would see, and nothing undeclared is read."""

import datetime
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
import rdata

from howlow.config.steps import Table
from howlow.data.formats.cells import as_text
from howlow.data.formats.edges import footer, header_place, is_summary, ranges
from howlow.data.formats.grids import grid, labels, sheets, sniff, value_labels
from howlow.data.tables import LINE, Raw, read_raw
from howlow.errors import InputError


def read(path: Path, wanted: set[str] | None = None, **options: object) -> Raw:
    return read_raw(path, Table.model_validate({"file": path.name, **options}), wanted)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("NA ", "NA "),
        (5.0, "5"),
        (-0.0, "0"),
        (67.5, "67.5"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e22, "1e+22"),
        (float("nan"), "NaN"),
        (float("-inf"), "-inf"),
        (True, "TRUE"),
        (np.bool_(False), "FALSE"),
        (np.int64(7), "7"),
        (np.float64(7), "7"),
        (datetime.date(2024, 3, 1), "2024-03-01"),
        (datetime.datetime(2024, 3, 1), "2024-03-01"),
        (datetime.datetime(2024, 3, 1, 9, 30), "2024-03-01 09:30:00"),
        (datetime.time(9, 30), "09:30:00"),
        (pd.Timestamp("2024-03-01"), "2024-03-01"),
        (pd.NaT, ""),
        (pd.NA, ""),
        (b"P1", "P1"),
    ],
)
def test_a_cell_as_text(cell: object, text: str) -> None:
    assert as_text(cell) == text


# One table in every format


def make_sav(path: Path) -> None:
    pyreadstat.write_sav(
        TABLE,
        path,
        column_labels={"kg": "Leg press, 1RM"},
        variable_value_labels={"arm": {1: "heavy", 2: "light"}, "kg": {-99: "refused"}},
        missing_ranges={"kg": [-99], "pain": [{"lo": 90, "hi": 99}]},
    )


def make_dta(path: Path) -> None:
    table = TABLE.assign(pain=pd.Series([1.0, np.nan, "a"], dtype=object), when=DAYS)
    pyreadstat.write_dta(
        table,
        path,
        column_labels=["", "", "Leg press, 1RM", "", ""],
        variable_value_labels={"arm": {1: "heavy", 2: "light"}},
        missing_user_values={"pain": ["a"]},
    )


DAYS = pd.to_datetime(["2024-03-01", "2024-03-02", None])
TABLE = pd.DataFrame(
    {
        "id": ["P1", "P2", "P3"],
        "arm": [1.0, 2.0, 2.0],
        "kg": [50.0, -99.0, 52.5],
        "pain": [1.0, np.nan, 99.0],
        "when": [datetime.date(2024, 3, 1), datetime.date(2024, 3, 2), None],
    }
)


@pytest.mark.parametrize("name", ["t.sav", "t.zsav"])
def test_spss_gives_labels_and_empties_what_it_calls_missing(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    make_sav(path)
    raw = read(path)
    assert raw.frame.to_dict("list") == {
        "id": ["P1", "P2", "P3"],
        "arm": ["heavy", "light", "light"],
        "kg": ["50", "", "52.5"],
        "pain": ["1", "", ""],
        "when": ["2024-03-01", "2024-03-02", ""],
        LINE: ["1", "2", "3"],
    }
    told = "\n".join(map(str, raw.findings))
    assert "kg: 1 cell with a code that the file declares as missing (-99). They are read" in told
    assert "pain: 1 cell with a code that the file declares as missing (99)" in told
    assert {one.severity for one in raw.findings} == {"note"}
    assert labels(path) == {"kg": "Leg press, 1RM"}
    assert value_labels(path)["arm"] == {"1": "heavy", "2": "light"}


def test_stata_gives_labels_and_empties_its_missing_letters(tmp_path: Path) -> None:
    path = tmp_path / "t.dta"
    make_dta(path)
    frame = read(path).frame
    assert frame["arm"].tolist() == ["heavy", "light", "light"]
    assert frame["pain"].tolist() == ["1", "", ""]
    assert frame["when"].tolist() == ["2024-03-01", "2024-03-02", ""]
    assert labels(path)["kg"] == "Leg press, 1RM"


def test_labels_that_are_alike_leave_the_numbers(tmp_path: Path) -> None:
    path = tmp_path / "t.sav"
    pyreadstat.write_sav(TABLE, path, variable_value_labels={"arm": {1: "heavy", 2: "heavy"}})
    raw = read(path)
    assert raw.frame["arm"].tolist() == ["1", "2", "2"]
    assert "two values have the same label: the cells are the numbers" in str(raw.findings[0])


def test_parquet_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table = TABLE.assign(
        when=DAYS,
        n=pd.array([1, None, 3], dtype="Int64"),
        sex=pd.Categorical(["F", None, "M"]),
        ok=[True, False, True],
    )
    table.to_parquet(path)
    frame = read(path).frame
    assert frame["kg"].tolist() == ["50", "-99", "52.5"]
    assert frame["when"].tolist() == ["2024-03-01", "2024-03-02", ""]
    assert frame["n"].tolist() == ["1", "", "3"]
    assert frame["sex"].tolist() == ["F", "", "M"]
    assert frame["ok"].tolist() == ["TRUE", "FALSE", "TRUE"]


def test_parquet_with_lists_in_cells_is_refused(tmp_path: Path) -> None:
    pd.DataFrame({"id": ["P1"], "kg": [[1, 2]]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match="kg: a cell holds a list"):
        read(tmp_path / "t.parquet")
    assert list(read(tmp_path / "t.parquet", {"id"}).frame) == ["id", LINE]


def r_table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": pd.Series(["P1", "P2"], dtype=object),
            "kg": [50.0, np.nan],
            "sex": pd.Categorical(["F", "M"]),
            "ok": [True, False],
        }
    )


def test_r_data_frames_are_read_with_na_as_in_r(tmp_path: Path) -> None:
    rdata.write_rda(tmp_path / "t.RData", {"strength": r_table(), "dxa": r_table()[["id"]]})
    rdata.write_rds(tmp_path / "t.rds", r_table())
    expected = {
        "id": ["P1", "P2"],
        "kg": ["50", "NA"],
        "sex": ["F", "M"],
        "ok": ["TRUE", "FALSE"],
        LINE: ["1", "2"],
    }
    assert read(tmp_path / "t.RData", object="strength").frame.to_dict("list") == expected
    assert read(tmp_path / "t.rds").frame.to_dict("list") == expected
    assert sheets(tmp_path / "t.RData") == ["strength", "dxa"]
    assert sheets(tmp_path / "t.rds") == [""]
    with pytest.raises(InputError, match=r"data frames: strength, dxa\. Name one of them with"):
        read(tmp_path / "t.RData")
    with pytest.raises(InputError, match="Did you mean 'strength'"):
        read(tmp_path / "t.RData", object="strenght")


def r_column(cells: str, of_class: str) -> bytes:
    """An .rds in R's text format: a data frame with one column of real numbers of a class."""

    def word(text: str) -> str:
        return f"262153\n{len(text)}\n{text}\n"

    def named(symbol: str, value: str) -> str:
        return f"1026\n{symbol}{value}"

    def words(text: str) -> str:
        return f"16\n1\n{word(text)}"

    count = cells.count("\n")
    klass = named("1\n" + word("class"), words(of_class))
    column = f"782\n{count}\n{cells}{klass}254\n"
    rows = named("1\n" + word("row.names"), f"13\n2\nNA\n-{count}\n")
    names = named("1\n" + word("names"), words("when"))
    # The symbol `class` comes the second time by its number.
    frame = f"787\n1\n{column}{names}{rows}{named('511' + chr(10), words('data.frame'))}254\n"
    return f"A\n2\n262145\n131840\n{frame}".encode()


def test_dates_of_r_are_dates_and_unknown_kinds_are_told(tmp_path: Path) -> None:
    path = tmp_path / "t.rds"
    path.write_bytes(r_column("19783\nNA\n", "Date"))
    assert read(path).frame["when"].tolist() == ["2024-03-01", "NA"]
    path.write_bytes(r_column("1709285400\nNA\n", "POSIXct"))
    raw = read(path)
    assert raw.frame["when"].tolist() == ["2024-03-01 09:30:00", "NA"]
    assert raw.findings == []
    path.write_bytes(r_column("5\nNA\n", "integer64"))
    raw = read(path)
    assert "columns of a kind that is not known: integer64" in str(raw.findings[0])


def make_xlsx(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Export of 2024"])
    sheet.append([])
    sheet.append([" id ", "kg", "when", "ok", "note"])
    sheet.append(["001", 5.0, datetime.date(2024, 3, 1), True, "L "])
    sheet.append(["002", 67.25, datetime.datetime(2024, 3, 1, 9, 30), False, None])
    sheet.append([None, None, None])
    sheet.append(["003", "NA", None, None, None])
    book.save(path)


def test_a_sheet_is_read_as_it_is_shown(tmp_path: Path) -> None:
    make_xlsx(tmp_path / "t.xlsx")
    raw = read(tmp_path / "t.xlsx", skip_lines=2)
    assert raw.frame.to_dict("list") == {
        "id": ["001", "002", "003"],
        "kg": ["5", "67.25", "NA"],
        "when": ["2024-03-01", "2024-03-01 09:30:00", ""],
        "ok": ["TRUE", "FALSE", ""],
        "note": ["L ", "", ""],
        LINE: ["4", "5", "7"],
    }
    assert raw.findings == []
    with pytest.raises(InputError, match="line 1 stands above the header, which seems to be on li"):
        read(tmp_path / "t.xlsx")


def test_macros_are_left_where_they_are(tmp_path: Path) -> None:
    make_xlsx(tmp_path / "t.xlsm")
    assert len(read(tmp_path / "t.xlsm", skip_lines=2).frame) == 3


def test_two_header_lines_of_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(",leg press,,curl, \nid,pre,post,pre,post\nP1,100,110,20,22\n", "utf-8")
    names = ["id", "leg press|pre", "leg press|post", "curl|pre", "curl|post"]
    assert list(read(path, header_lines=2).frame) == [*names, LINE]
    assert list(read(path, {"id", "curl|post"}, header_lines=2).frame) == ["id", "curl|post", LINE]
    path.write_text("id,leg press\n,1RM\nP1,100\n", "utf-8")
    assert list(read(path, header_lines=2).frame)[:2] == ["id", "leg press|1RM"]


@pytest.mark.parametrize(
    "make", [make_sav, make_dta, make_xlsx, lambda path: TABLE.to_parquet(path)]
)
def test_nothing_undeclared_is_kept(tmp_path: Path, make: Callable[[Path], None]) -> None:
    ending = {make_sav: ".sav", make_dta: ".dta", make_xlsx: ".xlsx"}.get(make, ".parquet")
    path = tmp_path / f"t{ending}"
    make(path)
    options = {"skip_lines": 2} if ending == ".xlsx" else {}
    assert list(read(path, {"kg", "not there"}, **options).frame) == ["kg", LINE]
    nothing = read(path, {"not there"}, **options).frame
    assert list(nothing) == [LINE]
    assert len(nothing) == 3


def test_rows_are_counted_in_every_format(tmp_path: Path) -> None:
    make_sav(tmp_path / "t.sav")
    with pytest.raises(InputError, match="3 rows of data, but `rows` says 4"):
        read(tmp_path / "t.sav", rows=4)


def test_many_rows_keep_their_lines_and_letters(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [f'P{line},"heavy\nand {"é" * (line % 3)}"' for line in range(2500)]
    path.write_text("id,arm\n" + "\n".join(rows), "utf-8")
    frame = read(path).frame
    assert frame[LINE].tolist() == [str(2 * row + 2) for row in range(2500)]
    assert frame["arm"].tolist() == [f"heavy\nand {'é' * (row % 3)}" for row in range(2500)]


# What only looks at a file


def test_a_grid_has_banner_and_header(tmp_path: Path) -> None:
    make_xlsx(tmp_path / "t.xlsx")
    rows = grid(tmp_path / "t.xlsx")
    assert rows[0] == ["Export of 2024", "", "", "", ""]
    assert rows[1] == [""] * 5
    assert rows[2][0] == " id "
    assert len(rows) == 7
    assert grid(tmp_path / "t.xlsx", limit=3) == rows[:3]
    make_sav(tmp_path / "t.sav")
    assert grid(tmp_path / "t.sav", limit=2) == [
        ["id", "arm", "kg", "pain", "when"],
        ["P1", "heavy", "50", "1", "2024-03-01"],
    ]
    (tmp_path / "t.csv").write_text('a;b\n\n"1;2;3\n', "utf-8")
    assert grid(tmp_path / "t.csv", delimiter=";")[:2] == [["a", "b"], ["", ""]]


def test_of_merged_cells_the_first_is_filled(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "press", ""])
    book.active.merge_cells("B1:C1")
    book.active.append(["P1", 1, 2])
    book.save(tmp_path / "t.xlsx")
    assert grid(tmp_path / "t.xlsx") == [["id", "press", ""], ["P1", "1", "2"]]


@pytest.mark.parametrize(
    ("content", "encoding", "expected"),
    [
        ("id;kg;cm\nP1;52,5;3,1\nP2;50,0;3,0\n", "utf-8", ("utf-8", ";", ",")),
        ("id,kg\nP1,52.5\n", "utf-8-sig", ("utf-8-sig", ",", ".")),
        ("naam\tkg\nHammarström\t52,5\n", "cp1252", ("cp1252", "\t", ",")),
        ("id,kg\nP1,5\n", "utf-16", ("utf-16", ",", ".")),
        ('id,name,kg\nP1,"a;b;c",5.5\nP2,"d;e;f",6\n', "utf-8", ("utf-8", ",", ".")),
        ("a banner; of some kind\nid|kg\nP1|5\nP2|6\n", "utf-8", ("utf-8", "|", ".")),
        ("kg\n50\n", "utf-8", ("utf-8", ",", ".")),
    ],
)
def test_how_a_text_was_written_is_guessed(
    tmp_path: Path, content: str, encoding: str, expected: tuple[str, str, str]
) -> None:
    (tmp_path / "t.csv").write_bytes(content.encode(encoding))
    guess = sniff(tmp_path / "t.csv")
    assert guess[:3] == expected
    assert guess.notes
    assert ("a guess" in guess.notes[0]) is (encoding == "cp1252")


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([["id", "kg"], ["P1", "5"], ["P2", "6"]], 0),
        ([["Report", ""], ["id", "kg"], ["P1", "5"], ["P2", "6"]], 1),
        ([["", "id", "kg"], ["1", "P1", "5"], ["2", "P2", "6"]], 0),
        ([["id"], ["P1"], ["P2"]], 0),
        ([["id", "kg"], ["P1", "", "5"]], 0),
    ],
)
def test_the_header_is_the_first_row_unless_another_clearly_is(
    rows: list[list[str]], place: int
) -> None:
    assert header_place(rows, None) == (place, 1)


@pytest.mark.parametrize(
    "cell", ["Mean", "SD", "Mean ± SD", "N = 12", "Totaal", "std. dev.", "Mean (n=8)", "Gemiddelde"]
)
def test_words_of_summaries(cell: str) -> None:
    assert is_summary(cell)


@pytest.mark.parametrize("cell", ["Max", "S01", "N1", "Meander", "Summer", "Sem", "", "5"])
def test_words_that_may_be_people_are_no_summary(cell: str) -> None:
    assert is_summary(cell) is (cell == "Sem")  # SEM, however it is written


def test_a_participant_without_values_is_no_footer() -> None:
    from howlow.data.formats.edges import Row

    assert footer([Row(5, ["P9", "", ""])], 3) == []
    assert footer([Row(5, ["P9", "a", "1"]), Row(6, ["n", "", "3"])], 3) == []
    assert footer([Row(5, ["Mean", "", "3"]), Row(6, ["n", "", "3"])], 3) == [5, 6]


def test_a_line_of_numbers_for_names_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("1,5,6\n2,6,7\n", "utf-8")
    told = read(tmp_path / "t.csv").findings
    assert "t.csv:1: 3 numbers among the names of the columns" in str(told[0])


def test_lines_are_drawn_together() -> None:
    assert ranges([1, 2, 3, 7, 9, 10]) == "1 to 3, 7, 9 to 10"


# Real files


@pytest.mark.mirror
@pytest.mark.parametrize(
    ("name", "options", "shape"),
    [
        ("exscidata/oneThreeSetLeg.csv", {"delimiter": ";"}, (42, 6)),
        ("exscidata/strengthTests.xlsx", {"sheet": "oneRM"}, (1638, 6)),
        ("exscidata/strengthTests.xlsx", {"sheet": "Cybex"}, (3744, 7)),
        ("exscidata/ten_vs_thirty_complete.xlsx", {}, (243, 6)),
        ("exscidata/tenthirty.rda", {}, (243, 6)),
        ("exscidata/hypertrophy.rda", {}, (31, 148)),
        ("living-meta-rt/All studies.csv", {"encoding": "latin-1"}, (1153, 81)),
        (
            "nasa-bedrest-cft70/BEDREST_IRATS_MRI_ULTRASOUND_CFT70_MRI_Quadriceps.csv",
            {},
            (351, 7),
        ),
    ],
)
def test_a_table_nobody_prepared(
    shared: Path, name: str, options: dict[str, object], shape: tuple[int, int]
) -> None:
    raw = read(shared / "datasets" / name, **options)
    assert raw.frame.shape == shape
    assert {finding.code for finding in raw.findings} <= {"F01"}


@pytest.mark.mirror
def test_a_space_in_a_cell_stays_for_the_check_that_looks_for_it(shared: Path) -> None:
    path = shared / "datasets/exscidata/strengthTests.xlsx"
    assert "L " in set(read(path, sheet="oneRM").frame["leg"]) | set(
        read(path, sheet="Cybex").frame["leg"]
    )


@pytest.mark.mirror
def test_the_spreadsheet_and_the_r_file_of_one_trial_are_equal(shared: Path) -> None:
    folder = shared / "datasets/exscidata"
    from_xlsx = read(folder / "ten_vs_thirty_complete.xlsx").frame.drop(columns=LINE)
    from_r = read(folder / "tenthirty.rda").frame.drop(columns=LINE)
    key = ["participant", "time", "exercise"]
    from_xlsx = from_xlsx.rename(columns={"subject": "participant", "timepoint": "time"})
    pd.testing.assert_frame_equal(
        from_xlsx.sort_values(key, ignore_index=True), from_r.sort_values(key, ignore_index=True)
    )
