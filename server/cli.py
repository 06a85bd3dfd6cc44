"""Entry point of the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `plantwright`; Ctrl-C is clean even while the program is still being loaded."""
    try:
        from server.settings import one_thread_a_question

        one_thread_a_question()
        from server.commands.tree import app

        app()
    except KeyboardInterrupt:
        sys.exit(130)
