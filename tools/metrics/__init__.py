"""Metrics: what can be asked of the store, the typed query for it, and its translation to SQL."""
