"""Secrets sealed under a key that was replaced."""

from shudi.db import Database
from shudi.settings import Settings
from shudi.sites.actions.resealing import reseal_receivers
from shudi.staff.actions.resealing import reseal_factors
from shudi.staff.codec.keyring import Keyring


def run(settings: Settings, database: Database) -> int:
    """Bring them under the present key; returns how many. Without a replaced key there are none."""
    if not settings.secret_key_fallbacks:
        return 0
    keyring = Keyring(settings.secret_key, settings.secret_key_fallbacks)
    with database.transaction() as session:
        return reseal_factors(session, keyring=keyring) + reseal_receivers(session, keyring=keyring)
