"""Slack: requests that its SDK verified become events of the floor, and what is posted becomes blocks."""
