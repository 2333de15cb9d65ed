"""`python -m demo.forum`: serve the forum."""

from granian.constants import Interfaces
from granian.server import Server

from demo.places import FORUM_HOST, FORUM_PORT

if __name__ == "__main__":
    Server(
        "demo.forum:create_app",
        factory=True,
        address=FORUM_HOST,
        port=FORUM_PORT,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=4,
        log_access=False,
        workers_kill_timeout=5,
    ).serve()
