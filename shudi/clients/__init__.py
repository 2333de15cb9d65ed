"""Clients owns the programs that call us: API keys, scopes, idempotency, limits."""
