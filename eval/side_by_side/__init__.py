"""Several models asked the same questions: what each gets right and costs, and how surely they differ."""
