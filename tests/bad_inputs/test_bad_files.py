"""Files that are not the table they seem to be: each is told, and nothing is written.

The codes are those of the list of bad inputs; every one has at least one case here.
"""

import bz2
import gzip
import io
import pickle
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from openpyxl.styles import PatternFill

from howlow.config.steps import Table
from howlow.data.formats import guards
from howlow.data.formats.kinds import KINDS
from howlow.data.tables import Raw, read_raw
from howlow.errors import HowlowError, InputError
from howlow.findings import Finding

Make = Callable[[Path], None]


def read(path: Path, wanted: set[str] | None = None, **options: object) -> Raw:
    return read_raw(path, Table.model_validate({"file": f"raw/{path.name}", **options}), wanted)


def text(content: str | bytes, encoding: str = "utf-8") -> Make:
    return lambda path: path.write_bytes(
        content if isinstance(content, bytes) else content.encode(encoding)
    )


def workbook(change: Callable[[openpyxl.Workbook], None] | None = None) -> Make:
    def make(path: Path) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        for row in (("id", "arm", "kg"), ("P1", "heavy", 50), ("P2", "light", 52.5)):
            sheet.append(row)
        if change is not None:
            change(book)
        book.save(path)

    return make


def with_part(name: str, content: bytes) -> Make:
    """A workbook of which one part is replaced."""

    def make(path: Path) -> None:
        workbook()(path)
        with zipfile.ZipFile(path) as archive:
            parts = {part: archive.read(part) for part in archive.namelist()}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, old in parts.items():
                archive.writestr(part, content if part == name else old)

    return make


