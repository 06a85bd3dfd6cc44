"""Drafts on the command line, each command a process of its own: from a planner's sentence to a document."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from erp_adapters.store import EmbeddedPostgres
from tests.server.test_commands import Shell, folder

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

__all__ = ["folder"]

SENTENCE = "draft a requisition for {} of BR-6204 for Kassel by {}"


@pytest.fixture(scope="module")
def shell(folder: Path) -> Iterator[Shell]:
    """A demo home with the built-in data."""
    shell = Shell(folder / "home")
    done = shell("demo", "--small", "--tour-only")
    assert done.returncode == 0, done.stdout + done.stderr
    # Its database stays up between the commands, as beside a running `plantwright serve`.
    with EmbeddedPostgres(shell.home / "postgres"):
        yield shell


def drafted(shell: Shell, quantity: int, day: str) -> str:
    """The id of a draft that a planner's sentence made."""
    done = shell("ask", "--json", SENTENCE.format(quantity, day), "--as", "planner.kassel")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["draft"]["id"])


def shown(shell: Shell, draft: str, person: str = "buyer.kassel") -> dict[str, object]:
    done = shell("drafts", "show", draft, "--as", person, "--json")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert isinstance(record, dict)
    return record


def test_a_sentence_becomes_one_document_once_a_buyer_has_said_yes(shell: Shell) -> None:
    """The card is shown before it is asked; silence and `n` confirm nothing; `y` ends with the number."""
    asked = shell("ask", SENTENCE.format(500, "5 May"), "--as", "planner.kassel")
    assert asked.returncode == 0, asked.stderr
    named = re.search(r"plantwright drafts confirm (\w+)", asked.stdout)
    assert named is not None, asked.stdout
    draft = named.group(1)
    for part in ("BR-6204", "500 PC", "Without it", "digest"):
        assert part in asked.stdout
    for silence in ("", "n\n"):
        refused = shell("drafts", "confirm", draft, "--as", "buyer.kassel", stdin=silence)
        assert refused.returncode == 5
        assert "nothing was confirmed" in refused.stderr
    assert shown(shell, draft)["state"] == "awaiting_confirmation"
    done = shell("drafts", "confirm", draft, "--as", "buyer.kassel", stdin="y\n")
    assert done.returncode == 0, done.stderr
    last = done.stdout.strip().splitlines()[-1]
    assert re.fullmatch(r".*Requisition 1\d{7} is in the demo ERP", last), last
    assert done.stdout.index("BR-6204") < done.stdout.index("[y/N]")
    after = shown(shell, draft, "planner.kassel")
    assert (after["state"], after["document_number"]) == ("executed", last.split()[-6])
    again = shell("drafts", "confirm", draft, "--as", "buyer.kassel", stdin="y\n")
    assert again.returncode == 5
    assert again.stdout == ""
    assert f"this draft is executed, there is nothing to confirm: {last.split('] ')[-1]}" in " ".join(
        again.stderr.split()
    )
    card = shell("drafts", "show", draft, "--as", "buyer.kassel").stdout
    assert str(after["digest"]) in "".join(card.split())


def test_what_was_written_shows_in_later_questions(shell: Shell) -> None:
    """It is an open requisition, a draft of the planner's, and covers the need of the next draft."""
    draft = drafted(shell, 300, "12 May")
    digest = str(shown(shell, draft)["digest"])
    done = shell("drafts", "confirm", draft, "--digest", digest, "--as", "buyer.kassel")
    number = re.search(r"Requisition (\d+) is in the demo ERP", done.stdout)
    assert number is not None, done.stdout + done.stderr
    listed = shell("ask", "--json", "open requisitions for ball bearing 6204", "--as", "planner.kassel")
    rows = [row for table in json.loads(listed.stdout)["tables"] for row in table["rows"]]
    assert any(str(cell).startswith("300") for row in rows for cell in row), listed.stdout
    own = shell("ask", "--json", "which requisitions did I draft?", "--as", "planner.kassel")
    assert number.group(1) in own.stdout
    again = drafted(shell, 20, "2 July")
    covering = json.dumps(shown(shell, again))
    assert f"{number.group(1)}/" in covering
    assert shell("drafts", "reject", again, "--reason", "Test", "--as", "buyer.kassel").returncode == 0


