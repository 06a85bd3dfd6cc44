"""What is wrong with an installation, and how to mend it, one check at a time."""
