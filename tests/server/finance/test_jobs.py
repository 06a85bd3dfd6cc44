"""An explanation that nobody waits for: asked for once, computed once, there after a restart."""

from __future__ import annotations

import asyncio
from uuid import UUID

import psycopg

from erp_adapters.store import OWNER_ROLE
from tests.server.finance.office import AT, GROUP, MTY, Office

_OCTOBER = {"site": "MTY", "period": "2025-10"}


async def _asked(finance: Office, key: str, body: dict[str, str] | None = None) -> str:
    headers = MTY | {"prefer": "respond-async", "idempotency-key": key}
    response = await finance.http.post(AT, json=body or _OCTOBER, headers=headers)
    assert response.status_code == 202, response.text
    assert response.headers["preference-applied"] == "respond-async"
    assert response.headers["location"] == f"/v1/finance/jobs/{response.json()['id']}"
    return str(response.headers["location"])


async def test_a_worker_is_woken_and_the_result_is_fetched(finance: Office) -> None:
    """202, then done; the result in every form is that of a request that waits."""
    at = await _asked(finance, "closing")
    waiting = await finance.get(at)
    assert (waiting["state"], waiting["explanation"]) == ("queued", None)
    assert "no worker was heard of" in waiting["note"]
    async with finance.worker():
        for _ in range(200):
            done = await finance.get(at)
            if done["state"] == "done":
                break
            await asyncio.sleep(0.1)
    assert done["state"] == "done", done
    assert done["note"] is None
    told = (await finance.post(AT, _OCTOBER)).json()
    result = await finance.get(done["explanation"])
    assert result["digest"] == told["digest"]
    for address in done["files"].values():
        assert (await finance.http.get(address, headers=MTY)).status_code == 200
    assert (await finance.http.get(at, headers=GROUP)).status_code == 404


async def test_the_same_request_is_one_job(finance: Office) -> None:
    """By its key, also once it is done; a key of another question is refused; two workers compute it once."""
    at = await _asked(finance, "once")
    assert await _asked(finance, "once") == at
    other = await finance.http.post(
        AT,
        json=_OCTOBER | {"against": "plan"},
        headers=MTY | {"prefer": "respond-async", "idempotency-key": "once"},
    )
    assert other.status_code == 422
    assert other.json()["type"].endswith("key-used-for-another-request")
    id = UUID(at.rpartition("/")[2])
    await asyncio.gather(finance.jobs.run(id), finance.jobs.run(id))
    done = await finance.get(at)
    assert await _asked(finance, "once") == at
    with psycopg.connect(finance.database.dsn(OWNER_ROLE)) as owner:
        kept = owner.execute("select attempts from app.finance_job where id = %s", (id,)).fetchone()
        made = owner.execute("select count(*) from app.variance_explanation where key = 'once'").fetchone()
    assert (kept, made, done["state"]) == ((1,), (1,), "done")


async def test_what_a_killed_worker_left_is_computed_again(finance: Office) -> None:
    """Its lease ends, and a sweep takes it up; where that happens too often it fails with the reason."""
    at = await _asked(finance, "killed")
    id = UUID(at.rpartition("/")[2])
    with psycopg.connect(finance.database.dsn(OWNER_ROLE), autocommit=True) as owner:
        left = "update app.finance_job set state = 'working', attempts = %s, lease_until = %s where id = %s"
        owner.execute(left, (1, "2999-01-01", id))
        await finance.jobs.sweep()
        assert (await finance.get(at))["state"] == "working"
        owner.execute(left, (1, "2020-01-01", id))
        await finance.jobs.sweep()
        assert (await finance.get(at))["state"] == "done"
        often = await _asked(finance, "often")
        owner.execute(left, (3, "2020-01-01", often.rpartition("/")[2]))
    await finance.jobs.sweep()
    failed = await finance.get(often)
    assert failed["state"] == "failed"
    assert "ended several times" in failed["problem"]


async def test_what_cannot_be_explained_fails_with_its_reason(finance: Office) -> None:
    """A period outside of the ledger, and somebody who has left meanwhile."""
    at = await _asked(finance, "early", {"site": "MTY", "period": "1999-10"})
    await finance.jobs.run(UUID(at.rpartition("/")[2]))
    failed = await finance.get(at)
    assert (failed["state"], failed["explanation"]) == ("failed", None)
    assert "has actual amounts from 2025-01" in failed["problem"]
    gone = await _asked(finance, "gone")
    with psycopg.connect(finance.database.dsn(OWNER_ROLE), autocommit=True) as owner:
        active = "update erp.person set active = %s where subject = 'controller.monterrey'"
        owner.execute(active, (False,))
        await finance.jobs.run(UUID(gone.rpartition("/")[2]))
        owner.execute(active, (True,))
        (state, problem) = owner.execute(
            "select state, problem from app.finance_job where id = %s", (gone.rpartition("/")[2],)
        ).fetchone() or ("", "")
    assert state == "failed"
    assert "no longer active" in problem
