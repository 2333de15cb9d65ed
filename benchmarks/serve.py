"""Granian as `shudi serve` runs it, one worker: `python -m benchmarks.serve TARGET PORT`."""

import sys

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

from shudi.patience import THREADS

if __name__ == "__main__":
    Granian(
        sys.argv[1],
        port=int(sys.argv[2]),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=int(sys.argv[3]) if len(sys.argv) > 3 else THREADS,
        backpressure=THREADS,
        http1_settings=HTTP1Settings(max_buffer_size=256 * 1024),
        log_level="warning",
        log_access=False,
        workers_kill_timeout=10,
    ).serve()
