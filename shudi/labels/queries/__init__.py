"""Reads of labels: `served` for programs, `desk` for people."""
