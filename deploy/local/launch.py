"""Becomes another program, after asking the kernel to end that program when its supervisor ends.

Run as `python -I -S launch.py PARENT_PID SIGNAL UID GID PROGRAM ARGUMENT...`; UID and GID are -1 to stay as we are.

Guarantee: on Linux a supervisor that dies in any way, SIGKILL included, takes the program with it (PR_SET_PDEATHSIG).
The kernel ties that to the *thread* which started us, so the supervisor must start processes from its main thread. It
forgets the wish when the user changes, hence the order below. A program of its own, and no `preexec_fn`: Python code
between fork and exec can deadlock in a process with threads. Imports the standard library only, so that it starts in
about 20 ms. Elsewhere than on Linux the wish is left out.

The program hears signals as one that a shell starts does: what our starter ignores or blocks is inherited through fork and
exec (`nohup tocsin up` ignores SIGHUP), and a child that ignores SIGHUP would never read its configuration again.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h
HEARD = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
"""What the supervisor tells a child by."""


def main(arguments: list[str]) -> None:
    """Change user, bind our life to the parent's, become the program. Ends with an OSError when that fails."""
    parent_pid, death_signal, uid, gid = (int(a) for a in arguments[:4])
    program = arguments[4:]
    libc = ctypes.CDLL(None, use_errno=True)
    for number in HEARD:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)  # from here on nothing can be imported: Python's own files may be out of reach
    if sys.platform == "linux" and libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent_pid:  # it died before we asked
        sys.exit(0)
    os.execv(program[0], program)  # noqa: S606 - that is the point


if __name__ == "__main__":
    main(sys.argv[1:])
