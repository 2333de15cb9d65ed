"""`shudi serve|worker|migrate|demo|publish`: what runs."""

import importlib
import logging
import signal
import sys

import click
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server import Server as Granian

from shudi import clock, logs
from shudi.cli.context import load, store
from shudi.db.migrate import ROOT, migrate
from shudi.labels.actions.publication import publish_due
from shudi.patience import THREADS
from shudi.regions.codec import load_vocabulary
from shudi.worker import Worker


def register(main: click.Group) -> None:
    """Add the commands."""
    for command in (demo, migrate_store, publish, serve, work):
        main.add_command(command)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True)
def serve(host: str, port: int, workers: int) -> None:
    """Serve console and label API. Migrates a store that is not there yet."""
    settings = load()
    migrate(settings.migrate_database_url or settings.database_url, app_url=settings.database_url)
    sys.path.insert(0, str(ROOT))
    # it warns of many threads; few of them run at a time (shudi.patience)
    logging.getLogger("_granian").addFilter(lambda line: "Python threads" not in line.getMessage())
    Granian(
        "wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        backpressure=THREADS,
        # a look-up of a hundred names of twenty Han characters is a line of 19 kB
        http1_settings=HTTP1Settings(max_buffer_size=256 * 1024),
        working_dir=ROOT,
        log_dictconfig=logs.configuration(),
        log_access=False,  # access logs hold addresses
        workers_kill_timeout=10,
        respawn_failed_workers=True,  # one that is killed must not take the others with it
    ).serve()


@click.command("worker")
def work() -> None:
    """Publish, expire, purge and deliver, on a timer."""
    settings = load()
    with store(settings) as database:
        worker = Worker(settings, database, load_vocabulary(settings.names_override))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: worker.stop.set())
        worker.run()


@click.command("migrate")
def migrate_store() -> None:
    """Bring the store to this version's schema."""
    settings = load()
    migrate(settings.migrate_database_url or settings.database_url, app_url=settings.database_url)
    click.echo("The store is at this version's schema.")


@click.command()
def publish() -> None:
    """Publish every site whose labels changed, now."""
    settings = load()
    with store(settings) as database:
        count = publish_due(
            database,
            settings=settings,
            vocabulary=load_vocabulary(settings.names_override),
            now=clock.now(),
        )
    click.echo(f"{count} published.")


@click.command()
def demo() -> None:
    """Fill an empty store with an invented community, and print sign-in links."""
    sys.path.insert(0, str(ROOT))
    # it warns of many threads; few of them run at a time (shudi.patience)
    logging.getLogger("_granian").addFilter(lambda line: "Python threads" not in line.getMessage())
    # by name: the demo stands above the domain, and nothing in shudi imports it
    importlib.import_module("demo.seed").main()
