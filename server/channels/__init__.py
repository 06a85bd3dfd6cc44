"""Chat platforms: whoever is known there asks, drafts and confirms as in the panel."""
