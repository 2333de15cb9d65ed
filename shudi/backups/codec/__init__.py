"""The two files: an archive, and the journal of what must not come back."""
