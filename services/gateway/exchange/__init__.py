"""Files in and out: what a sheet says, as rows, commands and clear errors. No drivers here."""
