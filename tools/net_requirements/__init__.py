"""Net requirements of plants: what to order or make, by when, from whom, and what is at risk."""
