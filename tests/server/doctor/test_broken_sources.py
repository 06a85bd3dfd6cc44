"""What is only read, broken on purpose: a database, a server of machines, a broker; doctor names each."""

from __future__ import annotations

import runpy
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from server.doctor.finding import Finding
from server.doctor.systems import systems
from tests.server.test_machine_systems import SIGNALS
from tests.server.test_systems import SECRET, settings

Listens: TypeAlias = Callable[[], AbstractContextManager[int]]
_SHOP = runpy.run_path(str(Path(__file__).parents[3] / "docs" / "examples" / "shop.py"))
_NAMED = {
    "sql": _SHOP["SYSTEMS"].partition("\n")[2].replace("[shop.", "[plant.").replace("events", "# events"),
    "opc_ua": 'adapter = "opc_ua"\nurl = "opc.tcp://127.0.0.1:PORT"\npolicy = "None"\n'
    'signals = "signals.toml"',
    "sparkplug": 'adapter = "sparkplug"\nhost = "127.0.0.1"\nport = PORT\nsignals = "signals.toml"',
}


@contextmanager
def nobody() -> Iterator[int]:
    """A port on which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


@contextmanager
def other() -> Iterator[int]:
    """Something that answers everybody with a line of its own and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"220 mail.example at your service\r\n")

        threading.Thread(target=answer, daemon=True).start()
        yield int(listening.getsockname()[1])
        # A thread that waits in accept is not woken by closing alone.
        listening.shutdown(socket.SHUT_RDWR)


def found(folder: Path, adapter: str, port: int) -> Finding:
    address = "hall/press:Oven" if adapter == "sparkplug" else "ns=2;s=Oven"
    (folder / "signals.toml").write_text(SIGNALS.replace("ns=2;s=Oven", address))
    there = f"postgresql://reader@127.0.0.1:{port}/prod\npassword: env:NORTH_PASSWORD"
    source = _SHOP["SOURCE"].format(folder=folder).replace(f"sqlite:///{folder}/shop.db", there)
    (folder / "shop.yaml").write_text(source)
    (folder / "mapping.yaml").write_text(_SHOP["MAPPING"])
    [one] = systems(settings(folder, f"[plant]\n{_NAMED[adapter]}\n".replace("PORT", str(port))))
    return one


@pytest.mark.slow
@pytest.mark.parametrize(
    ("adapter", "listens"),
    # A broker is waited for as long as a slow one may take.
    [("sql", nobody), ("sql", other), ("opc_ua", nobody), ("opc_ua", other), ("sparkplug", nobody)],
)
def test_a_source_that_is_broken_is_named_with_what_to_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, adapter: str, listens: Listens
) -> None:
    """Nothing listens, or something else does: the finding says so, and never with a password."""
    monkeypatch.setenv("NORTH_PASSWORD", SECRET)
    with listens() as port:
        seen = found(tmp_path, adapter, port)
    assert (seen.name, seen.state) == ("system plant", "broken")
    assert "PLANTWRIGHT_SYSTEMS" in seen.mend
    assert "does not answer" in seen.why
    assert SECRET not in seen.why + seen.mend
