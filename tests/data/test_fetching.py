"""A public file is the declared one, whole, or it is not there at all."""

import functools
import http.server
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from howlow.config.study import SourceFile
from howlow.data import fetching
from howlow.data.fetching import fetch
from howlow.errors import SourceError

CONTENT = b"participant,kg\nP1,50\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A web server on this machine that serves one file."""
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "table.csv").write_bytes(CONTENT)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def source(url: str, content: bytes = CONTENT) -> SourceFile:
    # model_construct, because a declared address must be https and this server is not.
    return SourceFile.model_construct(
        file="table.csv",
        url=url,
        sha256=sha256(content).hexdigest(),
    )


def left_behind(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*")]


@pytest.fixture(autouse=True)
def _no_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOWLOW_MIRROR", raising=False)


def test_a_file_is_fetched_with_a_progress_bar_and_kept(
    server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = fetch(source(f"{server}/table.csv"), tmp_path / "raw")
    assert path.read_bytes() == CONTENT
    assert "%" in capsys.readouterr().err
    assert left_behind(tmp_path / "raw") == ["table.csv"]


def test_a_file_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "table.csv").write_bytes(CONTENT)
    assert fetch(source("http://127.0.0.1:9/gone"), raw).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("address", "content", "says"),
    [
        ("/table.csv", b"something else", "is not the file that was declared"),
        ("/nowhere.csv", CONTENT, "HTTP 404"),
    ],
)
def test_a_wrong_file_or_a_dead_link_leaves_nothing(
    server: str, tmp_path: Path, address: str, content: bytes, says: str
) -> None:
    raw = tmp_path / "raw"
    with pytest.raises(SourceError, match=says):
        fetch(source(server + address, content), raw)
    assert left_behind(raw) == []


def test_no_network_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "WAITS", (0.0,))
    with pytest.raises(SourceError, match="HOWLOW_MIRROR"):
        fetch(source("http://127.0.0.1:9/table.csv"), tmp_path / "raw")
    assert left_behind(tmp_path / "raw") == []


def test_a_mirror_serves_by_hash_whatever_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = tmp_path / "mirror" / "deep"
    mirror.mkdir(parents=True)
    (mirror / "another-name.bin").write_bytes(CONTENT)
    (mirror / "table.csv").write_bytes(b"same name, other content")
    monkeypatch.setenv("HOWLOW_MIRROR", str(tmp_path / "mirror"))
    assert fetch(source("http://127.0.0.1:9/gone"), tmp_path / "raw").read_bytes() == CONTENT


def test_a_mirror_without_the_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOWLOW_MIRROR", str(tmp_path))
    with pytest.raises(SourceError, match="no file with the SHA-256"):
        fetch(source("http://127.0.0.1:9/gone"), tmp_path / "raw")
    monkeypatch.setenv("HOWLOW_MIRROR", str(tmp_path / "nowhere"))
    with pytest.raises(SourceError, match="no such folder"):
        fetch(source("http://127.0.0.1:9/gone"), tmp_path / "raw")


class Site:
    """A web server on this machine whose manners a test chooses."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[tuple[str, str | None]] = []
        self.ranges = True
        self.cut_after: list[int] = []  # bytes sent before the connection is cut, one an answer
        self.failures: list[int] = []  # statuses sent before anything else
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                site.answer(self)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        """Send a file, or the part of it that is asked for."""
        wanted = request.headers.get("Range")
        self.asked.append((request.path, wanted))
        content = self.files.get(request.path)
        status = self.failures.pop(0) if self.failures else 200 if content is not None else 404
        if status != 200 or content is None:
            request.send_response(status)
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.ranges else 0
        if start >= len(content):
            request.send_response(416)
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(content) - start))
        if start:
            span = f"bytes {start}-{len(content) - 1}/{len(content)}"
            request.send_header("Content-Range", span)
        request.end_headers()
        end = start + self.cut_after.pop(0) if self.cut_after else len(content)
        request.wfile.write(content[start:end])
        request.close_connection = True


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server with one large file; nobody waits before the next attempt."""
    monkeypatch.setattr(fetching, "WAITS", (0.0, 0.0))
    made = Site({"/table.csv": LARGE})
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


LARGE = bytes(range(256)) * 2000


def large(site: Site) -> SourceFile:
    return source(f"{site.address}/table.csv", LARGE)


def part_of(raw: Path) -> Path:
    (part,) = raw.glob(".table.csv.*.part")
    return part


def interrupted(site: Site, raw: Path) -> None:
    """Leave what an interrupted download leaves."""
    site.cut_after = [1 << 13, 2 << 13, 3 << 13]
    with pytest.raises(SourceError, match=r"49,152 bytes that came are kept: start again"):
        fetch(large(site), raw)
    assert part_of(raw).read_bytes() == LARGE[: 6 << 13]
    site.asked.clear()


