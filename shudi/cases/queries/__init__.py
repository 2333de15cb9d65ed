"""What the review desk reads."""
