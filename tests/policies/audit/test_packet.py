"""One decision's packet holds all that is on record about it, for people and programs, and runs nothing."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from psycopg import connect

from erp_adapters.errors import RecordNotFound
from policies.audit.packet import Packet, as_html, as_json, packet_of
from policies.audit.reading import entries_of, subject_keys, tables
from policies.audit.trail import PostgresTrail
from tests.policies.audit.conftest import NOON, Home, event
from tests.policies.audit.test_erasure import erase

HOSTILE = {
    "vendor": '<script>fetch("https://evil.example")</script><img src=x onerror=alert(1)>',
    "note": "pay \u202e0001\u202c to \u200bus",
    'key"><script>': ["</pre><script>1</script>", {"<b>": "&amp;"}],
}


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def packet(home: Home, *proposals: str) -> Packet:
    with tables(home.owner) as (source, connection):
        return packet_of(
            proposals,
            source.chain,
            entries_of(connection, proposals=proposals),
            subject_keys(connection, home.keys.wrapping),
            NOON,
            home.log.last(),
        )


async def decision(trail: PostgresTrail) -> None:
    await trail.append(
        [
            event(1, proposal="p", payload={"what": "500 of M-1023", **HOSTILE}),
            event(2, proposal="other"),
            event(3, proposal="p", kind="confirmation", actor="buyer", about="buyer"),
            event(4, proposal="p", kind="execution", actor="system", payload={"number": "4711"}),
            event(5, proposal="q", kind="edit"),
        ]
    )
    await trail.witness()


async def test_a_packet_holds_its_decision_and_no_other(home: Home, trail: PostgresTrail) -> None:
    await decision(trail)
    made = json.loads(json.dumps(as_json(packet(home, "p"))))
    assert [each["kind"] for each in made["events"]] == ["proposal", "confirmation", "execution"]
    assert [each["actor"] for each in made["events"]] == ["planner", "buyer", "system"]
    assert made["events"][0]["contents"]["vendor"] == HOSTILE["vendor"]
    assert all(each["as_written"] for each in made["events"])
    assert made["checkpoint"]["position"] == 5
    assert len(packet(home, "p", "q").events) == 4


async def test_what_the_contents_hold_neither_runs_nor_loads_nor_hides_on_the_page(
    home: Home, trail: PostgresTrail
) -> None:
    await decision(trail)
    page = as_html(packet(home, "p"))
    tags = Tags()
    tags.feed(page)
    assert tags.seen == {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "table", "tr", "td", "pre"
    }  # fmt: skip
    assert tags.attributes <= {"lang", "charset", "http-equiv", "content", "class"}
    assert "default-src 'none'" in page
    assert "pay [U+202E]0001[U+202C] to [U+200B]us" in page
    for said in ("Proposed by planner", "Confirmed by buyer", "Written to the ERP by system", "4711"):
        assert said in page


async def test_an_erased_persons_events_stay_in_the_packet_without_their_contents(
    home: Home, trail: PostgresTrail
) -> None:
    await decision(trail)
    await erase(home, "buyer")
    made = packet(home, "p")
    assert [each.contents is None for each in made.events] == [False, True, False]
    assert all(each.is_as_written for each in made.events)
    assert "Confirmed by an erased person" in as_html(made)


async def test_a_changed_event_is_called_so(home: Home, trail: PostgresTrail) -> None:
    await decision(trail)
    with home.tampering() as connection:
        connection.execute("update audit.event set kind = 'rejection' where position = 3")
    made = packet(home, "p")
    assert [each.is_as_written for each in made.events] == [True, False, True]
    assert "changed after it was written" in as_html(made)


async def test_a_decision_that_is_not_on_record_is_said_to_be(home: Home, trail: PostgresTrail) -> None:
    await decision(trail)
    for unknown in ("nobody", ""):
        with pytest.raises(RecordNotFound):
            packet(home, unknown)


async def test_a_person_reads_the_events_of_their_own_sites_and_no_others(
    home: Home, trail: PostgresTrail
) -> None:
    await trail.append([event(1, proposal="p"), event(2, proposal="p", site="LEI")])
    for sites, seen in (("KAS", ["KAS"]), ("LEI,KAS", ["KAS", "LEI"]), ("", [])):
        with connect(home.database.dsn()) as connection:
            connection.execute(
                "select app.enter_scope('x', %s::text[], '{}', 1000, '{}')",
                ([*filter(None, sites.split(","))],),
            )
            rows = connection.execute("select site from audit.of_proposals('{p}')").fetchall()
        assert [site for (site,) in rows] == seen
