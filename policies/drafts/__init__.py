"""What a person is asked to confirm: one model for each kind of draft, and the proposal that is hashed."""
