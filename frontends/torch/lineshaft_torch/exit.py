"""The end of the process: work in flight is waited for, and nothing touches the devices afterwards."""

import atexit
import sys
import threading

from . import _C


def _finish():
    if _C.is_forked():
        return
    try:
        _C.drain_autograd()
    except Exception as error:  # the process ends anyway; what is wrong is said
        print(f"lineshaft: {error}", file=sys.stderr)
    alone = threading.active_count() == 1
    problem = _C.shut_down(close=alone)
    if problem:
        print(f"lineshaft: an error that nobody waited for: {problem}", file=sys.stderr)
    summary = _C.fallback_summary()
    if summary:
        print(summary, file=sys.stderr)


def register():
    atexit.register(_finish)
