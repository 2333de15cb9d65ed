"""IP address to region: sources, special ranges, agreement. The only reader of geo databases."""
