"""A model's file is there whole and verified, or not at all; what was received is gone on with."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections import namedtuple
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from agents.models.local.fetching import Source, fetch, source_of
from agents.models.local.store import KNOWN, fetched, found
from erp_adapters.errors import ConfigurationError

MODEL = b"GGUF" + bytes(range(256)) * 20_000
HASH = hashlib.sha256(MODEL).hexdigest()
_Usage = namedtuple("_Usage", "total used free")


class Offering(BaseHTTPRequestHandler):
    """Offers one file; breaks off, forgets ranges, or offers something else where the server says so."""

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        start = 0
        wanted = self.headers.get("Range", "")
        server.ranges.append(wanted)
        if server.moved and self.path != "/moved.gguf":
            self.send_response(302)
            self.send_header("Location", "/moved.gguf")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if wanted and server.resumes:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if self.path == "/gone.gguf":
            self.send_error(404)
            return
        if start >= len(server.content) > 0 and start:
            self.send_error(416)
            return
        rest = server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: server.breaks_after] if server.breaks_after else rest)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    content = MODEL
    breaks_after = 0
    resumes = True
    moved = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Offering)
        self.ranges: list[str] = []

    def address(self, name: str = "m.gguf") -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def got(asked: str, folder: Path, sha256: str = HASH) -> Path:
    return fetch(source_of(asked, sha256), folder, lambda done: None)


@pytest.mark.parametrize("moved", [False, True])
def test_a_file_is_fetched_and_verified(server: Server, tmp_path: Path, moved: bool) -> None:
    """Under its own name, even where the address passes it on, and found by that name afterwards."""
    server.moved = moved
    told: list[float] = []
    file = fetch(source_of(server.address(), HASH), tmp_path, told.append)
    assert file.read_bytes() == MODEL
    assert [path.name for path in tmp_path.iterdir()] == ["m.gguf"]
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert fetched(tmp_path) == [file]
    assert found("m", tmp_path) == file


def test_what_is_there_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    """Unless it is something else: then it is replaced."""
    got(server.address(), tmp_path)
    got(server.address(), tmp_path)
    assert len(server.ranges) == 1
    (tmp_path / "m.gguf").write_bytes(b"changed")
    assert got(server.address(), tmp_path).read_bytes() == MODEL


def test_another_file_is_refused(server: Server, tmp_path: Path) -> None:
    """Nothing of it stays, and what was there before is not touched."""
    (tmp_path / "m.gguf").write_bytes(b"before")
    server.content = MODEL[:-1] + b"x"
    with pytest.raises(ConfigurationError, match="is not the file that was asked for"):
        got(server.address(), tmp_path)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("m.gguf", b"before")]


def test_an_interrupted_download_goes_on(server: Server, tmp_path: Path) -> None:
    """No file stands under the name before the end, and only the rest is asked for."""
    server.breaks_after = 3_000_000
    with pytest.raises(ConfigurationError, match="goes on where it stopped"):
        got(server.address(), tmp_path)
    assert fetched(tmp_path) == []
    kept = (tmp_path / "m.gguf.part").stat().st_size
    assert 0 < kept <= 3_000_000
    server.breaks_after = 0
    assert got(server.address(), tmp_path).read_bytes() == MODEL
    assert server.ranges == ["", f"bytes={kept}-"]


def test_a_server_that_cannot_go_on_sends_all_anew(server: Server, tmp_path: Path) -> None:
    """It answers with the whole file, which must not be put behind the first part."""
    (tmp_path / "m.gguf.part").write_bytes(MODEL[:1000])
    server.resumes = False
    assert got(server.address(), tmp_path).read_bytes() == MODEL


def test_a_part_that_is_whole_already_is_taken(server: Server, tmp_path: Path) -> None:
    """Somebody stopped it between the last byte and the name."""
    (tmp_path / "m.gguf.part").write_bytes(MODEL)
    assert got(server.address(), tmp_path).read_bytes() == MODEL


def test_a_part_of_another_file_is_not_gone_on_with_forever(server: Server, tmp_path: Path) -> None:
    """It is thrown away once the hash shows it, so that the next try begins anew."""
    (tmp_path / "m.gguf.part").write_bytes(b"y" * 1000)
    with pytest.raises(ConfigurationError, match="is not the file"):
        got(server.address(), tmp_path)
    assert got(server.address(), tmp_path).read_bytes() == MODEL


def test_a_full_disk_is_said_before_it_is_full(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written where the rest would not fit."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: _Usage(10**9, 10**9, 1_000_000))
    with pytest.raises(ConfigurationError, match="there is no room for it"):
        got(server.address(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_is_said(server: Server, tmp_path: Path) -> None:
    """An address without a file, and a server that is gone."""
    with pytest.raises(ConfigurationError, match="answers 404"):
        got(server.address("gone.gguf"), tmp_path)
    with pytest.raises(ConfigurationError, match="could not be read to its end"):
        got("http://127.0.0.1:9/m.gguf", tmp_path)


def test_a_folder_with_one_model_will_do(tmp_path: Path) -> None:
    """Carried over by hand to a machine without a network; verified like any other."""
    carried, models = tmp_path / "carried", tmp_path / "models"
    carried.mkdir()
    (carried / "m.gguf").write_bytes(MODEL)
    assert got(str(carried), models).read_bytes() == MODEL
    (carried / "m.gguf").write_bytes(MODEL[:-100])
    with pytest.raises(ConfigurationError, match="is not the file"):
        got(str(carried), tmp_path / "others")
    (carried / "second.gguf").write_bytes(MODEL)
    with pytest.raises(ConfigurationError, match="holds 2 models"):
        source_of(str(carried), HASH)


@pytest.mark.parametrize(
    ("asked", "sha256", "message"),
    [
        ("http://127.0.0.1/m.gguf", "", "nothing vouches for m.gguf"),
        ("http://127.0.0.1/m.gguf", "abc", "nothing vouches for m.gguf"),
        ("http://127.0.0.1/m.bin", HASH, r"names no \.gguf file"),
        ("http://127.0.0.1/%2e%2e%2f.gguf", HASH, r"names no \.gguf file"),
        ("no-such-model", HASH, "is no known model, address or file"),
        (next(iter(KNOWN)), HASH, "its SHA-256 is another"),
    ],
)
def test_what_nothing_can_be_made_of_is_refused_before_anything_is_sent(
    asked: str, sha256: str, message: str
) -> None:
    """No hash, no file's name, nothing known by that name, or a known one under another hash."""
    with pytest.raises(ConfigurationError, match=message):
        source_of(asked, sha256)


def test_known_models_need_no_hash() -> None:
    """Their name says what they are and where they are offered."""
    for name, known in KNOWN.items():
        assert source_of(name) == Source(known.address, f"{name}.gguf", known.sha256)
