"""What may be sent to a hosted model, for an administrator."""

from __future__ import annotations

from fastapi import APIRouter

from erp_adapters.errors import Denied
from policies.egress import egress_of
from server.egress_records import EgressShown, egress_shown
from server.identity import Asker, OpenHouse

router = APIRouter(prefix="/v1/admin/egress", tags=["administration"])


@router.get("")
async def egress(caller: Asker, house: OpenHouse) -> EgressShown:
    """What holds by default and at each of the administrator's sites; 403 for everybody else."""
    if "admin" not in caller.roles:
        raise Denied("only an administrator may see what is sent to a hosted model")
    settings = house.settings
    return egress_shown(settings, egress_of(settings.egress), caller.sites)
