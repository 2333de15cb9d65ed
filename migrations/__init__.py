"""Schema history, run by `shudi migrate`."""
