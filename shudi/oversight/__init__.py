"""Inspections: what an authority may see of the accounts, for how long, and what it saw."""
