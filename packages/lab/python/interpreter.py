"""A Python that keeps its variables from one request to the next, inside the sandbox.

It talks in JSON lines over file descriptor 3 (see src/interpreter/open-interpreter.ts):
in   {"id": 1, "code": "x = 1\\nx + 1"}     {"interrupt": true}
out  {"id": 1, "value": "2", "error": null}
What the code prints goes to the ordinary output; after it comes a mark with the request's id, so that the host knows where
the output of a request ends.

The code shares this process: it can say anything over the channel. The host trusts nothing that comes from here.
"""

import ast
import json
import linecache
import os
import signal
import sys
import threading
import traceback
import types

LONGEST_VALUE = 20_000
LONGEST_ERROR = 20_000

channel = os.fdopen(3, "r+b", buffering=0)
os.set_inheritable(3, False)
waiting = threading.Condition()
requests = []
busy = False


def receive():
    """Runs beside the code, so that an interrupt arrives while the code works."""
    for line in iter(channel.readline, b""):
        request = json.loads(line)
        if "interrupt" in request:
            if busy:
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            continue
        with waiting:
            requests.append(request)
            waiting.notify()
    os._exit(0)


def next_request():
    with waiting:
        while not requests:
            waiting.wait()
        return requests.pop(0)


def split_last_expression(code, filename):
    tree = ast.parse(code, filename)
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        return tree, None
    last = ast.Expression(tree.body.pop().value)
    return tree, last


def bounded(text, longest):
    half = longest // 2
    return text if len(text) <= longest else "%s\n[… %d characters left out …]\n%s" % (
        text[:half], len(text) - 2 * half, text[-half:])


def run(code, filename, scope):
    linecache.cache[filename] = (len(code), None, code.splitlines(True), filename)
    tree, last = split_last_expression(code, filename)
    exec(compile(tree, filename, "exec"), scope)
    if last is None:
        return None
    value = eval(compile(last, filename, "eval"), scope)
    return None if value is None else bounded(repr(value), LONGEST_VALUE)


def explain(filename):
    """The traceback without our own frames."""
    kind, error, trace = sys.exc_info()
    while trace is not None and trace.tb_frame.f_code.co_filename != filename:
        trace = trace.tb_next
    return bounded("".join(traceback.format_exception(kind, error, trace)), LONGEST_ERROR)


def answer(request, scope):
    global busy
    filename = "<call %d>" % request["id"]
    value = error = None
    try:
        busy = True
        value = run(request["code"], filename, scope)
    except SystemExit as stop:
        error = None if stop.code in (None, 0) else "SystemExit: %s" % stop.code
    except BaseException:
        error = explain(filename)
    finally:
        busy = False
    return {"id": request["id"], "value": value, "error": error}


def main():
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    scope = module.__dict__
    sys.stdin = open(os.devnull)
    sys.path.insert(0, os.getcwd())
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=receive, daemon=True).start()
    while True:
        try:
            request = next_request()
            reply = answer(request, scope)
            for stream in (sys.stdout, sys.stderr):
                try:
                    stream.flush()
                except Exception:
                    pass  # the code may have closed it
            try:
                os.write(1, b"\0end %d\0" % request["id"])
            except OSError:
                pass  # closed by the code; the host waits a moment and goes on
            channel.write(json.dumps(reply).encode() + b"\n")
        except KeyboardInterrupt:
            continue  # an interrupt that came when nothing ran any more


main()
