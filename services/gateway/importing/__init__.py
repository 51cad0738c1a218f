"""Imports: what a file would do, placing it row by row in the background, and taking it back."""
