"""What a model may do is decided by administrators of the site; one version speaks, all is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest

from erp_adapters.errors import AuditUnavailable, ConfigurationError, Denied, DraftInvalid, RecordNotFound
from erp_adapters.store import Store
from erp_adapters.store.checks import look_through
from erp_adapters.store.checks.beside import rows_beside
from erp_adapters.store.checks.kept import decide, kept_findings
from erp_adapters.store.people import Person, save_people
from policies.predictors.register import Predictors
from policies.predictors.registered import Registration, registration_of
from tests.policies.recorded import Recorded
from tools.findings import proposed, sentence
from tools.languages import LANGUAGES, speaking

NOW = datetime(2026, 4, 1, 8, tzinfo=UTC)
ENTRY = Registration(
    name="press",
    version="1",
    kind="failure",
    owner="maintenance",
    protocol="open_inference",
    url="http://models.example:8080/",
    inputs=("stops",),
    trained_until=date(2025, 10, 1),
    trained_on={"stops": (0.0, 1.0)},
    false_alarm=1,
    missed=4,
)


@pytest.fixture(autouse=True)
def register(owner_dsn: str) -> None:
    with psycopg.connect(owner_dsn) as connection:
        for table in ("predictor_state", "predictor"):
            connection.execute(f"alter table app.{table} disable trigger user".encode())
            connection.execute(f"delete from app.{table}".encode())
            connection.execute(f"alter table app.{table} enable trigger user".encode())
    both = ("KAS", "BRE")
    save_people(
        owner_dsn,
        [
            Person("admin", "Admin", ("admin",), both),
            Person("admin.bre", "Admin", ("admin",), ("BRE",)),
            Person("planner", "Planner", ("planner",), both),
        ],
    )


async def states(predictors: Predictors, store: Store) -> dict[tuple[str, str], str]:
    found = await predictors.all(await store.caller("admin"))
    return {(each.site, each.version): each.state for each in found}


async def test_a_version_starts_in_shadow_everywhere_and_one_speaks(dsn: str, store: Store) -> None:
    trail = Recorded()
    predictors = Predictors(dsn, trail, lambda: NOW)
    admin = await store.caller("admin")
    for version in ("1", "2"):
        await predictors.register(admin, ENTRY.model_copy(update={"version": version}), ("KAS",))
        await predictors.decide(admin, "press", version, "KAS", "active", "better than the rule")
    assert await states(predictors, store) == {("KAS", "1"): "shadow", ("KAS", "2"): "active"}
    # What is approved at one site is not at the next.
    with pytest.raises(DraftInvalid, match="starts in shadow here as well"):
        await predictors.decide(admin, "press", "2", "BRE", "active", "it works in Kassel")
    await predictors.decide(admin, "press", "2", "BRE", "shadow", "let us see")
    assert await predictors.roll_back(admin, "press", "KAS", "too many alarms") == "1"
    assert await states(predictors, store) == {
        ("KAS", "1"): "active",
        ("KAS", "2"): "shadow",
        ("BRE", "2"): "shadow",
    }
    assert {event.kind for event in trail.events} == {"predictor"}
    assert len(trail.events) == 6


async def test_a_suspended_model_is_a_task_until_a_person_lets_one_in(
    dsn: str, owner_dsn: str, store: Store
) -> None:
    """It opens with the suspension and goes with what ends it; what was decided of it is kept."""
    predictors = Predictors(dsn, Recorded(), lambda: NOW)
    admin = await store.caller("admin")

    async def tasks() -> list[str]:
        async with store.reading(admin) as tx:
            return [
                f"{each.site} {each.source_key}" for each in await kept_findings(tx, check="suspended_models")
            ]

    for version in ("1", "2"):
        entry = ENTRY.model_copy(update={"version": version})
        await predictors.register(admin, entry, ("KAS", "BRE"))
    await predictors.decide(admin, "press", "1", "KAS", "active", "better")
    assert await tasks() == []
    await predictors.decide(admin, "press", "1", "KAS", "suspended", "it drifts")
    assert await tasks() == ["KAS press 1"]
    async with store.reading(admin) as tx:
        (task,) = await kept_findings(tx, site="KAS", check="suspended_models")
        (beside,) = await rows_beside(tx, task)
    assert (beside.fields["state"], beside.fields["reason"]) == ("suspended", "it drifts")
    assert proposed(task) == "Train the model press 1 anew"
    for language in LANGUAGES:
        with speaking(language):
            assert "press 1" in sentence(task)
            assert "it drifts" in sentence(task)

    looked = "select finding_id, found_at from erp.finding where check_name = 'suspended_models'"
    with psycopg.connect(owner_dsn, autocommit=True) as owner:
        owner.execute(
            "insert into erp.site (site, source_system, source_key, load_id, name, time_zone, currency)"
            " values ('KAS', 't', 'KAS', gen_random_uuid(), 'Kassel', 'Europe/Berlin', 'EUR')"
        )
        before = owner.execute(looked.encode()).fetchall()
        look_through(owner_dsn)
        assert owner.execute(looked.encode()).fetchall() == before, "a look finds the same, not another"

    await predictors.decide(admin, "press", "1", "KAS", "active", "seen: a new product")
    assert await tasks() == []
    await predictors.decide(admin, "press", "1", "KAS", "suspended", "it drifts again")
    async with store.remembering(admin) as own:
        (again,) = await kept_findings(own, site="KAS", check="suspended_models")
        assert again.finding_id != task.finding_id
        assert await decide(own, again, "accepted", "retraining is ordered") == "accepted"
    await predictors.decide(admin, "press", "2", "KAS", "active", "trained anew")
    async with store.reading(admin) as tx:
        (closed,) = await kept_findings(tx, site="KAS", check="suspended_models", status=None)
    assert (closed.status, closed.gone_at is not None) == ("accepted", True)


async def test_only_administrators_of_the_site_decide(dsn: str, store: Store) -> None:
    predictors = Predictors(dsn, Recorded(), lambda: NOW)
    for subject in ("planner", "admin.bre"):
        with pytest.raises(Denied, match="only administrators of KAS"):
            await predictors.register(await store.caller(subject), ENTRY, ("KAS",))
    await predictors.register(await store.caller("admin"), ENTRY, ("KAS",))
    for subject in ("planner", "admin.bre"):
        with pytest.raises(Denied, match="only administrators of KAS"):
            await predictors.decide(
                await store.caller(subject), "press", "1", "KAS", "active", "I would like it to"
            )
    assert await predictors.all(await store.caller("admin.bre")) == ()


async def test_a_version_never_changes_and_states_are_kept(dsn: str, owner_dsn: str, store: Store) -> None:
    predictors = Predictors(dsn, Recorded(), lambda: NOW)
    admin = await store.caller("admin")
    await predictors.register(admin, ENTRY, ("KAS",))
    with pytest.raises(DraftInvalid, match="registered already"):
        await predictors.register(admin, ENTRY, ("BRE",))
    with pytest.raises(DraftInvalid, match="is shadow at KAS already"):
        await predictors.decide(admin, "press", "1", "KAS", "shadow", "again")
    with pytest.raises(RecordNotFound, match="no model 'pump'"):
        await predictors.decide(admin, "pump", "1", "KAS", "shadow", "why not")
    with pytest.raises(DraftInvalid, match="needs a reason"):
        await predictors.decide(admin, "press", "1", "KAS", "active", " ")
    with pytest.raises(DraftInvalid, match="no earlier version"):
        await predictors.roll_back(admin, "press", "KAS", "back")
    with psycopg.connect(owner_dsn) as connection, pytest.raises(psycopg.errors.RaiseException, match="kept"):
        connection.execute("update app.predictor_state set state = 'active'")
    with psycopg.connect(owner_dsn) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "insert into app.predictor_state (name, version, site, state, reason, by)"
            " values ('press', '1', 'KAS', 'active', 'sure', 'system')"
        )


async def test_what_cannot_be_put_on_record_does_not_happen(dsn: str, store: Store) -> None:
    admin = await store.caller("admin")
    failing = Predictors(dsn, Recorded(fails=True), lambda: NOW)
    with pytest.raises(AuditUnavailable):
        await failing.register(admin, ENTRY, ("KAS",))
    assert await failing.all(admin) == ()


GOOD = """
name = "press"
version = "1"
kind = "failure"
owner = "maintenance"
protocol = "plain"
url = "http://models.example/press"
inputs = ["stops"]
trained_until = 2025-10-01
false_alarm = 1
missed = 4
[trained_on]
stops = [0.0, 1.0, 2.0]
"""


def test_a_file_says_what_a_version_is(tmp_path: Path) -> None:
    file = tmp_path / "press.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert registration_of(file).trained_on == {"stops": (0.0, 1.0, 2.0)}


@pytest.mark.parametrize(
    ("wrong", "right", "named"),
    [
        ('kind = "failure"', 'kind = "weather"', "kind"),
        ("http://models.example/press", "ftp://models.example", "url"),
        ("http://models.example/press", "http://user:pw@models.example", "url"),
        ('version = "1"', 'version = "../2"', "version"),
        ("missed = 4", "missed = 0", "missed"),
        ("stops = [0.0, 1.0, 2.0]", "", "no values of 'stops'"),
        ("[trained_on]", 'token = "secret"\n[trained_on]', "token"),
        ("[trained_on]", "colour = 1\n[trained_on]", "colour"),
        ("[trained_on]", "[trained_on", "no TOML"),
    ],
)
def test_a_file_that_cannot_be_is_refused_by_name(tmp_path: Path, wrong: str, right: str, named: str) -> None:
    file = tmp_path / "press.toml"
    file.write_text(GOOD.replace(wrong, right), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=named):
        registration_of(file)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        registration_of(tmp_path / "none.toml")
