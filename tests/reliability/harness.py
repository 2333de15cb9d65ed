"""Real processes that begin at the same moment.

They come from a fork server that never opened a connection: each is as clean as a new
interpreter, without the second that importing takes.
"""

import multiprocessing
import time
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.reliability.work"])

Wait = Callable[[], object]


def at_once(
    task: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], *, seconds: float = 120
) -> list[Any]:
    """Run `task(wait, *arguments[i])` in one process each; returns what they returned, in order.

    `wait()` inside a task blocks until every process has called it, as often as it is called.
    """
    barrier = _CONTEXT.Barrier(len(arguments), timeout=seconds)
    lines, processes = [], []
    for each in arguments:
        mine, theirs = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=_run, args=(theirs, barrier, task, each), daemon=True)
        process.start()
        theirs.close()
        lines.append(mine)
        processes.append(process)
    try:
        return _collect(lines, time.monotonic() + seconds)
    except EOFError:
        for process in processes:
            process.join(1)
        codes = [process.exitcode for process in processes]
        raise AssertionError(f"a process ended without a word; exit codes {codes}") from None
    finally:
        for line, process in zip(lines, processes, strict=True):
            line.close()
            process.join(5)
            if process.is_alive():
                process.kill()
                process.join()
            process.close()


def _collect(lines: Sequence[Connection], deadline: float) -> list[Any]:
    results = []
    for line in lines:
        if not line.poll(max(0, deadline - time.monotonic())):
            raise AssertionError("a process did not finish in time")
        done, value = line.recv()
        if not done:
            raise AssertionError(value)
        results.append(value)
    return results


def _run(line: Connection, barrier: Any, task: Callable[..., Any], arguments: Any) -> None:
    try:
        line.send((True, task(barrier.wait, *arguments)))
    except BaseException:  # noqa: BLE001 -- whatever it was, the test must hear of it
        barrier.abort()
        line.send((False, traceback.format_exc()))


def killed_once(
    task: Callable[..., Any], arguments: tuple[Any, ...], reached: Callable[[], bool], after: float
) -> bool:
    """Run `task(*arguments)` in a process and SIGKILL it `after` seconds after `reached()` was true
    first; False if it had ended by then.
    """
    process = _CONTEXT.Process(target=task, args=arguments, daemon=True)
    process.start()
    deadline = time.monotonic() + 120
    while process.is_alive() and not reached():
        if time.monotonic() > deadline:
            process.kill()
            raise AssertionError("a process did not come so far in time")
        time.sleep(0.005)
    process.join(after)
    killed = process.exitcode is None
    process.kill()
    process.join()
    if not killed and process.exitcode:
        raise AssertionError(f"a process ended with {process.exitcode}")
    process.close()
    return killed