class Harmless:
    """Unpickled, it would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return (Path.write_text, (self.path, "ran"))


def pickled(protocol: int) -> Make:
    return lambda path: path.write_bytes(
        pickle.dumps(Harmless(path.parent / "ran.txt"), protocol=protocol)
    )


def zipped_bomb(path: Path) -> None:
    workbook()(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.bin", bytes(30_000_000))


def many_parts(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for part in range(guards.MOST_MEMBERS + 1):
            archive.writestr(f"xl/{part}", b"")


def laughing(levels: int) -> bytes:
    """A sheet whose one cell is an entity of entities: ten to the power of `levels` letters."""
    entities = '<!ENTITY e0 "x">' + "".join(
        f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, levels + 1)
    )
    return (
        f'<?xml version="1.0"?><!DOCTYPE bomb [{entities}]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
        f'<row r="2"><c r="A2" t="inlineStr"><is><t>&e{levels};</t></is></c></row>'
        "</sheetData></worksheet>"
    ).encode()


def add_sheet(book: openpyxl.Workbook) -> None:
    book.create_sheet("Strength").append(["id", "kg"])
    hidden = book.create_sheet("Old")
    hidden.append(["id"])
    hidden.sheet_state = "hidden"


def merge(book: openpyxl.Workbook) -> None:
    book.active.merge_cells("B2:B3")


def merge_header(book: openpyxl.Workbook) -> None:
    book.active.merge_cells("B1:C1")


def formula(book: openpyxl.Workbook) -> None:
    book.active["C3"] = "=C2*1.05"


def error_cell(book: openpyxl.Workbook) -> None:
    book.active["C3"] = "#DIV/0!"


CSV = "id,arm,kg\nP1,heavy,50\nP2,light,52.5\n"
WIDE = "".join(f"P{n},heavy,{n}.5\n" for n in range(1, 9))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)

#: code, file name, how it is made, options of the table, what the message says
CASES: list[tuple[str, str, Make, dict[str, object], str]] = [
    (
        "F02",
        "t.csv",
        text("id,arm\nP1,heavy\nHammarström,light\n", "cp1252"),
        {},
        (
            "t.csv:3: byte 25 (0xf6) is not UTF-8. Set `encoding: cp1252` (it then reads "
            "'Hammarström'), or save the table as CSV UTF-8"
        ),
    ),
    (
        "F02",
        "t.csv",
        text(b"id,kg\nP\x81,5\n"),
        {},
        "t.csv:2: byte 7 (0x81) is not UTF-8. Save the table as CSV UTF-8",
    ),
    (
        "F02",
        "t.csv",
        text("id,kg\nP“1”,5\n", "cp1252"),
        {"encoding": "latin-1"},
        "t.csv:2: byte 0x93 is no letter in latin-1. Set `encoding: cp1252`",
    ),
    ("F02", "t.csv", text(CSV), {"encoding": "cp1525"}, "Did you mean 'cp1252'?"),
    ("F02", "t.csv", text(CSV), {"encoding": "rot13"}, "'rot13' is not an encoding that is read"),
    ("F02", "t.csv", text(CSV), {"encoding": "a\0b"}, "is not an encoding that is read"),
    (
        "F02",
        "t.csv",
        text(CSV, "utf-8-sig"),
        {"encoding": "cp1252"},
        "the file says that it is UTF-8, not cp1252. Remove `encoding`",
    ),
    ("F03", "t.csv", text(CSV, "utf-16"), {}, "Set `encoding: utf-16`, or save the table as CSV"),
    ("F03", "t.csv", text(CSV, "utf-16-le"), {}, "Set `encoding: utf-16-le`"),
    ("F03", "t.csv", text(CSV), {"encoding": "utf-16"}, "the file is not utf-16"),
    ("F03", "t.csv", text("id,kg\nP1,5\nP2,\x006\n"), {}, "t.csv:3: a NUL byte"),
    ("F04", "t.csv", text(""), {}, "no rows of data"),
    ("F04", "t.csv", text("\n\n , \n"), {}, "no rows of data"),
    ("F04", "t.csv", text("id,kg\n"), {}, "no rows of data. Check that this is the right file"),
    ("F04", "t.xlsx", lambda path: openpyxl.Workbook().save(path), {}, "no rows of data"),
    ("F04", "t.csv", lambda path: None, {}, "there is no such file. Put it there, or run"),
    (
        "F05",
        "t.csv",
        text("\n<!DOCTYPE html>\n<html><body>Log in</body></html>"),
        {},
        "looks like a web page, not a table. Download the table itself; you may have to log in",
    ),
    ("F05", "t.xlsx", text("<html><body>404</body></html>"), {}, "looks like a web page"),
    ("F05", "t.csv", text('{"error": "not found"}'), {}, "looks like JSON, not a table"),
    (
        "F06",
        "t.csv",
        text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n"),
        {},
        "is a Git-LFS pointer, not the table. Run `git lfs pull`",
    ),
    (
        "F07",
        "t.csv",
        text("id;arm;kg\nP1;heavy;52,5\nP2;light;50,0\n"),
        {},
        "t.csv:1: one column only, split at ','. Set `delimiter: ';'` for this table",
    ),
    (
        "F07",
        "t.csv",
        text("id\tarm, and load\tkg\nP1\theavy\t52\nP2\tlight\t50\n"),
        {},
        "split at ',', most rows do not come apart as the header does. Set `delimiter: '\\t'`",
    ),
    (
        "F08",
        "t.csv",
        text("id,kg,arm, kg \nP1,5,heavy,6\n"),
        {},
        "t.csv:1: kg: column 'kg' is there twice, as column 2 and 4. Rename one, or remove it",
    ),
    (
        "F08",
        "t.csv",
        text("id,,kg\nP1,x,6\nP2,,7\n"),
        {},
        "no name for column 2. Give a name in the header",
    ),
    (
        "F09",
        "t.csv",
        text("id,kg\nP1,5,\nP2,6\n"),
        {},
        "t.csv:2: 3 cells, but the header has 2. Give every row the same number of cells",
    ),
    (
        "F09",
        "t.csv",
        text("id,kg\nP1,52,5\nP2,6\nP3,7\n"),
        {"decimal": ","},
        "Put numbers with a decimal comma in quotes",
    ),
    (
        "F07",
        "t.csv",
        text('"id";"kg"\n"P1";52,5\n"P2";50,0\n'),
        {},
        "one column only, split at ','. Set `delimiter: ';'`",
    ),
    (
        "F09",
        "t.csv",
        text("id,kg\nP1,5,\nP2,6,\n"),
        {},
        "every row has 3 cells, but the header has 2. Add the delimiter at the end of the header",
    ),
    ("F09", "t.csv", text("id,kg\n1,P1,5\n2,P2,6\n"), {}, "Name the first column too"),
    (
        "F12",
        "t.csv",
        text(",press,,curl,\nid,pre,post,pre,post\nP1,1,2,3,4\nP2,2,2,3,4\n"),
        {},
        "the names seem to stand in two rows, lines 1 and 2. Set `header_lines: 2`",
    ),
    (
        "F12",
        "t.csv",
        text("Trial,,,,\n,press,,curl,\nid,pre,post,pre,post\nP1,1,2,3,4\nP2,2,2,3,4\n"),
        {},
        "Set `skip_lines: 1` for this table, and `header_lines: 2`: the names stand in two rows",
    ),
    (
        "F12",
        "t.csv",
        text("Trial,,,,\n,press,,curl,\nid,pre,post,pre,post\nP1,1,2,3,4\nP2,2,2,3,4\n"),
        {"header_lines": 2},
        "line 1 stands above the header, which seems to be on line 2. Set `skip_lines: 1`",
    ),
    ("F10", "t.csv", text("id,arm,kg\nP1,heavy\nP2,light,5\n"), {}, "t.csv:2: 2 cells, but the"),
    (
        "F10",
        "t.csv",
        text("id,arm,kg\nP1,heavy,50\nP2,li"),
        {},
        "t.csv:3: 2 cells, but the header has 3. The file ends within this row: download or copy",
    ),
    (
        "F11",
        "t.csv",
        text('id,kg\nP1,5\nP2,"6\nP3,7\n'),
        {},
        "t.csv:3: a quote opens on this row and is not closed. Close the quote",
    ),
    (
        "F11",
        "t.csv",
        text('id,kg\nP1,"6" in\n'),
        {},
        "t.csv:2: something stands between a closing quote and the next cell",
    ),
    ("F11", "t.csv", text('id,kg\nP1,"' + "x" * 140_000), {}, "t.csv:2: a quote opens"),
    (
        "F11",
        "t.csv",
        text('id,arm,kg,note\nP1,a,5,\nP2,a,6,"knee\nP3,a,7,ok\nP4,a,8,ok"\nP5,a,9,\n'),
        {},
        "t.csv:3: a quote opens on this row and is closed rows later",
    ),
    (
        "F11",
        "t.csv",
        text('id,arm,kg,note\nP1,"a,5,\nP2,b",6,\nP3,a,7,\n'),
        {},
        "t.csv:2: a quote opens on this row and is closed rows later",
    ),
    (
        "F12",
        "t.csv",
        text("Biodex export 2021\n\nid,arm,kg\n" + WIDE),
        {},
        "t.csv:1: line 1 stands above the header, which seems to be on line 3. Set `skip_lines: 2`",
    ),
    ("F12", "t.csv", text("Export,,\nid,arm,kg\n" + WIDE), {}, "Set `skip_lines: 1`"),
    (
        "F12",
        "t.csv",
        text("id,arm,kg\n" + WIDE + "\nMean,,4.5\nSD,,2.4\nN,,8\n"),
        {},
        (
            "t.csv:11: lines 11 to 13 stand below the table: means, totals or remarks. "
            "Set `skip_footer: 3` for this table; if they are rows of data after all, "
            "declare `rows: 11`"
        ),
    ),
    ("F12", "t.csv", text("id,arm,kg\n" + WIDE + "N=8\n"), {}, "line 10 stands below the table"),
    (
        "F12",
        "t.csv",
        text("id,arm,kg\n" + WIDE + "* two people could not come to the post test,,\n"),
        {},
        "Set `skip_footer: 1`",
    ),
    (
        "F12",
        "t.csv",
        text("id,arm,kg\n" + WIDE + "id,arm,kg\n" + WIDE),
        {},
        "t.csv:10: this line repeats the header. Remove it, and what was pasted below",
    ),
    (
        "F12",
        "t.csv",
        text("sep=;\nid;arm;kg\nP1;heavy;5\n"),
        {},
        (
            "t.csv:1: this line is Excel's, and names the sign between cells. Set `delimiter: ';'` "
            "and `skip_lines: 1`"
        ),
    ),
    (
        "F13",
        "t.csv",
        text(CSV),
        {"rows": 3},
        "2 rows of data, but `rows` says 3. Download or copy the file again if it is cut short",
    ),
    ("F13", "t.xlsx", text(b"PK\x03\x04" + bytes(90)), {}, "the file is damaged. It may be cut"),
    (
        "F15",
        "t.xlsx",
        workbook(add_sheet),
        {},
        "3 sheets: 'Sheet', 'Strength', 'Old' (hidden). Say which with `sheet:`",
    ),
    (
        "F15",
        "t.xlsx",
        workbook(add_sheet),
        {"sheet": "strength"},
        "there is no sheet 'strength'. Did you mean 'Strength'? Set `sheet:` to one of 'Sheet'",
    ),
    (
        "F15",
        "t.xlsx",
        workbook(merge),
        {},
        "t.xlsx:2: 1 merged area among the data: B2:B3. Undo the merging, and fill in each cell",
    ),
    ("F15", "t.xlsx", workbook(merge_header), {}, "the header is merged in B1:C1"),
    (
        "F15",
        "t.xlsx",
        workbook(formula),
        {},
        (
            "t.xlsx:3: kg: 1 formula (C3) without a value. Open the workbook in Excel, let it "
            "calculate, and save it"
        ),
    ),
    (
        "F15",
        "t.xlsx",
        workbook(error_cell),
        {},
        "t.xlsx:3: kg: 1 cell (C3) with an error of Excel: #DIV/0!. Correct the formula",
    ),
    (
        "F15",
        "t.xlsx",
        text(OLE + "EncryptedPackage".encode("utf-16-le")),
        {},
        "the workbook is protected by a password. Open it in Excel, remove the password",
    ),
    ("F16", "t.xlsx", zipped_bomb, {}, "times its size. Do not open it"),
    ("F16", "t.xlsx", many_parts, {}, "5001 parts in one workbook"),
    (
        "F16",
        "t.xlsx",
        with_part("xl/worksheets/sheet1.xml", laughing(9)),
        {},
        "it declares entities, which unfold into more than the machine can hold",
    ),
    ("F16", "t.xlsx", with_part("xl/workbook.xml", laughing(9)), {}, "it declares entities"),
    ("F18", "t.pkl", pickled(5), {}, "a pickle, which is a program and not a table, is never read"),
    ("F18", "t.joblib", pickled(4), {}, "Never open one that you did not make"),
    ("F18", "t.csv", pickled(5), {}, "a pickle, which is a program"),
    ("F18", "t.csv", pickled(0), {}, "a pickle, which is a program"),
    ("F18", "t.xlsx", pickled(2), {}, "a pickle, which is a program"),
    ("F18", "t.rds", pickled(4), {}, "a pickle, which is a program"),
    ("F18", "t.csv", workbook(), {}, "is an Excel workbook, though its name ends in .csv. Rename"),
    ("F18", "t.csv", many_parts, {}, "Rename it to .xlsx"),
    ("F18", "t.csv", text(OLE), {}, "the old Excel format (.xls) is not read. Open it in Excel"),
    ("F18", "t.xlsx", text(OLE), {}, "the old Excel format (.xls) is not read"),
    ("F18", "t.xls", text(OLE), {}, "the old Excel format is not read. Open it in Excel or Libre"),
    ("F18", "t.csv", text(gzip.compress(CSV.encode())), {}, "is a compressed file, not .csv"),
    ("F18", "t.xlsx", text(CSV), {}, "is not a .xlsx file: it begins like plain text"),
    ("F18", "t.pdf", text(b"%PDF-1.7"), {}, "a PDF is not a table"),
    ("F18", "t.csv", text(b"%PDF-1.7\n1 0 obj"), {}, "is a pdf, not a table"),
    ("F18", "t.docx", text(b"PK\x03\x04"), {}, "files that end in '.docx' are not read. Give one"),
    ("F18", "table", text(CSV), {}, "the name has no ending"),
]


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("code", "name", "make", "options", "says"), CASES, ids=[case[0] for case in CASES]
)
def test_a_bad_file_is_told(
    tmp_path: Path, code: str, name: str, make: Make, options: dict[str, object], says: str
) -> None:
    path = tmp_path / name
    make(path)
    before = snapshot(tmp_path)
    with pytest.raises(InputError) as caught:
        read(path, **options)
    assert says in str(caught.value)
    assert code in {finding.code for finding in caught.value.findings}
    assert all(finding.action and finding.found for finding in caught.value.findings)
    assert snapshot(tmp_path) == before


def test_every_code_of_files_has_a_case() -> None:
    # F01 and F17 are no faults, see below; F14 is found when studies are put together.
    assert {case[0] for case in CASES} == {
        f"F{number:02d}" for number in range(1, 19) if number not in (1, 14, 17)
    }


def found_by(raw: Raw, code: str) -> list[Finding]:
    return [finding for finding in raw.findings if finding.code == code]


def test_f01_a_byte_order_mark_is_a_note(tmp_path: Path) -> None:
    text(CSV, "utf-8-sig")(tmp_path / "t.csv")
    raw = read(tmp_path / "t.csv")
    assert next(iter(raw.frame)) == "id"
    assert [(one.code, one.severity) for one in raw.findings] == [("F01", "note")]


@pytest.mark.parametrize(("encoding", "as_declared"), [("cp1252", "cp1252"), ("utf-16", "utf-16")])
def test_f02_f03_a_declared_encoding_is_read(
    tmp_path: Path, encoding: str, as_declared: str
) -> None:
    text("id,arm\nHammarström,“heavy”\n", encoding)(tmp_path / "t.csv")
    raw = read(tmp_path / "t.csv", encoding=as_declared)
    assert raw.frame.iloc[0].tolist() == ["Hammarström", "“heavy”", "2"]
    assert raw.findings == []


def test_f02_letters_that_are_spoilt_already_are_a_warning(tmp_path: Path) -> None:
    text("id,arm\nHammarstr\ufffdm,heavy\n")(tmp_path / "t.csv")
    assert "t.csv:2: a letter was lost" in str(found_by(read(tmp_path / "t.csv"), "F02")[0])
    text("id,arm\nHammarström,heavy\n")(tmp_path / "t.csv")
    raw = read(tmp_path / "t.csv", encoding="latin-1")
    assert "every byte is UTF-8 too" in found_by(raw, "F02")[0].found


def test_f07_a_column_that_is_meant_to_be_alone_is_read(tmp_path: Path) -> None:
    text("kg\n50\n52\n")(tmp_path / "t.csv")
    assert read(tmp_path / "t.csv").frame["kg"].tolist() == ["50", "52"]


def test_f08_only_names_that_are_wanted_must_differ(tmp_path: Path) -> None:
    text("id,note,note,\nP1,a,b,c\n")(tmp_path / "t.csv")
    raw = read(tmp_path / "t.csv", wanted={"id"})
    assert list(raw.frame) == ["id", "__line__"]


def test_f09_f10_many_rows_are_counted_and_all_faults_come_at_once(tmp_path: Path) -> None:
    rows = "P1,heavy,5,6\n" * 20 + "P2,light\n" * 3 + "P3,light,5\n" * 30
    text("id,arm,kg\n" + rows)(tmp_path / "t.csv")
    with pytest.raises(InputError) as caught:
        read(tmp_path / "t.csv", rows=99)
    codes = [finding.code for finding in caught.value.findings]
    assert (codes.count("F09"), codes.count("F10"), codes.count("F13")) == (6, 3, 1)
    assert "15 more rows have not 3 cells either. The last of them is line 21" in str(caught.value)


def test_f12_what_is_declared_is_skipped(tmp_path: Path) -> None:
    banner = 'Biodex "export\n;;\nid,arm,kg\n'
    text(banner + WIDE + "\n\nMean,,4.5\nSD,2\n,,\n")(tmp_path / "t.csv")
    raw = read(tmp_path / "t.csv", skip_lines=2, skip_footer=2, rows=8)
    assert raw.frame["__line__"].tolist() == [str(line) for line in range(4, 12)]
    assert raw.findings == []


def test_f12_rows_that_are_declared_as_data_are_no_footer(tmp_path: Path) -> None:
    text("region,side,kg\nArm,L,5\nLeg,L,6\nTotal,L,11\n")(tmp_path / "t.csv")
    with pytest.raises(InputError, match="declare `rows: 3`"):
        read(tmp_path / "t.csv")
    assert len(read(tmp_path / "t.csv", rows=3).frame) == 3


def test_f12_words_that_come_again_and_again_are_data(tmp_path: Path) -> None:
    text("statistic,arm,kg\n" + "mean,heavy,5\nSD,heavy,1\n" * 5)(tmp_path / "t.csv")
    assert len(read(tmp_path / "t.csv").frame) == 10


def test_f12_a_mean_within_the_table_is_a_warning(tmp_path: Path) -> None:
    text("id,arm,kg\n" + WIDE * 4 + "Mean,,5\n" + WIDE * 4)(tmp_path / "t.csv")
    assert "t.csv:34: line 34 stands within the table" in str(read(tmp_path / "t.csv").findings[0])


def test_f12_the_wanted_names_show_where_the_header_is(tmp_path: Path) -> None:
    text("site,device,version\nid,arm,kg\nP1,heavy,5\n")(tmp_path / "t.csv")
    with pytest.raises(InputError, match=r"which seems to be on line 2\. Set `skip_lines: 1`"):
        read(tmp_path / "t.csv", wanted={"id", "kg"})


def test_f15_what_a_sheet_shows_beside_its_cells_is_a_warning(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book.active
        for line in range(4, 8):
            sheet.append([f"P{line}", "heavy", 0.05])
            sheet.row_dimensions[line].hidden = True
        sheet["C4"].number_format = "0.0%"
        sheet["A1"].fill = sheet["C5"].fill = PatternFill("solid", fgColor="FFFF0000")
        sheet["C6"].fill = PatternFill("solid", fgColor="FFFFFF00")
        sheet.column_dimensions["B"].hidden = True
        sheet["F3"] = "see page 2"
        book.create_sheet("Key").sheet_state = "hidden"

    workbook(change)(tmp_path / "t.xlsx")
    raw = read(tmp_path / "t.xlsx", sheet="Sheet")
    assert len(raw.frame) == 6
    assert {finding.severity for finding in raw.findings} == {"warning"}
    told = "\n".join(map(str, raw.findings))
    for says in (
        "t.xlsx:4: 4 hidden rows: 4 to 7. They are read as all others",
        "arm: column B is hidden",
        "1 hidden sheet beside this one. Not read",
        "t.xlsx:5: 2 cells with a fill colour, the first is C5. Colour is not read",
        "kg: 1 cell (C4) shown as a percentage: 5 % is read as 0.05",
        "t.xlsx:3: beside the table, under no name: 1 cell. They are",
    ):
        assert says in told
    # Of columns that are not read nothing is told.
    told = "\n".join(map(str, read(tmp_path / "t.xlsx", {"id"}, sheet="Sheet").findings))
    assert "column B" not in told
    assert "colour" not in told


def test_f15_merged_names_over_a_header_of_two_lines_are_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("", "leg press", "", "curl", ""), ("id", "pre", "post", "pre", "post")):
        book.active.append(row)
    book.active.append(("P1", 100, 110, 20, 22))
    book.active.merge_cells("B1:C1")
    book.active.merge_cells("D1:E1")
    book.save(tmp_path / "t.xlsx")
    raw = read(tmp_path / "t.xlsx", header_lines=2)
    names = ["id", "leg press|pre", "leg press|post", "curl|pre", "curl|post", "__line__"]
    assert list(raw.frame) == names
    assert raw.findings == []


def test_f16_defusedxml_is_what_stops_entities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xml.etree import ElementTree

    path = tmp_path / "t.xlsx"
    with_part("xl/worksheets/sheet1.xml", laughing(3))(path)
    with pytest.raises(InputError, match="F16"):
        read(path)
    # Python's own parser unfolds the same file.
    monkeypatch.setattr("defusedxml.ElementTree.iterparse", lambda *_, **__: [])
    monkeypatch.setattr("openpyxl.worksheet._reader.iterparse", ElementTree.iterparse)
    assert read(path).frame["id"].tolist() == ["x" * 1000]


def test_f16_no_workbook_is_read_without_defusedxml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbook()(tmp_path / "t.xlsx")
    monkeypatch.setattr("openpyxl.DEFUSEDXML", False)
    with pytest.raises(HowlowError, match="only read with defusedxml"):
        read(tmp_path / "t.xlsx")


def test_f16_the_ratio_is_what_stops_a_bomb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zipped_bomb(tmp_path / "t.xlsx")
    monkeypatch.setattr(guards, "LARGEST_RATIO", 10_000)
    assert len(read(tmp_path / "t.xlsx").frame) == 2


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_f16_an_r_file_unpacks_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compress: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "t.rda").write_bytes(compress(b"RDX3\nX\n" + bytes(3_000_000)))
    monkeypatch.setattr(guards, "LARGEST", 2_000_000)
    with pytest.raises(InputError, match="it unpacks to more than 2 MB"):
        read(tmp_path / "t.rda")


def test_f16_a_file_may_not_be_larger_than_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text(CSV * 10)(tmp_path / "t.csv")
    monkeypatch.setattr(guards, "LARGEST", 100)
    with pytest.raises(InputError, match="F16"):
        read(tmp_path / "t.csv")


def r_promise() -> bytes:
    """An R file with a promise, whose code `stop()` an R before 4.4 would run when it is looked at.

    A pairlist named x holds a promise without environment: value unbound, expression `stop()`.
    """

    def number(value: int) -> bytes:
        return value.to_bytes(4, "big", signed=True)

    def symbol(name: bytes) -> bytes:
        return number(1) + number(0x00040009) + number(len(name)) + name

    nothing = number(254)
    promise = number(5) + number(251) + number(6) + symbol(b"stop") + nothing
    pair = number(0x402) + symbol(b"x") + promise + nothing
    return b"RDX2\nX\n" + number(2) + number(0x30500) + number(0x20300) + pair


def test_f17_an_r_file_with_code_runs_nothing(tmp_path: Path) -> None:
    (tmp_path / "t.rda").write_bytes(gzip.compress(r_promise()))
    before = snapshot(tmp_path)
    with pytest.raises(InputError, match=r"data frames: none|cannot be read as an R data file"):
        read(tmp_path / "t.rda")
    assert snapshot(tmp_path) == before


def test_f17_a_described_sequence_is_not_unfolded_beyond_any_table() -> None:
    from howlow.data.formats.r_data import bounded_sequences

    class State:
        value = np.array([1e12, 1.0, 1.0])

    with pytest.raises(ValueError, match="longer than any table"):
        bounded_sequences()[b"compact_intseq"](State())


def test_f18_the_pickle_of_these_tests_would_have_run(tmp_path: Path) -> None:
    pickled(5)(tmp_path / "t.pkl")
    with pytest.raises(InputError, match="F18"):
        read(tmp_path / "t.pkl")
    assert not (tmp_path / "ran.txt").exists()
    pickle.loads((tmp_path / "t.pkl").read_bytes())  # noqa: S301
    assert (tmp_path / "ran.txt").exists()


def test_any_bytes_under_any_name_end_in_findings(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    workbook()(tmp_path / "good.xlsx")
    good = (tmp_path / "good.xlsx").read_bytes()
    beginnings = [b"", good[:600], b"PAR1", b"$FL2", b"RDX3\nX\n", b"<stata_dta>", b"\x1f\x8b"]
    for ending in sorted(KINDS):
        for beginning in beginnings:
            path = tmp_path / f"t{ending}"
            path.write_bytes(beginning + random.bytes(300))
            with pytest.raises(InputError) as caught:
                read(path)
            assert all(re.fullmatch(r"F\d\d", one.code) for one in caught.value.findings)
    damaged = io.BytesIO(good)
    for place in random.integers(0, len(good), 40):
        damaged.getbuffer()[place] ^= 0xFF
        (tmp_path / "t.xlsx").write_bytes(damaged.getvalue())
        # Damage may spare what is read; it may not end in anything but findings.
        with suppress(InputError):
            read(tmp_path / "t.xlsx")


def test_a_file_that_ends_the_process_of_its_reader_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Some damaged .sav files do this to the library; which ones depends on the machine.
    (tmp_path / "t.sav").write_bytes(b"$FL2" + bytes(200))
    monkeypatch.setattr("howlow.data.formats.statistical._CHILD", ("-c", "import os; os.abort()"))
    with pytest.raises(InputError, match=r"cannot be read as an SPSS or Stata file.*\[F13\]"):
        read(tmp_path / "t.sav")
