"""Each requester writes with their own rights over RFC, by certificate or ticket; nobody with another's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from erp_adapters.errors import ErpRefused, ErpUnavailable
from erp_adapters.http import Secret
from erp_adapters.ports import OwnAuthorisation
from erp_adapters.records import PurchaseOrderRedating, PurchaseRequisition, Quantity, RequisitionLine
from erp_adapters.sap_rfc import Logon, OwnRights, Person, SapRfc
from erp_adapters.sap_rfc.own_rights import By
from tests.systems.sap_rfc.server import CLIENT, USER, Served
from tests.systems.sap_rfc.signing import OTHER_PROGRAM

DAY = datetime.now(UTC).date() + timedelta(days=20)
LINE = RequisitionLine("T-100", Quantity(Decimal(5), "kg"), DAY, "10077", None, None, None)
KASSEL, HAMM = "Planner of Kassel", "Planner of Hamm"


def certificate(name: str, *, days: int = 30) -> str:
    """As a person has it, with the key that stands beside it in such a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    held = ((NameOID.COUNTRY_NAME, "DE"), (NameOID.ORGANIZATION_NAME, "Works"), (NameOID.COMMON_NAME, name))
    subject = x509.Name([x509.NameAttribute(*each) for each in held])
    until = datetime.now(UTC) + timedelta(days=days)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=60))
        .not_valid_after(until)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (private + made.public_bytes(serialization.Encoding.PEM)).decode()


def asked(requester: str = "planner.kassel") -> PurchaseRequisition:
    return PurchaseRequisition("KAS", requester, (LINE,))


def marker() -> str:
    return f"PW-{uuid4().hex[:26].upper()}"


@pytest.fixture
def writing(sap: Served) -> Iterator[Callable[..., object]]:
    """A writer with people's own rights; what shows who they are is given."""

    @asynccontextmanager
    async def opened(
        by: By, shows: dict[str, tuple[str, Callable[[], str]]], **route: str
    ) -> AsyncIterator[SapRfc]:
        people = {
            subject: Person(user, lambda held=held: Secret(held())) for subject, (user, held) in shows.items()
        }
        snc = sap.snc_route(**route) if by == "x509" else {"saprouter": sap.route}
        technical = sap.logon()
        logon = Logon(CLIENT, technical.user, technical.password, snc)
        connection = sap.connection(logon=logon, own=OwnRights(by, people))
        async with SapRfc.open(connection, through=sap.library()) as erp:
            yield erp

    yield opened
    sap.control("forgets", certificates=True)


def wrote(sap: Served, number: str) -> set[str]:
    return {str(row["ERNAM"]) for row in sap.rows("EBAN", f"BANFN = '{number.rjust(10, '0')}'")}


async def test_a_requisition_is_written_as_its_requester_by_certificate_or_ticket(
    sap: Served, writing: Callable[..., object]
) -> None:
    """SAP itself says who created it, and the connection says by whose rights it writes."""
    for by, shows in (
        ("x509", lambda: certificate(KASSEL)),
        ("ticket", lambda: sap.ticket("PKASSEL")),
    ):
        async with writing(by, {"planner.kassel": ("PKASSEL", shows)}) as erp:  # type: ignore[attr-defined]
            assert isinstance(erp.traits.authorisation, OwnAuthorisation)
            posted = await erp.create(asked(), first := marker())
            assert wrote(sap, posted.number) == {"PKASSEL"}
            assert (await erp.cancel("purchase_requisition", first)).is_cancelled


async def test_what_sap_does_not_let_a_person_do_is_refused_though_the_program_may(
    sap: Served, writing: Callable[..., object]
) -> None:
    """Their own rights decide: the technical user could have written it."""
    shows = {"planner.kassel": ("PHAMM", lambda: certificate(HAMM))}
    async with writing("x509", shows) as erp:  # type: ignore[attr-defined]
        before = len(sap.rows("EBAN"))
        with pytest.raises(ErpRefused, match="authori"):
            await erp.create(asked(), marker())
        with pytest.raises(ErpRefused):
            await erp.create(
                PurchaseOrderRedating("KAS", "planner.kassel", "4500000001", "10", DAY, DAY), marker()
            )
    assert len(sap.rows("EBAN")) == before


