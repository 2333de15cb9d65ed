"""Making a copy, taking one in, and noting what must not come back with it."""
