"""Time series of machines: signals and their rules, batches of samples, what is kept, and how it is read."""
