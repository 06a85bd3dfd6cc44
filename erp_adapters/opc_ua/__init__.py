"""Servers of OPC UA: browsed, read, followed and caught up with; nothing is ever written to one."""

from erp_adapters.opc_ua.adapter import OpcUaSource
from erp_adapters.opc_ua.client import Connection, Policy, opened
from erp_adapters.opc_ua.mapping import Node

__all__ = ["Connection", "Node", "OpcUaSource", "Policy", "opened"]
