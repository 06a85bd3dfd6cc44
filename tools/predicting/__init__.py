"""What is likely to happen: predictions of models that were let in here, or of rules where none may speak."""
