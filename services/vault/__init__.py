"""保险库: keeps what is about a person under that person's key."""
