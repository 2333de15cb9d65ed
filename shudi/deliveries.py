"""Delivering notices: who takes one, what it says when it goes out, and to whom.

Every attempt holds a lease on its message, so that two senders never have the same one at once;
a sender that dies leaves a lease that ends, and the message is taken again. So a message arrives
at least once, under an id that stays the same.
"""

import dataclasses
import json
import logging
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from shudi.db import Database
from shudi.errors import Refused, Unavailable
from shudi.labels.queries.served import lookup
from shudi.outbox import actions, codec, queries
from shudi.outbox.actions import Leased
from shudi.outbox.gateway import mail, webhook
from shudi.outbox.rules import Channel, Topic, Wording, fill
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.sites.queries import ReceiverRow, WordingRow, receiver, site_by_id, wordings
from shudi.staff.codec.keyring import Keyring

LANES: Final[dict[Channel, int]] = {Channel.WEBHOOK: 8, Channel.MAIL: 1}
_log = logging.getLogger("shudi.deliveries")
_Own = dict[tuple[str, str, str], WordingRow]
# Where a person reads on; mail names no account.
_PAGES: Final = {Topic.CORRECTION_DUE: "/queue?kind=expiry", Topic.DIGEST_EXPIRING: "/corrections"}


@dataclasses.dataclass(frozen=True, slots=True)
class Outgoing:
    """Everything an attempt needs, read before it begins: no transaction is open during it."""

    leased: Leased
    words: dict[str, Wording]
    data: dict[str, Any]
    receiver: webhook.Receiver | None


class Sender:
    """The lanes of one channel. A lane sends one message at a time and ends when none is due."""

    def __init__(
        self, settings: Settings, database: Database, vocabulary: Vocabulary, channel: Channel
    ) -> None:
        self.settings, self.database, self.vocabulary = settings, database, vocabulary
        self.channel = channel
        self.stop = threading.Event()
        self._keyring = Keyring(settings.secret_key, settings.secret_key_fallbacks)
        self._pool = ThreadPoolExecutor(LANES[channel], thread_name_prefix=channel.value)
        self._changed = threading.Condition()
        self._lanes = 0
        self._done = 0

    def run(self, now: datetime) -> int:
        """Open a lane if something is due and one is free; returns how many attempts ended since
        it was last asked. Never waits for a receiver.
        """
        with self._changed:
            done, self._done = self._done, 0
            full = self._lanes >= LANES[self.channel]
        if not full and self._next(now) is not None:
            self._open(now)
        return done

    def wait(self) -> None:
        """Until no lane is open."""
        with self._changed:
            self._changed.wait_for(lambda: self._lanes == 0)

    def close(self) -> None:
        """End after the attempts that are under way."""
        self.stop.set()
        self._pool.shutdown(wait=True)

    def _next(self, now: datetime) -> int | None:
        with self.database.read_session() as session:
            return queries.next_due(session, channel=self.channel, now=now)

    def _open(self, now: datetime) -> None:
        with self._changed:
            if self._lanes >= LANES[self.channel] or self.stop.is_set():
                return
            self._lanes += 1
        self._pool.submit(self._lane, now, time.monotonic())

    def _lane(self, begun: datetime, at: float) -> None:
        try:
            while not self.stop.is_set():
                now = begun + timedelta(seconds=time.monotonic() - at)
                message_id = self._next(now)
                if message_id is None:
                    return
                self._attempt(message_id, now)
        except Exception:  # noqa: BLE001 -- the last handler of this thread: the next run opens another lane
            _log.exception("delivery failed: %s", self.channel.value)
        finally:
            with self._changed:
                self._lanes -= 1
                self._changed.notify_all()

    def _attempt(self, message_id: int, now: datetime) -> None:
        with self.database.transaction() as session:
            leased = actions.lease(session, message_id=message_id, now=now)
        if leased is None:
            return
        self._open(now)  # whatever else is due need not wait for this one
        begun = time.monotonic()
        error = self._deliver(leased, now)
        now += timedelta(seconds=time.monotonic() - begun)
        with self.database.transaction() as session:
            if error is None:
                actions.discard(session, leased=leased, now=now)
            else:
                share = random.random()
                actions.attempted(session, leased=leased, error=error, share=share, now=now)
        with self._changed:
            self._done += 1

    def _deliver(self, leased: Leased, now: datetime) -> str | None:
        """What became of it: an empty string, a word, or None where there is no receiver."""
        try:
            with self.database.read_session() as session:
                outgoing = self._prepare(session, leased, now)
            return None if outgoing is None else self._send(outgoing, now)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 -- a message that we cannot put together must not hold up the others
            _log.exception("notice could not be sent: %s", leased.uid)
            return "internal"

    # -- what it says and to whom -----------------------------------------------------------------

    def _prepare(self, session: Session, leased: Leased, now: datetime) -> Outgoing | None:
        """None where nobody asked to be told: one who asks later is not told of the past."""
        found = None
        if self.channel is Channel.WEBHOOK:
            own = receiver(session, leased.site_id)
            found = receiver_of(self.settings, self._keyring, own, now)
        if found is None and not (self.channel is Channel.MAIL and self.settings.smtp_host):
            return None
        site = site_by_id(session, leased.site_id)
        if leased.site_id and site is None:
            return None  # closed since
        data = {**leased.payload, "site": site.key if site else None}
        region = None
        if site is not None and "account" in data:
            [(_, shown)] = lookup(session, site_key=site.key, accounts=[data["account"]]).labels
            region = shown.region
        facts = {
            "site": site.name if site else "",
            "case": str(data.get("case", "")),
            "count": str(data.get("count", "")),
            "link": self._link(leased.topic, data),
        }
        words = worded(
            leased.topic,
            self.channel,
            own=wordings(session, leased.site_id),
            facts={lang: facts | {"place": self._place(region, lang)} for lang in codec.LANGUAGES},
        )
        return Outgoing(leased, words, data, found)

    def _place(self, region: str | None, language: str) -> str:
        """What the label shows now, never finer than it may be by now."""
        if region is None or region not in self.vocabulary:
            return codec.no_place(language)
        code = self.vocabulary.coarsen(region, self.settings.granularity)
        return self.vocabulary.get(code).on_labels[language]

    def _link(self, topic: Topic, data: dict[str, Any]) -> str:
        path = _PAGES.get(topic) or f"/cases/{data.get('case', '')}"
        return self.settings.base_url.rstrip("/") + path

    def _send(self, outgoing: Outgoing, now: datetime) -> str:
        leased = outgoing.leased
        if outgoing.receiver is not None:
            return webhook.post(outgoing.receiver, uid=leased.uid, body=body(outgoing), now=now)
        language = self.settings.smtp_language
        server = mail_server(self.settings)
        message = mail.compose(
            server, uid=leased.uid, words=outgoing.words[language], language=language, now=now
        )
        return mail.send(server, message)


