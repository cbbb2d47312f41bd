"""Worker processes that end with the process that started them."""

from __future__ import annotations

import multiprocessing
import os
import threading
from multiprocessing.process import BaseProcess


def end_with_parent() -> None:
    """Watch the parent from a worker process: once it is gone, so is the worker, in the middle of its work.

    The initializer of a process pool. A parent that is killed tells its workers nothing, and they would wait for work,
    with all the memory they hold, until the machine is restarted. Does nothing in a process that nobody started so.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_leave, args=(parent,), daemon=True).start()


def _wait_and_leave(parent: BaseProcess) -> None:
    parent.join()
    # Any other way out waits for the pool's queues, which nobody reads any more.
    os._exit(1)
