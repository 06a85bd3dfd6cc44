"""The language models: hosted ones over HTTP, and the embedded one that needs no network."""
