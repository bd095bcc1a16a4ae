# SPDX-License-Identifier: Apache-2.0
"""Runs a command and writes what it took as JSON: `python -I -S measured.py RESULT COMMAND…`.

A process of its own, with nothing else loaded: the kernel counts the memory of whoever starts a program towards that
program's peak (getrusage(2), ru_maxrss), so the starter has to be small.
"""

import os
import sys

result, command = sys.argv[1], sys.argv[2:]
process = os.posix_spawnp(command[0], command, os.environ)
_, status, usage = os.wait4(process, 0)
with open(result, "w") as file:
    file.write(f'{{"cpu": {usage.ru_utime + usage.ru_stime:.4f}, "peak_kb": {usage.ru_maxrss}}}')
sys.exit(os.waitstatus_to_exitcode(status))
