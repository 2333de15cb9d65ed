"""Acts of the review desk, and the intake acts that may open a case."""
