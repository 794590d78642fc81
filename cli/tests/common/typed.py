"""Runs a command on a terminal of its own, and types a line once it asks: `typed.py LINE COMMAND…`."""

import os
import pty
import sys

line, *command = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
shown = b""
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:
        break
    if not data:
        break
    was_asked = b"type yes-delete" in shown
    shown += data
    if not was_asked and b"type yes-delete" in shown:
        os.write(terminal, line.encode() + b"\n")
os.write(1, shown.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
