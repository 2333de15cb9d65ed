"""File formats of the review desk."""