def worded(
    topic: Topic, channel: Channel, *, own: _Own, facts: dict[str, dict[str, str]]
) -> dict[str, Wording]:
    """The notice's words by language, a site's own before the shipped ones; {} if it has none."""
    words = {}
    for language in codec.LANGUAGES:
        wording = codec.shipped(language).get((topic, channel))
        if wording is None:
            return {}
        row = own.get((topic.value, channel.value, language))
        words[language] = fill(
            wording if row is None else Wording(row.title, row.text), facts[language]
        )
    return words


def body(outgoing: Outgoing) -> bytes:
    """What a webhook carries; docs/notices.md describes it."""
    leased = outgoing.leased
    words = {language: dataclasses.asdict(one) for language, one in outgoing.words.items()}
    content = {
        "type": leased.topic.value,
        "timestamp": leased.created_at.isoformat(),
        "data": {**outgoing.data, "words": words or None},
    }
    return json.dumps(content, ensure_ascii=False).encode()


def receiver_of(
    settings: Settings, keyring: Keyring, own: ReceiverRow, now: datetime
) -> webhook.Receiver | None:
    """Where a site's webhooks go: its own receiver, else the settings'; None: nowhere."""
    url = own.url or settings.webhook_url
    secrets = [settings.webhook_secret] if settings.webhook_secret else []
    try:
        if own.sealed:
            secrets = [keyring.unseal(own.sealed)]
        if own.sealed_before and own.before_until is not None and own.before_until > now:
            secrets.append(keyring.unseal(own.sealed_before))
    except Refused:
        return None  # the secret key was changed without its fallback: nothing can be signed
    if not url or not secrets:
        return None
    return webhook.Receiver(
        url,
        tuple(secrets),
        private=settings.webhook_private,
        loopback=settings.webhook_private or not own.url,
    )


def mail_server(settings: Settings) -> mail.Server:
    """The mail server of the settings."""
    return mail.Server(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password,
        sender=settings.smtp_from,
        recipients=settings.smtp_to,
    )
