"""measure.py COMMAND...: runs it, then prints {seconds, cpu_seconds, memory_mb} of it and its children on stdout.

The memory is the resident peak of the largest process among them. What the command prints goes to stderr.
"""

import json
import resource
import subprocess
import sys
import time

began = time.monotonic()
code = subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=sys.stderr)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
figures = {
    "seconds": time.monotonic() - began,
    "cpu_seconds": used.ru_utime + used.ru_stime,
    "memory_mb": used.ru_maxrss / 1024,
}
print(json.dumps(figures))
sys.exit(code)
