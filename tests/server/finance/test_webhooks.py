"""Who outside is told of explanations: signed, at least once, under one id, and never inside a network."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any
from uuid import UUID

import psycopg
import pytest

from erp_adapters.errors import Denied
from erp_adapters.store import OWNER_ROLE
from server.webhooks.addresses import NotCalled, reached, usable
from server.webhooks.signing import signed
from tests.server.finance.office import AT, GROUP, MTY, Office, Receiver

_PLANNER = {"x-plantwright-person": "planner.monterrey"}
_KASSEL = {"x-plantwright-person": "controller.kassel"}
_EVENTS = ["explanation.ready", "explanation.published", "explanation.stale"]


async def _subscribed(finance: Office, receiver: Receiver, *events: str) -> dict[str, Any]:
    body = {"address": receiver.address, "events": events or _EVENTS, "sites": ["MTY"]}
    response = await finance.post("/v1/webhooks", body)
    assert response.status_code == 201, response.text
    return dict(response.json())


async def _published(finance: Office, period: str) -> dict[str, Any]:
    told = (await finance.post(AT, {"site": "MTY", "period": period})).json()
    drafted = (await finance.post(f"{AT}/{told['id']}/draft")).json()
    done = await finance.post(
        f"/v1/finance/publications/{drafted['id']}/publish", {"digest": drafted["digest"]}, GROUP
    )
    assert done.status_code == 200, done.text
    return dict(done.json())


async def _end_all(finance: Office) -> None:
    for each in (await finance.get("/v1/webhooks"))["webhooks"]:
        if each["ended_at"] is None:
            await finance.post(f"/v1/webhooks/{each['id']}/end")


async def test_what_happens_is_told_signed_and_without_figures(finance: Office, receiver: Receiver) -> None:
    """Ready, published and stale, each with ids and sites alone; another plant's subscriber hears nothing."""
    await _end_all(finance)
    hook = await _subscribed(finance, receiver)
    elsewhere = {"address": receiver.address + "?kas", "events": _EVENTS, "sites": ["KAS"]}
    assert (await finance.post("/v1/webhooks", elsewhere, _KASSEL)).status_code == 201
    asked = await finance.http.post(
        AT, json={"site": "MTY", "period": "2025-10"}, headers=MTY | {"prefer": "respond-async"}
    )
    await finance.jobs.run(UUID(asked.json()["id"]))
    published = await _published(finance, "2025-10")
    with psycopg.connect(finance.database.dsn(OWNER_ROLE)) as owner:
        owner.execute(
            "insert into erp.ledger_line (company, site, source_system, source_key, load_id, line_id,"
            " posted_on, account_id, cost_centre_id, scenario, amount, currency, document)"
            " select company, site, source_system, 'late hook', load_id, 'late hook', '2025-10-30', '5400',"
            " '4110', 'actual', 99.5, currency, 'ADJ-9' from erp.ledger_line where site = 'MTY' limit 1"
        )
    await finance.looks.sweep()
    await finance.looks.sweep()
    await finance.sender().sweep()
    heard = {json.loads(each.body)["type"]: json.loads(each.body) for each in receiver.heard}
    assert (sorted(heard), len(receiver.heard)) == (sorted(_EVENTS), 3)
    assert heard["explanation.published"]["data"] == {
        "publication": published["id"],
        "version": published["version"],
        "digest": published["digest"],
        "sites": ["MTY"],
    }
    assert all(each.is_signed_with(hook["secret"]) for each in receiver.heard)
    assert not any(each.is_signed_with("whsec_" + "A" * 44) for each in receiver.heard)
    listed = (await finance.get("/v1/finance/publications"))["publications"]
    stale = {each["id"]: (each["data"], each["delta"]) for each in listed}
    assert stale[published["id"]] == ("stale", "99.50")


async def test_it_is_sent_again_under_one_id_until_it_is_taken(finance: Office, receiver: Receiver) -> None:
    """A fault and a redirect are tried again; what is never taken is given up, and sent again when told."""
    await _end_all(finance)
    hook = await _subscribed(finance, receiver, "explanation.published")
    await _published(finance, "2025-08")
    receiver.answers += [500, 302]
    sender = finance.sender(0.0, 0.0)
    for _ in range(3):
        await sender.sweep()
    assert len({each.headers["webhook-id"] for each in receiver.heard}) == 1
    assert len(receiver.heard) == 3
    at = f"/v1/webhooks/{hook['id']}/deliveries"
    (taken,) = (await finance.get(at))["deliveries"]
    assert (taken["state"], taken["attempts"], taken["status"]) == ("delivered", 3, 204)

    await _published(finance, "2025-07")
    receiver.answers += [503, 503, 503]
    for _ in range(4):
        await sender.sweep()
    dead = (await finance.get(at))["deliveries"][0]
    assert (dead["state"], dead["attempts"]) == ("dead", 3)
    assert dead["why"] == "answered with status 503"
    assert (await finance.post(f"{at}/{dead['event']}/again")).status_code == 202
    await sender.sweep()
    assert (await finance.get(at))["deliveries"][0]["state"] == "delivered"
    assert receiver.heard[-1].headers["webhook-id"] == dead["event"]
    assert (await finance.post(f"{at}/{dead['event']}/again")).status_code == 404


