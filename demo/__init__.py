"""A small community to label, with invented accounts."""
