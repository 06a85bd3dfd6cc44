"""Edge nodes of MQTT Sparkplug B: listened to through a broker, and asked for nothing but a new birth."""

from erp_adapters.sparkplug.adapter import SparkplugSource
from erp_adapters.sparkplug.client import Broker

__all__ = ["Broker", "SparkplugSource"]
