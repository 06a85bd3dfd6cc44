"""`plantwright engine`: calculations on a file of cases, one module each; `group` has them all."""

from server.commands.engines.group import app

__all__ = ["app"]
