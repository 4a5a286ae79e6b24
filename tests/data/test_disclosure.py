"""Nothing of a single person gets out: small numbers, people alike, and whatever a folder hides."""

from __future__ import annotations

import base64
import itertools
import json
import struct
import zipfile
import zlib
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from howlow.data.privacy.confidential import Secrets
from howlow.data.privacy.contents import texts
from howlow.data.privacy.disclosure import disclosures
from howlow.data.privacy.small_cells import age_band, smallest_group, suppress

#: Values of eight people at a visit, as a scanner gives them.
VALUES = (71.2313, 64.9821, 83.1177, 59.4402, 77.7719, 68.3054, 90.1262, 62.5588)
SECRETS = Secrets(
    study="our-trial",
    ids=frozenset({"Janssen-1961", "P07", "our-003", *map(str, range(1, 41))}),
    dates=frozenset({"1961-04-23", "23/04/1961"}),
    series=(VALUES, (103.0, 108.5, 111.5, 117.0, 121.5)),
    files=frozenset(),
    id_columns=frozenset({"participant", "nummer"}),
)


def found(folder: Path) -> list[tuple[str, str, str]]:
    """What the gate finds: code, file and where in it."""
    return [(one.code, one.file, one.column) for one in disclosures(folder, [SECRETS])]


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A picture of one pixel with these chunks."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def svg(values: tuple[float, ...], scale: float = 1.0, shift: float = 0.0) -> str:
    """A dot plot as matplotlib draws one."""
    dots = "".join(
        f'<use xlink:href="#dot" x="{10.5 + 3.7 * (k % 3)}" y="{shift + scale * value:.6f}"/>'
        for k, value in enumerate(values)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg"><g id="points">{dots}</g></svg>'


def pdf(info: str, stream: str) -> bytes:
    """A PDF with one compressed stream."""
    packed = zlib.compress(stream.encode("latin-1"))
    head = (
        f"%PDF-1.4\n1 0 obj\n<< {info} >>\nendobj\n2 0 obj\n<< /Length {len(packed)} >>\nstream\n"
    )
    return head.encode("latin-1") + packed + b"\nendstream\nendobj\n%%EOF\n"


def zipped(**members: str) -> bytes:
    """A workbook with these members."""
    import io

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return content.getvalue()


_TABLE = "outcome,n,mean\nsquat,24,103.5\n"
_PAGE = "<!doctype html><html><body><p>24 people gained 12.3 kg.</p>{}</body></html>"


def embedded(content: bytes, kind: str = "image/png") -> str:
    """A picture within a page."""
    return f'<img src="data:{kind};base64,{base64.b64encode(content).decode()}">'


_TO_UNICODE = (
    "begincmap 1 beginbfrange <0001> <000A> <0030> endbfrange "
    "2 beginbfchar <0011> <0050> <0012> <002D> endbfchar endcmap"
)

#: file name, content, code, and where it is found.
PLANTED = {
    "an id in a table": ("a.csv", "who,kg\nP07,80\n", "S06"),
    "an id in small letters": ("a.md", "Mr janssen-1961 did well.", "S06"),
    "an id in a file name": ("plot-P07.svg", "<svg/>", "S06"),
    "an id in a folder name": ("our-003/a.txt", "fine", "S06"),
    "short ids in their column": ("a.csv", "Nummer;kg\n1;80\n2;81\n", "S06"),
    "short ids in another column": ("a.csv", "who,kg\n3,1\n9,1\n17,1\n22,1\n31,2\n", "S06"),
    "a date": ("a.html", _PAGE.format("on 23/04/1961"), "S06"),
    "an id in a comment": ("a.html", _PAGE.format("<!-- P07 -->"), "S06"),
    "an id in JSON escapes": ("a.json", '{"who": "\\u0050\\u0030\\u0037"}', "S06"),
    "an id in entities": ("a.html", _PAGE.format("&#80;&#48;7"), "S06"),
    "an id in UTF-16": ("a.txt", "who: P07".encode("utf-16"), "S06"),
    "an id in a PNG text": ("a.png", png((b"tEXt", b"Title\0seen by P07")), "S06"),
    "an id in a packed PNG text": (
        "a.png", png((b"zTXt", b"Comment\0\0" + zlib.compress(b"seen: P07"))), "S06",
    ),
    "an id in EXIF": ("a.png", png((b"eXIf", "MM\0*P07".encode("utf-16-le"))), "S06"),
    "an id after a PNG": ("a.png", png() + b"P07", "S06"),
    "an id in an embedded PNG": (
        "a.html", _PAGE.format(embedded(png((b"tEXt", b"a\0P07")))), "S06",
    ),
    "an id in an embedded SVG": (
        "a.html", _PAGE.format(embedded(b"<svg><text>P07</text></svg>", "image/svg+xml")), "S06",
    ),
    "an id in an SVG written as an address": (
        "a.html", _PAGE.format('<img src="data:image/svg+xml,%3Csvg%3EP07%3C/svg%3E">'), "S06",
    ),
    "an id in PDF metadata": ("a.pdf", pdf("/Author (P07)", "q Q"), "S06"),
    "an id in two-byte PDF metadata": ("a.pdf", pdf("/Author <FEFF005000300037>", "q Q"), "S06"),
    "an id in PDF text": ("a.pdf", pdf("/Type /Info", "BT (seen: P07) Tj ET"), "S06"),
    "an id in kerned PDF text": ("a.pdf", pdf("", "BT [(seen P) 12 (0) -3 (7)] TJ ET"), "S06"),
    "an id in PDF glyphs": (
        "a.pdf", pdf("", "BT <001100010008> Tj ET") + pdf("", _TO_UNICODE), "S06",
    ),
    "an id in a workbook": ("a.xlsx", zipped(xl__strings="<si><t>P07</t></si>"), "S06"),
    "an id in the name of a member": ("a.zip", zipped(P07="nothing"), "S06"),
    "a path": ("a.log", "read /home/jan/data/arms.csv", "S06"),
    "a path of Windows": ("a.json", r'{"file": "C:\\Users\\jan\\arms.csv"}', "S06"),
    "five rare values": ("a.json", json.dumps(VALUES[2:7]), "S05"),
    "five rare values, rounded": ("a.txt", " / ".join(f"{v:.3f}" for v in VALUES[2:7]), "S05"),
    "a run of common values": ("a.csv", "v1,v2,v3,v4,v5\n103,108.5,111.5,117,121.5\n", "S05"),
    "a run with a decimal comma": ("a.txt", "103,0 | 108,5 | 111,5 | 117,0 | 121,5", "S05"),
    "values in an SVG": ("a.svg", svg(VALUES), "S05"),
    "values in an SVG, moved and turned": ("a.svg", svg(VALUES, -2.345, 400.0), "S05"),
    "values in an SVG within a page": (
        "a.html", _PAGE.format(embedded(svg(VALUES, 3.3, 7).encode(), "image/svg+xml")), "S05",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
def test_what_is_planted_is_found(tmp_path: Path, what: str) -> None:
    name, content, code = PLANTED[what]
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    assert code in {one[0] for one in found(tmp_path)}


#: Twelve people, so many that a coarse drawing tells them too.
MANY = (*VALUES, 69.4417, 74.0512, 81.9035, 57.1129)
COLUMNS = {
    "in another order and rounded": [f"{value:.1f}" for value in sorted(MANY)],
    "in pounds": [f"{2.20462 * value:.2f}" for value in reversed(MANY)],
    "in steps of the spread": [f"{(value - 70) / 9:.4f}" for value in MANY],
}
MARKS = {
    "a group moved to its place": '<g transform="translate({x},{y})"><circle r="2"/></g>',
    "a mark moved to its place": '<circle r="2" transform="matrix(1 0 0 1 {x} {y})"/>',
    "y before x": "<circle cy='{y}' cx='{x}'/>",
    "a bar": '<rect x="{x}" y="0" width="3" height="{y}"/>',
    "a line": '<line x1="0" y1="{y}" x2="{x}" y2="{y}"/>',
    "a path of its own": '<path style="fill: red" d="m {x} {y} l 2 0"/>',
}


@pytest.mark.parametrize("what", COLUMNS)
def test_a_column_of_peoples_values_is_found_in_any_order_and_unit(
    tmp_path: Path, what: str
) -> None:
    (tmp_path / "table.csv").write_text("\n".join(["value", *COLUMNS[what]]))
    secrets = Secrets("our-trial", series=(MANY,))
    assert [one.code for one in disclosures(tmp_path, [secrets])] == ["S05"]


@pytest.mark.parametrize("what", MARKS)
def test_points_are_found_however_a_drawing_places_them(tmp_path: Path, what: str) -> None:
    marks = "".join(
        MARKS[what].format(x=10 + 3 * k, y=round(400 - 2.7 * value, 1))
        for k, value in enumerate(MANY)
    )
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg">{marks}</svg>'
    (tmp_path / "figure.svg").write_text(drawing)
    secrets = Secrets("our-trial", series=(MANY,))
    assert [one.code for one in disclosures(tmp_path, [secrets])] == ["S05"]


def test_a_table_of_means_is_no_column_of_peoples_values(tmp_path: Path) -> None:
    means = [68.2, 71.9, 74.4, 66.8, 70.1, 75.3, 62.7, 79.2]
    (tmp_path / "table.csv").write_text("\n".join(["mean", *map(str, means)]))
    assert not disclosures(tmp_path, [Secrets("our-trial", series=(MANY,))])


def test_a_finding_quotes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("who,kg\n\nJanssen-1961,80\n1961-04-23,2\n", encoding="utf-8")
    findings = disclosures(tmp_path, [SECRETS])
    assert [(one.file, one.line) for one in findings] == [("a.csv", 3), ("a.csv", 4)]
    assert "1961" not in "".join(map(str, findings))
    assert {one.severity for one in findings} == {"error"}
    assert {one.study for one in findings} == {"our-trial"}


def test_what_is_fit_to_be_shared_passes(tmp_path: Path) -> None:
    files = {
        "estimates.csv": _TABLE,
        "rows.csv": "row,mean\n" + "".join(f"{k},{k / 7:.4f}\n" for k in range(1, 30)),
        "report.html": _PAGE.format(embedded(png()) + embedded(svg((1, 2, 4, 7, 9)).encode())),
        "two.txt": f"The mean was {VALUES[0]}, once {VALUES[4]}.",
        "P070-figure.svg": '<svg><path d="M 0 0 L 10 20 L 20 40 L 30 60 L 40 80"/></svg>',
        "even.svg": svg((59.44, 69.44, 79.44, 89.44, 99.44)),
        "other.svg": svg((10.0, 17.0, 21.0, 38.0, 55.0, 61.0, 70.0, 99.0)),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "a.pdf").write_bytes(pdf("/Title (Figure 1)", "BT (24 people) Tj ET"))
    (tmp_path / "a.png").write_bytes(png())
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.parquet", b"PAR1\0\0\0"),
        ("a.xlsx", b"PK\x03\x04 broken"),
        ("a.csv.gz", b"\x1f\x8b broken"),
        ("a.pdf", b"%PDF-1.4 /Encrypt 3 0 R"),
        ("a.html", b"data:image/png;base64,=a"),
    ],
)
def test_what_cannot_be_looked_into_is_not_shared(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    assert [one[0] for one in found(tmp_path)] == ["S10"]


def test_archives_within_archives_end_somewhere(tmp_path: Path) -> None:
    content = "P07"
    for _ in range(9):
        content = zipped(inner=content).decode("latin-1")
    (tmp_path / "a.zip").write_bytes(content.encode("latin-1"))
    assert "S10" in {one[0] for one in found(tmp_path)}


def test_a_link_out_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "secret.txt").write_text("P07", encoding="utf-8")
    (tmp_path / "out" / "a.txt").symlink_to(tmp_path / "secret.txt")
    assert found(tmp_path / "out") == [("S06", "a.txt", "")]


def test_a_real_figure_of_people_is_found_and_one_of_means_is_not(tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    for name, values in (("people", VALUES), ("means", (70.2, 75.1, 77.0))):
        for kind in ("svg", "pdf"):
            figure = Figure(figsize=(4, 3))
            axes = figure.subplots()
            axes.plot(range(len(values)), values, "o")
            figure.savefig(tmp_path / f"{name}.{kind}", metadata={"Date": None} if kind == "svg"
                           else {"CreationDate": None})  # fmt: skip
    assert {(code, file) for code, file, _ in found(tmp_path)} == {
        ("S05", "people.svg"),
        ("S05", "people.pdf"),
    }


def test_the_text_of_a_pdf_is_read(tmp_path: Path) -> None:
    import matplotlib
    from matplotlib.figure import Figure

    for font in (3, 42):
        with matplotlib.rc_context({"pdf.fonttype": font}):
            figure = Figure(figsize=(3, 2))
            figure.text(0.1, 0.5, "Janssen-1961")
            figure.savefig(tmp_path / f"{font}.pdf", metadata={"CreationDate": None})
        held = " ".join(one.text for one in texts(tmp_path / f"{font}.pdf"))
        assert "Janssen-1961" in held


def possible(counts: list[list[int]], shown: list[list[int | None]]) -> list[list[list[int]]]:
    """Tables near the true one that a reader of the shown one may take for it.

    If any other table fits, one does in which no count inside differs by more than one: the sums
    are a network, whose loops move every count on them by as much.
    """
    rows, columns = len(counts), len(counts[0])
    inner = [
        [count] if shown[row][column] is not None else range(max(0, count - 1), count + 2)
        for row, line in enumerate(counts)
        for column, count in enumerate(line)
    ]
    fits = []
    for guess in itertools.product(*inner):
        full = with_sums([list(guess[row * columns : (row + 1) * columns]) for row in range(rows)])
        pairs = zip(itertools.chain(*full), itertools.chain(*shown), strict=True)
        if all(cell is None or cell == told for told, cell in pairs):
            fits.append(full)
    return fits


def with_sums(counts: list[list[int]]) -> list[list[int]]:
    """A table with its totals."""
    full = [[*line, sum(line)] for line in counts]
    return [*full, [sum(column) for column in zip(*full, strict=True)]]


@given(
    st.integers(1, 3).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(0, 9), min_size=columns, max_size=columns), min_size=1, max_size=2
        )
    )
)
def test_no_withheld_number_can_be_worked_out(counts: list[list[int]]) -> None:
    shown = suppress(counts, 5)
    full = with_sums(counts)
    for told, line in zip(full, shown, strict=True):
        for count, cell in zip(told, line, strict=True):
            assert cell in (None, count)
            assert cell is None or not 0 < count < 5
    guesses = possible(counts, shown)
    assert full in guesses
    for row, line in enumerate(shown):
        for column, cell in enumerate(line):
            if cell is None:
                assert len({guess[row][column] for guess in guesses}) > 1


def test_no_more_is_withheld_than_must_be() -> None:
    assert suppress([[12, 10], [9, 0]], 5) == [[12, 10, 22], [9, 0, 9], [21, 10, 31]]
    assert suppress([[3, 20, 30], [25, 8, 40], [31, 22, 50]], 5) == [
        [None, None, 30, 53],
        [None, None, 40, 73],
        [31, 22, 50, 103],
        [59, 50, 120, 229],
    ]
    assert suppress([], 5) == [[0]]


def test_people_alike_are_counted_by_bands_of_age() -> None:
    people = pd.DataFrame(
        {"sex": ["F", "F", "F", "M", "M"], "age": ["61", "64.5", "69", "60", "71"], "height": ""}
    )
    assert smallest_group(people, ["sex"]) == 2
    assert smallest_group(people, ["sex", "age"]) == 1
    assert smallest_group(people.head(3), ["sex", "age"]) == 3
    assert smallest_group(people, ["height", "shoe"]) == 0
    assert smallest_group(people.head(0), ["sex"]) == 0
    assert [age_band(age) for age in ("60", "69.9", "", "old")] == ["60-69", "60-69", "", ""]