def test_the_record_and_the_erp_tell_the_same(shell: Shell) -> None:
    """What was written is on record, whole, and every document of ours is known."""
    verified = shell("audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    matched = shell("audit", "reconcile")
    assert matched.returncode == 0, matched.stdout + matched.stderr
    assert "everything on record is in the ERP" in matched.stdout
    assert not matched.stdout.startswith("0 documents")


def test_a_digest_confirms_for_scripts_and_no_other_one_does(shell: Shell) -> None:
    """Without a question; a forged one, the planner and a stranger are refused with 5 or 1 and the reason."""
    draft = drafted(shell, 40, "20 May")
    digest = str(shown(shell, draft)["digest"])
    forged = shell("drafts", "confirm", draft, "--digest", "sha256:" + "1" * 64, "--as", "buyer.kassel")
    assert forged.returncode == 5
    assert "not the digest" in forged.stderr
    own = shell("drafts", "confirm", draft, "--digest", digest, "--as", "planner.kassel")
    assert own.returncode == 5
    stranger = shell("drafts", "confirm", draft, "--digest", digest, "--as", "buyer.monterrey")
    assert stranger.returncode == 1
    assert "no proposal" in stranger.stderr
    done = shell("drafts", "confirm", draft, "--digest", digest, "--as", "buyer.kassel")
    assert done.returncode == 0, done.stderr
    assert "is in the demo ERP" in done.stdout


def test_edit_makes_a_new_version_and_reject_ends_it(shell: Shell) -> None:
    """The figures of the new card are found anew; the reason of a rejection is shown."""
    draft = drafted(shell, 60, "9 June")
    edited = shell("drafts", "edit", draft, "--quantity", "65", "--as", "planner.kassel")
    assert edited.returncode == 0, edited.stderr
    assert "65 PC" in edited.stdout
    assert "version 2" in edited.stdout
    assert shown(shell, draft)["state"] == "superseded"
    named = re.search(r"drafts confirm (\w+)", edited.stdout)
    assert named is not None
    rejected = shell(
        "drafts", "reject", named.group(1), "--reason", "Stock was found", "--as", "buyer.kassel"
    )
    assert rejected.returncode == 0, rejected.stderr
    assert shown(shell, named.group(1), "planner.kassel")["reason"] == "Stock was found"
    listed = shell("drafts", "--state", "rejected", "--as", "planner.kassel")
    assert "65 PC" in listed.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("show", "nothing"), 1, "you see no draft 'nothing'"),
        (("list", "--state", "lost"), 2, "is no state"),
        (("edit", "last"), 2, "say what changes"),
        (("edit", "last", "--quantity", "1e400"), 2, "--quantity"),
        (("edit", "last", "--quantity", "-5"), 2, "not more than zero"),
        (("edit", "last", "--quantity", "NaN"), 2, "--quantity"),
        (("reject", "last", "--reason", " "), 2, "needs a reason"),
    ],
)
def test_unusable_arguments_are_named(shell: Shell, arguments: tuple[str, ...], code: int, why: str) -> None:
    """With the code for it and a sentence that says what would do."""
    done = shell("drafts", *arguments, "--as", "planner.kassel")
    assert (done.returncode, why in done.stderr) == (code, True), done.stderr


def test_switched_off_flow_refuses_with_its_reason(shell: Shell) -> None:
    """From the command line too; whoever may not switch is told so."""
    refused = shell("switches", "off", "site", "KAS", "--reason", "Stocktaking", "--as", "planner.kassel")
    assert refused.returncode == 5
    off = shell("switches", "off", "site", "KAS", "--reason", "Stocktaking", "--as", "admin")
    assert off.returncode == 0, off.stderr
    try:
        asked = shell("ask", SENTENCE.format(70, "15 June"), "--as", "planner.kassel")
        assert asked.returncode == 5
        assert "Stocktaking" in " ".join(asked.stdout.split())
        assert "Stocktaking" in shell("switches", "--as", "planner").stdout
    finally:
        assert shell("switches", "on", "site", "KAS", "--reason", "Counted", "--as", "admin").returncode == 0
    assert "Nothing is switched off" in shell("switches").stdout


def test_a_worker_of_its_own_writes_what_others_confirm(shell: Shell) -> None:
    """With PLANTWRIGHT_WORKER=separate a confirmation waits for `plantwright worker`."""
    draft = drafted(shell, 80, "23 June")
    digest = str(shown(shell, draft)["digest"])
    with working(shell) as killed:
        killed.kill()
        killed.wait(30)
        signed = shell(
            *("drafts", "confirm", draft, "--digest", digest, "--as", "buyer.kassel", "--no-wait"),
            PLANTWRIGHT_WORKER="separate",
        )
        assert signed.returncode == 0, signed.stderr
        assert "on its way" in signed.stdout
    with working(shell) as worker:
        until = time.monotonic() + 60
        while shown(shell, draft)["state"] != "executed":
            assert time.monotonic() < until, shown(shell, draft)
            time.sleep(0.5)
        worker.send_signal(signal.SIGINT)
        assert worker.wait(30) == 130


@contextmanager
def working(shell: Shell) -> Iterator[subprocess.Popen[str]]:
    """A worker that has begun to look for what is confirmed."""
    worker = shell.started("worker")
    try:
        assert worker.stderr is not None
        assert "Writing what is confirmed" in worker.stderr.readline()
        yield worker
    finally:
        worker.kill()
        worker.communicate()
