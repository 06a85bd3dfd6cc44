"""Drafts: one tool for each kind. A tool here only reads; what it returns is proposed, and a person confirms."""
