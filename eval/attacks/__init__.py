"""Attacks in data: known prompt injections, put where the store keeps the words of others."""
