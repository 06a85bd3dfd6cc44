"""What machines measure: values, trends, and when they stood."""
