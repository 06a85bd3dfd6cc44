"""The embedded reader and writer: answers without a key, a network or weights to fetch."""
