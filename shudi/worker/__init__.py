"""What happens on a timer: publication, expiry, leases, retention, notices, checkpoints.

Each job is a small transaction of its own. One that fails is logged by name and tried again;
the others go on.
"""

import dataclasses
import functools
import itertools
import logging
import multiprocessing
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from shudi import clock, renewal
from shudi.audit.actions import checkpoint
from shudi.audit.codec import audit_key, checkpoints_path
from shudi.backups.actions import ends
from shudi.cases.actions import looks, notices, plans, rollup, upkeep
from shudi.cases.actions.batches import running as batches
from shudi.cases.queries import counting, counting_days
from shudi.cases.rules.figures import LONG, SHORT
from shudi.daykeys import DayKeys
from shudi.db import Database
from shudi.deliveries import Sender
from shudi.labels.actions.granularity import coarsen
from shudi.labels.actions.publication import publish_due
from shudi.outbox.rules import Channel
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.codec.keyring import Keyring
from shudi.staff.rules import Actor
from shudi.worker import beat, ending, erasing, releasing, resealing, tidying

log = logging.getLogger("shudi.worker")
_NEVER = datetime.min.replace(tzinfo=UTC)
TICK = 0.5  # seconds between looks at the clock
_TURN = 0.05  # seconds between long works' transactions: other writers get their turn


@dataclasses.dataclass(slots=True)
class Job:
    """Something done every `every`; returns how much it did."""

    name: str
    every: timedelta
    run: Callable[[datetime], int]
    due: datetime = _NEVER
    done: int = 0
    failed: int = 0


