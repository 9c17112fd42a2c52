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
child.start()
child.process._waitpid_lock = AtTheWorstMoment(child.process._waitpid_lock)
stack._watch(SimpleNamespace(DATABASE_URL="somewhere"), [child])
child.stop(5)
print(child.process.returncode)
"""


def test_ctrl_c_ends_the_watch_whenever_it_comes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], timeout=30, capture_output=True, text=True, check=True
    )
    assert done.stdout == "-15\n"


_RENEWAL = """
import os, signal, sys, threading, time
from haochaping.site import stack

stack._HCP[:] = [sys.executable, "-c", "import time; time.sleep(600)"]  # a migration that takes long
signal.signal(signal.SIGTERM, stack._ask_to_stop)
threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
child = stack.Child("sleeper", ["sleep", "600"])
child.start()
stack._renew([child])
print(child.process.poll())  # it was not started anew
child.stop(5)
"""


def test_a_stop_during_an_update_ends_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _RENEWAL], timeout=30, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "None"
