"""Copies of the store: made while it runs, promised to expire, and nothing forgotten comes back."""
