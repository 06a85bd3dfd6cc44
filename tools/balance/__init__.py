"""Balance between plants: who could cover what another plant lacks."""
