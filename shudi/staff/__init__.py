"""Staff owns the people who work here: roles, permissions, credentials, sessions."""