class Worker:
    """The jobs of one store, run in turn until `stop` is set."""

    def __init__(self, settings: Settings, database: Database, vocabulary: Vocabulary) -> None:
        self.settings, self.database, self.vocabulary = settings, database, vocabulary
        self.stop = threading.Event()
        self._coarse = False
        self.jobs = [
            Job("publish", timedelta(seconds=settings.publish_seconds), self._publish),
            Job("granularity", timedelta(seconds=1), self._granularity),
            Job("expire", timedelta(seconds=5), self._expire),
            Job("start", timedelta(seconds=5), self._start),
            Job(
                "inspections", timedelta(seconds=30), lambda now: ending.inspections(database, now)
            ),
            Job("second looks", timedelta(minutes=1), self._draw),
            Job("leases", timedelta(seconds=10), lambda now: ending.claims(database, now)),
            Job("checkpoint", timedelta(minutes=5), self._checkpoint),
            Job("ends", timedelta(seconds=10), lambda now: ends.note(settings, database, now=now)),
            Job("files", timedelta(seconds=10), lambda _: tidying.given_up(settings, database)),
            Job(
                "stray files",
                timedelta(hours=1),
                lambda now: tidying.strays(settings, database, now),
            ),
            Job("retention", timedelta(hours=1), self._retention),
            Job("digest", timedelta(hours=1), self._digest),
            Job("secrets", timedelta(hours=1), lambda _: resealing.run(settings, database)),
        ]
        # on threads of their own: a platform that does not answer must not hold up publication
        self.senders = [
            Sender(settings, database, vocabulary, channel)
            for channel in (Channel.WEBHOOK, Channel.MAIL)
        ]
        self.sending = [
            Job(name, timedelta(seconds=1), sender.run)
            for name, sender in zip(("webhooks", "mail"), self.senders, strict=True)
        ]
        # likewise: a long list takes minutes, and what a closed site held may be millions of rows
        self.batching = [Job("batches", timedelta(seconds=1), self._batches)]
        erase = functools.partial(erasing.run, database, self.stop)
        self.erasing = [Job("closed sites", timedelta(seconds=2), lambda _: erase())]
        # likewise: counting a long time's work takes seconds, and nobody waits for it
        self.counting = [
            Job("figures", timedelta(minutes=5), self._figures),
            Job("long figures", timedelta(hours=1), self._long_figures),
        ]
        # likewise, and in a process of its own: it slows nothing here
        self.renewing = [
            Job("geo databases in use", timedelta(seconds=2), self._take_databases),
            Job("geo databases compared", timedelta(seconds=10), self._compare_databases),
        ]

    @property
    def _beside(self) -> dict[str, list[Job]]:
        """The jobs that have a thread of their own, by its name."""
        return {
            "sending": self.sending,
            "batches": self.batching,
            "counting": self.counting,
            "erasing": self.erasing,
            "renewing": self.renewing,
        }

    def run(self) -> None:
        """Run until stopped."""
        beside = [
            threading.Thread(target=self._loop, args=(jobs,), name=name)
            for name, jobs in self._beside.items()
        ]
        for thread in beside:
            thread.start()
        self._loop(self.jobs)
        for thread in beside:
            thread.join()
        self.close()

    def close(self) -> None:
        """End the senders' threads after the attempts under way; the database may go after it."""
        for sender in self.senders:
            sender.close()

    def _loop(self, jobs: list[Job]) -> None:
        while not self.stop.is_set():
            self.tick(clock.now(), jobs)
            self.stop.wait(TICK)

    def tick(self, now: datetime, jobs: list[Job]) -> None:
        """Run every one of `jobs` whose time has come, once."""
        ran = False
        for job in jobs:
            if job.due > now or self.settings.read_only:
                continue
            job.due, ran = now + job.every, True
            try:
                job.done += job.run(now)
            except Exception:  # the last handler: one job must not stop the others
                job.failed += 1
                log.exception("job failed: %s", job.name)
        if ran:
            self._heartbeat(now)

    def _heartbeat(self, now: datetime) -> None:
        every = itertools.chain(self.jobs, *self._beside.values())
        jobs = {job.name: {"done": job.done, "failed": job.failed} for job in every}
        beat.write(self.settings, now=now, jobs=jobs)

    def _figures(self, now: datetime) -> int:
        """What stands now, the short windows, and the days that may have changed."""
        with self.database.read_session() as session:
            counted = counting.now_standing(session, now=now)
            for days in SHORT:
                counted += counting.window(session, days=days, now=now)
            since = counting_days.recount_from(session, now=now)
            flow = counting_days.flow(session, since=since)
        with self.database.transaction() as session:
            kept = rollup.keep(session, counted=counted, windows=(0, *SHORT), now=now)
            rollup.keep_days(
                session, counted=flow, figures=counting_days.FLOW, since=since, now=now
            )
        return kept

    def _long_figures(self, now: datetime) -> int:
        """The long window, and how the geo sources stand today."""
        with self.database.read_session() as session:
            counted = [one for days in LONG for one in counting.window(session, days=days, now=now)]
            drift = counting_days.drift(session, now=now)
        releasing.places(self.database, now=now)
        with self.database.transaction() as session:
            kept = rollup.keep(session, counted=counted, windows=LONG, now=now)
            rollup.keep_days(
                session, counted=drift, figures=counting_days.DRIFT, since=now.date(), now=now
            )
        return kept

    def _take_databases(self, now: datetime) -> int:
        return renewal.carry_out(self.settings, self.database, now=now)

    def _compare_databases(self, now: datetime) -> int:
        """Look at the configured files, if they are new; a worker that ends waits for no look."""
        del now
        if not renewal.is_due(self.settings):
            return 0
        process = multiprocessing.get_context("spawn").Process(
            target=renewal.renew_once, args=(self.settings,), daemon=True
        )
        process.start()
        while process.is_alive() and not self.stop.is_set():
            process.join(TICK)
        if process.is_alive():
            process.terminate()
            process.join()
        elif process.exitcode:
            raise RuntimeError("the databases could not be compared")
        return 1

    def _publish(self, now: datetime) -> int:
        return publish_due(
            self.database, settings=self.settings, vocabulary=self.vocabulary, now=now
        )

    def _granularity(self, now: datetime) -> int:
        """Once after a start: what is stored may be finer than the setting allows now."""
        if self._coarse:
            return 0
        with self.database.transaction() as session:
            count = coarsen(
                session,
                actor=Actor.system("worker"),
                vocabulary=self.vocabulary,
                granularity=self.settings.granularity,
                now=now,
            )
        self._coarse = count == 0
        return count

    def _expire(self, now: datetime) -> int:
        with self.database.transaction() as session:
            return upkeep.expire_corrections(session, now=now)

    def _start(self, now: datetime) -> int:
        with self.database.transaction() as session:
            return plans.start_due(
                session, vocabulary=self.vocabulary, settings=self.settings, now=now
            )

    def _batches(self, now: datetime) -> int:
        """Go on with the lists that people made, until none is left."""
        del now  # a long list outlasts it
        total = 0
        while not self.stop.is_set():
            with self.database.transaction() as session:
                count = batches.run_some(
                    session, vocabulary=self.vocabulary, settings=self.settings, now=clock.now()
                )
            if not count:
                break
            total += count
            self.stop.wait(_TURN)
        return total

    def _draw(self, now: datetime) -> int:
        [key, *_] = Keyring(self.settings.secret_key).derive("second-look")
        with self.database.transaction() as session:
            return looks.draw(session, key=key, share=self.settings.second_look_share, now=now)

    def _retention(self, now: datetime) -> int:
        total = 0
        while not self.stop.is_set():
            with self.database.transaction() as session:
                gone = upkeep.purge(session, settings=self.settings, now=now)
            total += gone
            if gone < upkeep.BATCH:
                break
            self.stop.wait(_TURN)
        DayKeys.of(self.settings).key(now.date())  # destroys what older days were compared under
        self.database.truncate_log()
        return total

    def _digest(self, now: datetime) -> int:
        with self.database.transaction() as session:
            return notices.digest(session, now=now)

    def _checkpoint(self, now: datetime) -> int:
        with self.database.transaction() as session:
            note = checkpoint(session, key=audit_key(self.settings), now=now)
        if note is None:
            return 0
        with checkpoints_path(self.settings).open("a", encoding="utf-8") as file:
            file.write(note + "\n")
        return 1
