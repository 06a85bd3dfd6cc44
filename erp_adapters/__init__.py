"""Canonical records, the operational store, and one folder for each connected system."""
