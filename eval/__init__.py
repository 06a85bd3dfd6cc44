"""Suites, scorers and benchmarks that say how well the product answers."""
