"""Models that mean no good, what happens when they are let loose, and what must hold all the same."""
