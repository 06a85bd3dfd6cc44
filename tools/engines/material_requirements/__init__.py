"""Material requirements: what is missing, in which lots it comes, and what they ask of the next level."""

from tools.engines.material_requirements.calendars import Calendar
from tools.engines.material_requirements.explosion import Component, Item, Plan, PlannedOrder, exploded
from tools.engines.material_requirements.netting import Line, netted
from tools.engines.material_requirements.plants import (
    PlantMaterial,
    PlantPlan,
    Proposed,
    RequirementsInvalid,
    plant_plan,
)
from tools.engines.material_requirements.policies import LotPolicy

__all__ = [
    "Calendar",
    "Component",
    "Item",
    "Line",
    "LotPolicy",
    "Plan",
    "PlannedOrder",
    "PlantMaterial",
    "PlantPlan",
    "Proposed",
    "RequirementsInvalid",
    "exploded",
    "netted",
    "plant_plan",
]
