"""Webhooks: who outside is told of what happens to explanations, signed, and again until it is taken."""
