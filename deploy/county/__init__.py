"""A county as files: read, checked, compared with a running system, and applied to it."""
