"""Connected systems read again and again: pages applied as they come, only what changed is written."""
