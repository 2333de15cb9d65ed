"""Acts on keys, and what must be remembered between their calls."""

from shudi.clients.actions.keys import create_key, revoke_key, rotate_key
from shudi.clients.actions.upkeep import forget_old

__all__ = ["create_key", "forget_old", "revoke_key", "rotate_key"]
