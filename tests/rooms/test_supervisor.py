"""Who watches the processes of the platform, when signals come at the worst moment."""

import subprocess
import sys

_SCRIPT = """
import os, signal
from types import SimpleNamespace
from haochaping.site import stack

class AtTheWorstMoment:
    '''The lock of a child's exit code: Ctrl-C comes when it has just been taken.'''
    def __init__(self, lock):
        self.lock, self.comes = lock, True
    def acquire(self, *how):
        taken = self.lock.acquire(*how)
        if taken and self.comes:
            self.comes = False
            os.kill(os.getpid(), signal.SIGINT)
        return taken
    __enter__ = acquire
    def release(self):
        self.lock.release()
    def __exit__(self, *how):
        self.release()

signal.signal(signal.SIGINT, stack._ask_to_stop)
child = stack.Child("sleeper", ["sleep", "600"])
stack._asked.watching = True
child.start()
child.process._waitpid_lock = AtTheWorstMoment(child.process._waitpid_lock)
try:
    stack._watch(SimpleNamespace(DATABASE_URL="somewhere"), [child])
except KeyboardInterrupt:
    pass
child.stop(5)
print(child.process.returncode)
"""


def test_ctrl_c_ends_the_watch_whenever_it_comes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], timeout=30, capture_output=True, text=True, check=True
    )
    assert done.stdout == "-15\n"
