"""Models that foretell, at work: their endpoints, their daily run, and what became of what they said."""
