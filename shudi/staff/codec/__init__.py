"""How secrets are written down: sealed, hashed, or as a link."""
