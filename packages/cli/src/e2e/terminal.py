"""Runs a command at a terminal of its own and does what a person would.

usage: terminal.py STEPS COMMAND…    STEPS is JSON: [{"when": "text", "type": "keys"} | {"when": "text", "size": [columns, rows]}]

Each step waits until the text has appeared since the last one. Prints JSON: the text without control sequences, the exit code,
null when a text did not come in time, and after how many seconds each step's text was there.
"""

import fcntl, json, os, pty, re, select, struct, sys, termios, time

PATIENCE_S = 150
CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\r")


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


steps, command = json.loads(sys.argv[1]), sys.argv[2:]
begun = time.monotonic()
process, terminal = pty.fork()
if process == 0:
    os.execvp(command[0], command)
resize(terminal, 80, 24)
raw, seen, since, times = b"", "", 0, []


def read(patience_s):
    """More of what the command wrote; False when it has ended or writes nothing."""
    global raw, seen
    if not select.select([terminal], [], [], patience_s)[0]:
        return False
    try:
        raw += os.read(terminal, 65536)
    except OSError:
        return False
    seen = CONTROLS.sub("", raw.decode("utf8", "replace"))
    return True


complete = True
for step in steps:
    while step["when"] not in seen[since:]:
        if not read(PATIENCE_S):
            complete = False
            break
    if not complete:
        break
    since = len(seen)
    times.append(time.monotonic() - begun)
    if "size" in step:
        resize(terminal, *step["size"])
    else:
        os.write(terminal, step["type"].encode())
while complete and read(PATIENCE_S):
    pass
if not complete:
    os.kill(process, 9)
status = os.waitpid(process, 0)[1]
code = os.waitstatus_to_exitcode(status) if complete else None
print(json.dumps({"text": seen, "code": code, "times": times}))
