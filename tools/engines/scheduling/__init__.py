"""Schedules for flexible job shops, and what becomes of them when something happens."""
