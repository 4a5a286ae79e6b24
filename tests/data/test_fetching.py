"""A public file is the declared one, whole, or it is not there at all."""

import functools
import http.server
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from howlow.config.study import SourceFile
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


def test_no_network_says_what_to_do(tmp_path: Path) -> None:
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
