"""Teams: activities of the Bot Framework in, Adaptive Cards out, through Microsoft's package."""
