"""The steps of a turn, one file each; `agents.graph` puts them in order."""
