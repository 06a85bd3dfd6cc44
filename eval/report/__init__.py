"""Reports of a run: a page for people, Markdown for a note, JSON for programs."""
