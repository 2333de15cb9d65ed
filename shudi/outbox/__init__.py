"""Outbox owns what is sent after a commit: webhooks and notices."""
