"""The built-in data set: a maker of pumps and valves with two plants, made up from one seed."""

from erp_adapters.demo.adapter import DemoReport, build_demo

__all__ = ["DemoReport", "build_demo"]
