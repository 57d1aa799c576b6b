"""Tries to get out of the sandbox, in every way that we know of, and prints what happened as JSON.

Run it inside a sandbox only. Each attempt answers with None when it was stopped, or with what it got hold of.
The argument is a JSON object with the bait that the host laid out: see src/sandbox/try-escapes.ts.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys

bait = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
ARM = os.uname().machine == "aarch64"
number = lambda x64, arm64: ctypes.c_long(arm64 if ARM else x64)
attempts = {}


def attempt(name):
    def keep(function):
        attempts[name] = function
        return function
    return keep


def read(path):
    try:
        with open(path, "rb") as file:
            return "read %s" % path if file.read(64) else None
    except OSError:
        return None


def got(result, what):
    return what if result >= 0 else None


@attempt("read /etc/shadow")
def shadow():
    return read("/etc/shadow")


@attempt("read the agent's own keys")
def keys():
    return read(bait["key"])


@attempt("read another workspace")
def sibling():
    return read(bait["sibling"])


@attempt("write outside the workspace")
def outside():
    try:
        with open(bait["outside"] + "/written", "w") as file:
            file.write("x")
    except OSError:
        return None
    # With mounts there may be a private folder of that name: what counts is what the host finds there.
    return "host: written"


@attempt("write through a link out of the workspace")
def through_link():
    try:
        os.symlink(bait["outside"], "way-out")
        with open("way-out/through-link", "w") as file:
            file.write("x")
    except OSError:
        return None
    return "host: through-link"


@attempt("hard link to a file outside")
def hard_link():
    try:
        os.link(bait["sibling"], "second-name")
    except OSError:
        return None
    return "linked " + bait["sibling"]


@attempt("connect to a port of the host")
def port():
    try:
        socket.create_connection(("127.0.0.1", bait["port"]), 2).close()
    except OSError:
        return None
    return "connected to 127.0.0.1"


@attempt("connect to a unix socket of the host")
def unix_socket():
    try:
        link = socket.socket(socket.AF_UNIX)
        link.connect(bait["socket"])
    except OSError:
        return None
    return "connected to " + bait["socket"]


@attempt("connect to an abstract socket of the host")
def abstract_socket():
    try:
        link = socket.socket(socket.AF_UNIX)
        link.connect(("\0" + bait["abstract"]).ljust(108, "\0"))  # as Node names it
    except OSError:
        return None
    return "connected to @" + bait["abstract"]


@attempt("reach the machine below by vsock")
def vsock():
    try:
        socket.socket(40, socket.SOCK_STREAM).close()
    except OSError:
        return None
    return "made a vsock socket"


def others(file):
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                with open("/proc/%s/%s" % (name, file)) as entry:
                    if bait["mark"] in entry.read():
                        return "read %s of process %s" % (file, name)
            except OSError:
                pass
    return None


@attempt("see other processes")
def processes():
    return others("cmdline")


@attempt("read another process's environment")
def environment():
    return others("environ")


@attempt("signal another process")
def signals():
    try:
        os.kill(bait["victim"], 0)
        with open("/proc/%d/cmdline" % bait["victim"]) as file:
            if bait["mark"] not in file.read():
                return None
    except OSError:
        return None
    return "may signal process %d" % bait["victim"]


@attempt("trace another process")
def trace():
    return got(libc.syscall(number(101, 117), 16, bait["victim"], None, None), "attached to a process")


@attempt("read the memory of another process")
def memory():
    buffer = ctypes.create_string_buffer(8)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    mine = ctypes.byref(vector)
    result = libc.syscall(number(310, 270), os.getpid(), mine, ctypes.c_ulong(1), mine, ctypes.c_ulong(1), ctypes.c_ulong(0))
    return got(result, "process_vm_readv works")


@attempt("find a secret in the environment")
def own_environment():
    return "found it" if bait["mark"] in json.dumps(dict(os.environ)) else None


@attempt("use an inherited descriptor")
def descriptors():
    for entry in os.listdir("/proc/self/fd"):
        if int(entry) > 2:
            try:
                if bait["mark"].encode() in os.pread(int(entry), 200, 0):
                    return "read descriptor " + entry
            except OSError:
                pass
    return None


@attempt("be root")
def root():
    return None if 0 not in os.getresuid() + os.getresgid() else "user ids %r" % (os.getresuid(),)


@attempt("have a capability")
def capabilities():
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith(("CapPrm", "CapEff", "CapAmb")) and int(line.split()[1], 16):
                return line.strip()
    return None


@attempt("mount something")
def mount():
    os.makedirs("mount-point", exist_ok=True)
    return got(libc.mount(b"tmpfs", b"mount-point", b"tmpfs", 0, None), "mounted a tmpfs")


@attempt("make a user namespace with unshare")
def user_namespace():
    child = os.fork()
    if child == 0:
        os._exit(0 if libc.unshare(0x10000000) == 0 else 1)
    return None if os.waitpid(child, 0)[1] else "made a user namespace"


def cloned(call):
    pid = call()
    if pid == 0:
        os._exit(0)
    if pid > 0:
        os.waitpid(pid, 0x40000000)
    return got(pid, "made a user namespace")


@attempt("make a user namespace with clone")
def clone_namespace():
    return cloned(lambda: libc.syscall(number(56, 220), ctypes.c_long(0x10000000 | 17), None, None, None, None))


@attempt("make a user namespace with clone3")
def clone3_namespace():
    arguments = (ctypes.c_uint64 * 8)(0x10000000, 0, 0, 0, 17, 0, 0, 0)
    return cloned(lambda: libc.syscall(number(435, 435), ctypes.byref(arguments), ctypes.c_size_t(64)))


@attempt("make a device file")
def device():
    try:
        os.mknod("disk", 0o60600, os.makedev(254, 0))
    except OSError:
        return None
    return "made a block device"


@attempt("open a disk")
def disk():
    for name in ("/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/mem", "/dev/kmsg"):
        if read(name):
            return "read " + name
    return None


@attempt("use the kernel's keyring")
def keyring():
    return got(libc.syscall(number(250, 219), 0, ctypes.c_long(-3), 1), "keyctl works")


@attempt("use io_uring")
def io_uring():
    buffer = ctypes.create_string_buffer(256)
    return got(libc.syscall(number(425, 425), 4, buffer), "io_uring works")


@attempt("use bpf")
def bpf():
    buffer = (ctypes.c_uint32 * 32)(2, 4, 4, 1)
    return got(libc.syscall(number(321, 280), 0, buffer, 72), "bpf works")


@attempt("type into the terminal")
def terminal():
    import fcntl
    import termios
    try:
        with open("/dev/tty", "rb", buffering=0) as tty:
            fcntl.ioctl(tty, termios.TIOCSTI, b"x")
    except OSError:
        return None
    return "typed a character"


@attempt("change a setting of the kernel")
def setting():
    try:
        with open("/proc/sys/kernel/hostname", "w") as file:
            file.write("escaped")
    except OSError:
        return None
    return "changed the host's name"


@attempt("write to the system's programs")
def system():
    try:
        with open("/usr/bin/ml-intern-was-here", "w"):
            return "wrote to /usr/bin"
    except OSError:
        return None


@attempt("regain rights through a set-uid program")
def set_uid():
    found = next((path for path in ("/usr/bin/su", "/usr/bin/passwd", "/usr/bin/mount") if os.path.exists(path)), None)
    if found is None:
        return None
    with open("/proc/self/status") as file:
        return None if "NoNewPrivs:\t1" in file.read() else "no_new_privs is not set"


# The attempts below use up what the limits of the test allow; each runs in a command of its own.


def fork_bomb():
    children = []
    try:
        for _ in range(1500):
            child = os.fork()
            if child == 0:
                signal.pause()
            children.append(child)
    except OSError:
        pass
    for child in children:
        os.kill(child, signal.SIGKILL)
    # Where the limit holds for all processes of the user, those that end meanwhile make room for a few more.
    return None if len(children) < 2 * bait["processes"] else "%d processes" % len(children)


def memory_hog():
    kept = []
    try:
        while len(kept) < bait["memory"] // 2**25 * 2:
            kept.append(bytearray(os.urandom(1)) * 2**25)
    except MemoryError:
        return None
    return "%d MiB" % (len(kept) * 32)


def memory_of_children():
    hog = "import time; x = bytearray(b'x') * %d; print('full', flush=True); time.sleep(2)" % (bait["memory"] // 2)
    children = [subprocess.Popen([sys.executable, "-c", hog], stdout=subprocess.PIPE) for _ in range(4)]
    full = sum(child.stdout.readline() == b"full\n" for child in children)
    for child in children:
        child.wait()
    alive = sum(child.returncode == 0 for child in children)
    return "%d children with half of the limit each" % alive if full == 4 and alive == 4 else None


def big_file():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with open("big", "wb") as file:
            for _ in range(bait["file"] // 2**20 + 8):
                file.write(b"x" * 2**20)
    except OSError:
        return None
    finally:
        size = os.path.getsize("big")
        os.remove("big")
    return "a file of %d MiB" % (size // 2**20)


def fill(folder, limit):
    import time
    size = 2**22
    for index in range(4 * limit // size):
        try:
            with open("%s/part-%d" % (folder, index), "wb") as file:
                file.write(b"x" * size)
        except OSError:
            return None
        time.sleep(0.02)
    return "%d MiB in many files" % (4 * limit // 2**20)


def full_disk():
    return fill(".", bait["disk"])


def full_temporary():
    """Without a private /tmp, temporary files are files of the workspace."""
    return fill(os.environ["TMPDIR"], max(bait["disk"], bait["temporary"]))


def daemon():
    """Leaves the process group and the session, twice removed, and shows that it lives by a growing file."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            import time
            while True:
                with open("alive", "a") as file:
                    file.write("x")
                time.sleep(0.02)
        os._exit(0)
    import time
    while not os.path.exists("alive"):
        time.sleep(0.02)
    return None


single = {
    "fork bomb": fork_bomb, "memory of one process": memory_hog, "memory of all processes": memory_of_children,
    "one big file": big_file, "fill the disk": full_disk, "fill the temporary folder": full_temporary, "daemon": daemon,
}


def outcome(function):
    try:
        return function()
    except Exception as error:
        return "the attempt itself failed: %r" % error


attempts.update(single)
print(json.dumps({name: outcome(attempts[name]) for name in json.loads(sys.argv[2])}))
