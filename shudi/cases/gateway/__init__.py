"""What the review desk keeps outside the store."""
