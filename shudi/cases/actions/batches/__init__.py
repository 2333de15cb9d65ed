"""One act on a list of accounts: previewed, made, agreed to, run in the worker, taken back."""
