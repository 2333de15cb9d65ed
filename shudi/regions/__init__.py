"""The vocabulary of places: codes, hierarchy, granularity, names and aliases per language."""
