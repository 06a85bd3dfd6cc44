"""Drafts, one tool for each kind: it only reads; what it returns is proposed, and a person confirms."""
