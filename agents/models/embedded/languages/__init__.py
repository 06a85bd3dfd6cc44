"""Questions in other languages than English."""
