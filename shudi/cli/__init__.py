"""The `shudi` command: the same acts, from a terminal.

Exit codes: 0 done, 1 refused or found wrong, 2 usage.
"""

import logging.config
import sys

import click

from shudi import logs
from shudi.cli import audit, backups, exporting, geo, importing, keys, people, run, sites
from shudi.errors import ShudiError
from shudi.settings import SettingsError


class _Answering(click.Group):
    """Turns refusals into a sentence on standard error and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (ShudiError, SettingsError) as error:
            click.echo(f"shudi: {error}", err=True)
            sys.exit(1)


@click.group(cls=_Answering)
@click.version_option(package_name="shudi")
def main() -> None:
    """The account-information desk of an online community."""
    if not logging.getLogger().handlers:  # whoever calls from Python may have their own
        logging.config.dictConfig(logs.configuration())


for part in (audit, backups, exporting, geo, importing, keys, people, run, sites):
    part.register(main)
