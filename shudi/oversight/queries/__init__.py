"""Reads of inspections, by noun of what is read."""
