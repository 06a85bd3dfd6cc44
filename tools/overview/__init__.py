"""What a person may want to see first: what needs them, and what can be asked."""
