"""Measurements that anyone can repeat: each module is a program that prints one table.

`python -m eval.benchmarks.documents` finds passages in documents;
`python -m eval.benchmarks.ledger` answers metrics over ten million ledger lines.
"""
