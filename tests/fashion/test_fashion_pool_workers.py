"""Worker processes do not outlive a parent that is killed."""

import subprocess
import sys

PARENT = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
from fashion.pool_workers import end_with_parent

if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=end_with_parent)
    print(pool.submit(abs, -1).result(), flush=True)
    sys.stdin.read()
"""


def test_a_worker_ends_when_its_parent_is_killed(tmp_path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout.readline() == "1\n"
    parent.kill()
    # The worker holds the other end of this pipe as long as it lives.
    rest, _ = parent.communicate(timeout=60)
    assert rest == ""