def test_an_interrupted_download_is_gone_on_with(site: Site, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    interrupted(site, raw)
    assert not (raw / "table.csv").exists()
    assert fetch(large(site), raw).read_bytes() == LARGE
    assert site.asked == [("/table.csv", "bytes=49152-")]
    assert left_behind(raw) == ["table.csv"]


def test_a_cut_connection_is_taken_up_again_at_once(site: Site, tmp_path: Path) -> None:
    site.cut_after = [1 << 13]
    assert fetch(large(site), tmp_path).read_bytes() == LARGE
    assert [wanted for _, wanted in site.asked] == [None, "bytes=8192-"]


def test_a_server_that_knows_no_ranges_sends_the_whole(site: Site, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    interrupted(site, raw)
    site.ranges = False
    assert fetch(large(site), raw).read_bytes() == LARGE
    assert left_behind(raw) == ["table.csv"]


@pytest.mark.parametrize("left", [b"x" * 50_000, b"x" * (len(LARGE) + 10)], ids=["short", "long"])
def test_a_part_that_does_not_fit_is_removed_and_told(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], left: bytes
) -> None:
    raw = tmp_path / "raw"
    interrupted(site, raw)
    part_of(raw).write_bytes(left)
    assert fetch(large(site), raw).read_bytes() == LARGE
    assert "did not lead to the declared file; it was removed" in capsys.readouterr().err
    assert left_behind(raw) == ["table.csv"]


def test_a_part_of_another_version_is_not_gone_on_with(site: Site, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    interrupted(site, raw)
    site.files["/table.csv"] = CONTENT
    fetch(source(f"{site.address}/table.csv"), raw)
    assert site.asked == [("/table.csv", None)]
    assert (raw / "table.csv").read_bytes() == CONTENT


def test_a_server_that_is_busy_is_asked_again(site: Site, tmp_path: Path) -> None:
    site.failures = [503, 429]
    assert fetch(large(site), tmp_path).read_bytes() == LARGE
    assert len(site.asked) == 3


def test_a_server_that_stays_broken_is_told(site: Site, tmp_path: Path) -> None:
    site.failures = [500, 500, 500]
    with pytest.raises(SourceError, match=r"table\.csv could not be fetched \(HTTP 500\)"):
        fetch(large(site), tmp_path / "raw")
    assert left_behind(tmp_path / "raw") == []


def test_a_file_that_is_not_there_is_asked_for_once(site: Site, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="HTTP 404"):
        fetch(source(f"{site.address}/gone.csv"), tmp_path / "raw")
    assert len(site.asked) == 1
    assert left_behind(tmp_path / "raw") == []


def test_a_mirror_by_http_is_asked_by_hash_and_then_by_name(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOWLOW_MIRROR", f"{site.address}/mirror/")
    wanted = source("https://example.org/table.csv", LARGE)
    site.files = {f"/mirror/{wanted.sha256}": LARGE}
    assert fetch(wanted, tmp_path / "by-hash").read_bytes() == LARGE
    site.files = {"/mirror/table.csv": LARGE}
    assert fetch(wanted, tmp_path / "by-name").read_bytes() == LARGE
    by_hash, by_name = (f"/mirror/{wanted.sha256}", None), ("/mirror/table.csv", None)
    assert site.asked == [by_hash, by_hash, by_name]


@pytest.mark.parametrize(
    ("files", "says"),
    [({}, "HTTP 404"), ({"/table.csv": b"other"}, "is not the file that was declared")],
)
def test_a_mirror_by_http_without_the_file_says_so(
    site: Site,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: dict[str, bytes],
    says: str,
) -> None:
    monkeypatch.setenv("HOWLOW_MIRROR", site.address)
    site.files = files
    with pytest.raises(SourceError, match=says):
        fetch(source("https://example.org/table.csv", LARGE), tmp_path / "raw")
    assert left_behind(tmp_path / "raw") == []


def test_several_at_once_fetch_a_file_once(site: Site, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: fetch(large(site), raw).read_bytes(), range(4)))
    assert done == [LARGE] * 4
    assert len(site.asked) == 1
    assert left_behind(raw) == ["table.csv"]


def test_a_file_of_ones_own_is_never_fetched_nor_touched(tmp_path: Path) -> None:
    own = SourceFile(file="table.csv", sha256=sha256(CONTENT).hexdigest())
    with pytest.raises(SourceError, match="no public address, so it is never fetched or replaced"):
        fetch(own, tmp_path)
    (tmp_path / "table.csv").write_bytes(b"changed by its owner")
    with pytest.raises(SourceError, match=own.sha256):
        fetch(own, tmp_path)
    assert (tmp_path / "table.csv").read_bytes() == b"changed by its owner"


def test_a_folder_that_cannot_be_written_is_told(site: Site, tmp_path: Path) -> None:
    (tmp_path / "raw").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(SourceError, match="could not be written"):
        fetch(large(site), tmp_path / "raw")
