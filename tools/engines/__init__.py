"""Calculation engines: pure functions of typed inputs, without input or output."""
