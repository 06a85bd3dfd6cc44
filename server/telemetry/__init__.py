"""What the service tells those who run it: logs, metrics and traces. None of them holds what people asked."""
