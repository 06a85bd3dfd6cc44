"""The rules that decide what may be read, proposed, confirmed and executed."""
