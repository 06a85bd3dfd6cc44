"""What may leave, as commands and the administrator's page show it."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from policies.egress import CLASSES, DataClass, EgressPolicy, Treatment
from server.settings import Settings


class ClassShown(BaseModel):
    """One class of data and what is done with it."""

    name: DataClass
    treatment: Treatment
    holds: str


class SiteShown(BaseModel):
    """What holds at a site."""

    site: str
    classes: tuple[ClassShown, ...]


class EgressShown(BaseModel):
    """What may be sent to a hosted model, and whether one is set at all."""

    model: str
    sends: bool
    """False where nothing is sent anywhere: the embedded model answers."""
    source: str
    """`packaged`, or the file over it."""
    default: tuple[ClassShown, ...]
    sites: tuple[SiteShown, ...]


_HOLDS: dict[DataClass, str] = {
    "question": "what people ask, and the questions before it",
    "names": "names of suppliers, customers and people, and unnamed texts of results",
    "materials": "names and numbers of materials",
    "amounts": "every figure of a result",
    "free_text": "notes and descriptions; quotes from documents are never shown to a model",
    "schema": "metrics, fields, sites, currencies, units, days",
}


def egress_shown(settings: Settings, policy: EgressPolicy, sites: Iterable[str]) -> EgressShown:
    """The policy, with what holds at each of the sites."""
    return EgressShown(
        model=settings.model,
        sends=settings.is_hosted,
        source="packaged" if settings.egress is None else str(settings.egress),
        default=_classes(policy.strictest(())),
        sites=tuple(SiteShown(site=site, classes=_classes(policy.at(site))) for site in sorted(sites)),
    )


def _classes(treated: dict[DataClass, Treatment]) -> tuple[ClassShown, ...]:
    return tuple(ClassShown(name=of, treatment=treated[of], holds=_HOLDS[of]) for of in CLASSES)
