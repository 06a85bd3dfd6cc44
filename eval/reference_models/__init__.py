"""Models of failures trained on a home's own history, to try endpoints with and to set beside the rule."""
