"""The built-in data set: a maker of pumps and valves with eight plants, made up from one seed."""

from erp_adapters.demo.adapter import DemoReport, build_demo, write_beside

__all__ = ["DemoReport", "build_demo", "write_beside"]