async def test_two_senders_send_it_once(finance: Office, receiver: Receiver) -> None:
    """Where nothing fails, one message arrives once, whoever sends."""
    await _end_all(finance)
    await _subscribed(finance, receiver, "explanation.published")
    await _published(finance, "2025-06")
    await asyncio.gather(*(finance.sender().sweep() for _ in range(4)))
    assert len(receiver.heard) == 1


async def test_a_secret_is_told_once_and_rotated_with_both_valid(finance: Office, receiver: Receiver) -> None:
    """Messages carry both signatures while both are valid; no list, no event and no login tells a secret."""
    await _end_all(finance)
    hook = await _subscribed(finance, receiver, "explanation.published")
    rotated = (await finance.post(f"/v1/webhooks/{hook['id']}/rotate")).json()
    assert rotated["secret"] != hook["secret"]
    await _published(finance, "2025-05")
    await finance.sender().sweep()
    assert receiver.heard[-1].is_signed_with(hook["secret"])
    assert receiver.heard[-1].is_signed_with(rotated["secret"])
    with psycopg.connect(finance.database.dsn(OWNER_ROLE)) as owner:
        owner.execute("update app.webhook set old_until = now() - interval '1 second'")
    await _published(finance, "2025-04")
    await finance.sender().sweep()
    assert not receiver.heard[-1].is_signed_with(hook["secret"])
    assert receiver.heard[-1].is_signed_with(rotated["secret"])
    listed = json.dumps((await finance.get("/v1/webhooks"))["webhooks"])
    assert 'secret"' not in listed
    assert "whsec" not in listed
    with psycopg.connect(finance.database.dsn()) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("select secret from app.webhook")


async def test_only_who_answers_for_the_sites_subscribes(finance: Office, receiver: Receiver) -> None:
    """A planner and a foreign controller are refused with the reason; one's webhook is nobody else's."""
    body = {"address": receiver.address, "events": _EVENTS, "sites": ["MTY"]}
    planner = await finance.post("/v1/webhooks", body, _PLANNER)
    assert planner.status_code == 403
    assert "A controller or an administrator" in planner.json()["detail"]
    assert (await finance.post("/v1/webhooks", body, _KASSEL)).status_code == 403
    hook = await _subscribed(finance, receiver)
    assert (await finance.post(f"/v1/webhooks/{hook['id']}/end", None, _KASSEL)).status_code == 404
    assert (await finance.http.get("/v1/webhooks", headers=_PLANNER)).status_code == 403
    with pytest.raises(Denied):
        await finance.desk.webhooks.list(await finance.desk.person("planner.monterrey"))


@pytest.mark.parametrize(
    "address",
    [
        "http://erp.example/hook",
        "ftp://erp.example/hook",
        "https://user:pass@erp.example/hook",
        "https://",
        "//erp.example/hook",
        "https://erp.example:99999/hook",
        "https://erp.example/a b",
        "https://erp.example/#part",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(NotCalled):
        usable(address, is_demo=True)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.8",
        "172.16.4.4",
        "192.168.1.10",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "[::1]",
        "[fe80::1]",
        "[fc00::1]",
        "[::ffff:10.0.0.8]",
        "[64:ff9b::a00:8]",
        "2130706433",
        "0x7f.1",
    ],
)
async def test_nothing_of_a_network_is_called(host: str) -> None:
    """Neither this machine nor a private, link-local or carrier's address, however it is written."""
    with pytest.raises(NotCalled):
        await reached(f"https://{host}/hook", is_demo=False)


@pytest.mark.parametrize("host", ["10.0.0.8", "169.254.169.254", "[fe80::1]", "2130706433"])
async def test_a_demo_home_calls_this_machine_alone(host: str) -> None:
    """By its own names; a number that comes to the same is refused."""
    with pytest.raises(NotCalled):
        await reached(f"https://{host}/hook", is_demo=True)
    assert (await reached("http://127.0.0.1:9/hook", is_demo=True)).ip == "127.0.0.1"


def test_a_signature_is_that_of_the_standard() -> None:
    """The example of the specification's own libraries."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


async def test_a_subscription_asked_for_twice_is_made_once(finance: Office, receiver: Receiver) -> None:
    """Under its key it is the same one; the secret is told to the first request alone, and kept nowhere."""
    body = {"address": receiver.address + "?once", "events": _EVENTS, "sites": ["MTY"]}
    keyed = MTY | {"idempotency-key": "subscribe-once"}
    first = await finance.http.post("/v1/webhooks", json=body, headers=keyed)
    again = await finance.http.post("/v1/webhooks", json=body, headers=keyed)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json() | {"secret": None}
    assert len(first.json()["secret"]) > 20
    every = (await finance.get("/v1/webhooks"))["webhooks"]
    assert len([each for each in every if each["address"] == body["address"]]) == 1
    with psycopg.connect(finance.database.dsn(OWNER_ROLE)) as owner:
        kept = owner.execute("select body from app.idempotency where key = 'subscribe-once'").fetchone()
    assert kept is not None
    assert first.json()["secret"].encode() not in bytes(kept[0])
