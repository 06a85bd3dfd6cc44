"""The systems of the file that PLANTWRIGHT_SYSTEMS names: how each is reached, and for which sites."""

from server.systems.connection import ConnectionFolder
from server.systems.file import Port, Ports, System, Systems, systems_of
from server.systems.fsmes import FsmesSystem
from server.systems.machines import MachineSystem
from server.systems.sap_odata import SapSystem
from server.systems.sap_rfc import SapRfcSystem
from server.systems.sql import SqlSystem
from server.systems.tryton import TrytonSystem

__all__ = [
    "ConnectionFolder",
    "FsmesSystem",
    "MachineSystem",
    "Port",
    "Ports",
    "SapRfcSystem",
    "SapSystem",
    "SqlSystem",
    "System",
    "Systems",
    "TrytonSystem",
    "systems_of",
]
