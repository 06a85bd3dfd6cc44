"""Explanations of variances for finance: kept as they were told, as JSON, CSV, XLSX and PDF."""
