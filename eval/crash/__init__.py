"""Kills processes at every place where it could hurt, and counts what the ERP has afterwards."""
