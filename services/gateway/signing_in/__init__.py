"""Getting in: who one is, what is still owed, and how often one may try."""
