"""What stands where in a MES: machines with the plant that they are of, and which plant an order is of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from erp_adapters.fsmes.client import Client

MACHINE: Final = "work_unit"


@dataclass(frozen=True, slots=True)
class Floor:
    """The equipment of one MES, by its codes."""

    equipment: Mapping[str, Mapping[str, Any]]

    @classmethod
    async def of(cls, client: Client) -> Floor:
        """The equipment as the MES has it now."""
        return cls({str(row["code"]): row for row in await client.get("masterdata", "equipment")})

    @property
    def machines(self) -> Sequence[str]:
        """Codes of everything that can stand still."""
        return sorted(code for code, row in self.equipment.items() if row["level"] == MACHINE)

    @property
    def plants(self) -> frozenset[str]:
        """Codes of what the MES has as sites."""
        return frozenset(code for code, row in self.equipment.items() if row["level"] == "site")

    @property
    def lines(self) -> Sequence[str]:
        """Codes of the work centres that machines stand in."""
        return sorted({line for one in self.machines if (line := self.above(one, "work_center"))})

    def above(self, code: str, level: str) -> str:
        """The equipment of that level that a piece of equipment is in, or is; empty where it is in none."""
        seen: set[str] = set()
        while code in self.equipment and code not in seen:
            if self.equipment[code]["level"] == level:
                return code
            seen.add(code)
            code = str(self.equipment[code]["parent"] or "")
        return ""

    def plant(self, order: Mapping[str, Any]) -> str:
        """The site that an order is of: where its route starts."""
        steps = sorted(order["operations"], key=lambda one: int(one["seq"]))
        return self.above(str(steps[0]["equipment"]), "site") if steps else ""
