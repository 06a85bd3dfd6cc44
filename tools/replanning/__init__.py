"""Replanning of a site's open work orders after a disturbance: the shop from the store, and ways to go on."""
