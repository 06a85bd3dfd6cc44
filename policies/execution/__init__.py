"""The only place that writes to a connected system: what was confirmed, once, after looking again."""