@pytest.mark.parametrize(
    ("by", "shows", "route", "said"),
    [
        ("x509", lambda _: certificate("Somebody"), {}, "No user is assigned"),
        ("x509", lambda _: certificate(KASSEL), {"snc_mode": "0"}, "needs SNC"),
        ("x509", lambda _: certificate(KASSEL), {"snc_myname": OTHER_PROGRAM}, "may not log on others"),
        ("x509", lambda _: certificate(KASSEL, days=-1), {}, "and not today"),
        ("x509", lambda _: "no certificate", {}, "is no certificate as PEM"),
        ("ticket", lambda sap: sap.ticket("PKASSEL", -1), {}, "has expired"),
        ("ticket", lambda _: "forged", {}, "not trusted"),
        ("ticket", lambda sap: sap.ticket("COPILOT"), {}, "as 'COPILOT' and not as 'PKASSEL'"),
        ("x509", lambda _: certificate(HAMM), {}, "as 'PHAMM' and not as 'PKASSEL'"),
    ],
)
async def test_who_is_not_let_in_as_themselves_writes_nothing_and_nobody_else_does_for_them(
    sap: Served,
    writing: Callable[..., object],
    by: By,
    shows: Callable[[Served], str],
    route: dict[str, str],
    said: str,
) -> None:
    """Though the technical user's password, or the program's own SNC name, would have let it through."""
    before = len(sap.rows("EBAN"))
    people = {"planner.kassel": ("PKASSEL", lambda: shows(sap))}
    async with writing(by, people, **route) as erp:  # type: ignore[attr-defined]
        with pytest.raises((ErpRefused, ErpUnavailable), match=said):
            await erp.create(asked(), marker())
    assert len(sap.rows("EBAN")) == before


async def test_a_line_that_is_let_in_as_the_program_alone_is_not_used(
    sap: Served, writing: Callable[..., object]
) -> None:
    """Where what stands between drops the certificate, SNC would sign the program in: nobody writes then."""
    sap.control("forgets", certificates=False)
    shows = {"planner.kassel": ("PKASSEL", lambda: certificate(KASSEL))}
    async with writing("x509", shows) as erp:  # type: ignore[attr-defined]
        with pytest.raises(ErpRefused, match=f"as {USER!r} and not as 'PKASSEL'"):
            await erp.create(asked(), marker())


async def test_who_is_not_named_writes_nothing(sap: Served, writing: Callable[..., object]) -> None:
    async with writing("ticket", {"other": ("PHAMM", lambda: "x")}) as erp:  # type: ignore[attr-defined]
        with pytest.raises(ErpRefused, match=r"nobody said who 'planner\.kassel' is in SAP"):
            await erp.create(asked(), marker())


async def test_neither_a_password_nor_a_key_goes_out_with_a_persons_certificate(sap: Served) -> None:
    """What the library is given of a person has nothing of the technical user's, and no private key."""
    seen: list[dict[str, str]] = []

    def connect(config: object = None, **params: str) -> object:
        seen.append(params)
        return sap.library().connect(config=config, **params)

    held = certificate(KASSEL)
    logon = replace(sap.logon(), route=sap.snc_route())
    own = OwnRights("x509", {"planner.kassel": Person("PKASSEL", lambda: Secret(held))})
    through = replace(sap.library(), connect=connect)
    async with SapRfc.open(sap.connection(logon=logon, own=own), through=through) as erp:
        await erp.create(asked(), marker())
    [person] = [params for params in seen if "x509cert" in params]
    assert not {"user", "passwd"} & person.keys()
    assert "PRIVATE" not in person["x509cert"]
    assert held.splitlines()[1] not in person["x509cert"]
