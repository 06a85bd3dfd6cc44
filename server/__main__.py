"""`python -m server` is `plantwright`."""

from server.cli import main

main()
