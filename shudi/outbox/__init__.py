"""Outbox owns what is sent after a commit: webhooks and mail, their words and their retries."""
