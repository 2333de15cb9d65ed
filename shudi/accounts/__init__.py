"""Accounts owns what an account's page says about its holder."""
