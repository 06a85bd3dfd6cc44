"""Models that foretell: who let which version speak where, and when it loses that."""
