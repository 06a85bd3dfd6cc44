"""Prompt files with their declared variables and versions."""
