"""A file run by llama.cpp: what is wrong is said with its remedy, and what was read is kept."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.models.local import llama
from agents.models.local.llama import LlamaEngine, is_kept, kept_name
from agents.models.local.model import names_here
from agents.models.local.names import read_pick
from erp_adapters.errors import ModelError

SMALL = Path.home() / ".cache" / "plantwright" / "models" / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
START = (
    "For each question, name the figure: scrap_rate, stock_value or freight_cost.\n"
    "Q: what lies in our warehouses, in dollars?\nA: stock_value\nQ: share of pieces binned\nA: scrap_rate"
)
GRAMMAR = 'root ::= " " ("scrap_rate" | "stock_value" | "freight_cost") "\\n"'
installed = pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None,
    reason="llama.cpp is not there: pip install 'plantwright[local]'",
)
with_model = pytest.mark.skipif(not SMALL.is_file(), reason=f"{SMALL} is not there: make small-model")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """What looks like a model from outside."""
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF" + bytes(1000))
    return path


def prepared(path: Path) -> None:
    LlamaEngine(path).prepare(START, lambda done: None)


def test_the_library_is_named_where_it_is_missing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra: whoever names a file without it learns how to get it."""
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ModelError, match=r"pip install 'plantwright\[local\]'"):
        prepared(file)


def test_a_file_that_is_no_model_is_not_loaded(file: Path, tmp_path: Path) -> None:
    """Missing, a folder, or something else."""
    with pytest.raises(ModelError, match="cannot be read: No such file"):
        prepared(tmp_path / "none.gguf")
    with pytest.raises(ModelError, match="cannot be read: Is a directory"):
        prepared(tmp_path)
    file.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(ModelError, match="is no GGUF file"):
        prepared(file)


@installed
def test_a_model_that_does_not_fit_is_not_loaded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system would end the whole program rather than refuse."""
    monkeypatch.setattr(llama, "free_memory", lambda: 100 * 2**20)
    with pytest.raises(ModelError, match=r"it needs 0\.7 GB of memory and 0\.1 GB are free"):
        prepared(file)


@installed
def test_a_damaged_model_is_said(file: Path) -> None:
    """By the library, whose own words name nothing."""
    with pytest.raises(ModelError, match="damaged, or of a kind that is not known"):
        prepared(file)


def test_what_was_read_belongs_to_one_model_and_one_start(file: Path, tmp_path: Path) -> None:
    """Another catalogue, another file, or the same file changed: read anew."""
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGUF" + bytes(999) + b"x")
    names = {kept_name(file, "a"), kept_name(file, "b"), kept_name(other, "a")}
    assert len(names) == 3
    assert kept_name(file, "a") in names
    file.write_bytes(b"GGUF" + bytes(1001))
    assert kept_name(file, "a") not in names


def test_what_was_read_is_only_taken_up_whole(tmp_path: Path) -> None:
    """A file without its hash, or cut off, or changed, is none."""
    kept, hashed = tmp_path / "a.read", tmp_path / "a.read.sha256"
    assert not is_kept(tmp_path, kept.name)
    kept.write_bytes(b"whole")
    assert not is_kept(tmp_path, kept.name)
    hashed.write_text(hashlib.sha256(b"whole").hexdigest(), encoding="ascii")
    assert is_kept(tmp_path, kept.name)
    kept.write_bytes(b"who")
    assert not is_kept(tmp_path, kept.name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("read")


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[LlamaEngine]:
    """The small model with a short start."""
    made = LlamaEngine(SMALL, folder, threads=1)
    made.prepare(START, lambda done: None)
    yield made
    made.close()


@installed
@with_model
@pytest.mark.slow
@pytest.mark.timeout(900)
class TestWithASmallModel:
    """What only a real model shows."""

    def test_it_writes_by_the_grammar_with_probabilities(self, engine: LlamaEngine) -> None:
        """The right one of three, and each token as likely as it was."""
        written = engine.write("\nQ: what did we pay for shipping?\nA:", GRAMMAR, 12, 120)
        assert written.text == " freight_cost\n"
        assert 0.0 < written.probability <= 1.0
        assert written.openings[0].probability >= written.openings[-1].probability
        pick = read_pick(written)
        assert pick.begins(("freight_cost",)) > pick.begins(("stock_value",))

    def test_time_that_is_up_is_an_error(self, engine: LlamaEngine) -> None:
        """And the next question is answered as usual."""
        with pytest.raises(ModelError, match="took too long"):
            engine.write("\nQ: what did we pay for shipping?\nA:", GRAMMAR, 12, 0.001)
        again = engine.write("\nQ: value of everything in stock\nA:", GRAMMAR, 12, 120)
        assert again.text.strip() in ("scrap_rate", "stock_value", "freight_cost")

    def test_what_cannot_be_read_is_an_error(self, engine: LlamaEngine) -> None:
        """A grammar that is none, and a question that is longer than the model's memory."""
        with pytest.raises(ModelError, match="grammar"):
            engine.write("\nQ: a\nA:", "root ::= (", 12, 120)
        with pytest.raises(ModelError, match="exceeds the available context"):
            engine.write("word " * 20_000, GRAMMAR, 12, 120)

    def test_the_second_start_is_warm(self, engine: LlamaEngine, folder: Path) -> None:
        """What was read is taken up from the file, and gives the same answer."""
        asked = "\nQ: worth of what is on stock\nA:"
        before = engine.write(asked, GRAMMAR, 12, 120)
        (kept,) = folder.glob("*.read")
        assert is_kept(folder, kept.name)
        second = LlamaEngine(SMALL, folder, threads=1)
        told: list[float] = []
        second.prepare(START, told.append)
        assert told == [1.0]
        assert second.write(asked, GRAMMAR, 12, 120).text == before.text
        second.close()
        # The library would end the program over a file that was cut off.
        kept.write_bytes(kept.read_bytes()[:1000])
        third = LlamaEngine(SMALL, folder, threads=1)
        third.prepare(START, told.append)
        assert len(told) > 2
        assert third.write(asked, GRAMMAR, 12, 120).text == before.text
        third.close()

    def test_nobody_else_on_the_machine_can_ask_it(self, engine: LlamaEngine) -> None:
        """The library listens at a port: without the key it answers nothing."""
        import httpx2

        address = engine._server.listening_address
        with httpx2.Client(trust_env=False) as client:
            for path in ("/slots", "/props"):
                assert client.get(address + path).status_code == 401
            assert client.post(f"{address}/completion", json={"prompt": "a"}).status_code == 401

    def test_the_whole_grammar_is_one_that_it_knows(self, engine: LlamaEngine) -> None:
        """The grammar of the catalogue, not only that of this test."""
        since = time.monotonic()
        written = engine.write("\nQ: scrap in percent\nA:", names_here().grammar(), 8, 120)
        assert read_pick(written).name in names_here().all
        assert time.monotonic() - since < 120
