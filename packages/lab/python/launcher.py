"""The last program of ours before the sandboxed command: it takes away rights, one by one, and then becomes the command.

It reads one line from file descriptor 3: a plan in JSON, written by src/sandbox/launch-plan.ts. It answers there with one
line: {"ready": true} just before the command starts, or {"failed": "..."} when a wall could not be put up, in which case
the command is not started. Inside bubblewrap the mounts exist already; under `unshare` this program makes them.

It is run with `python -I -S -c`, once per command, so it imports only what starts fast (json alone costs ten milliseconds:
a JSON text from JSON.stringify is also a Python expression).

Not covered here: processes, memory and processor limits of the whole tree. Those are control groups, made by the host.
"""

import _signal as signal  # the public module costs three milliseconds of enumerations
import binascii
import ctypes
import fcntl
import os
import resource
import select
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
CONTROL = 3
CHANNEL = 4
AARCH64 = os.uname().machine == "aarch64"

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_NOATIME, MS_NODIRATIME, MS_BIND, MS_REC, MS_PRIVATE, MS_RELATIME = 1024, 2048, 4096, 16384, 1 << 18, 1 << 21
MNT_DETACH = 2
MOUNT_OPTIONS = {
    "ro": MS_RDONLY, "nosuid": MS_NOSUID, "nodev": MS_NODEV, "noexec": MS_NOEXEC,
    "noatime": MS_NOATIME, "nodiratime": MS_NODIRATIME, "relatime": MS_RELATIME,
}


def check(result, what):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (what, os.strerror(number)))
    return result


def syscall(number, *arguments):
    return libc.syscall(ctypes.c_long(number), *arguments)


def mount(source, target, kind, flags, data=None):
    encode = lambda text: None if text is None else os.fsencode(text)
    result = libc.mount(encode(source), encode(target), encode(kind), ctypes.c_ulong(flags), encode(data))
    check(result, "mount %s" % target)


def pivot_root(new, old):
    check(syscall(41 if AARCH64 else 155, os.fsencode(new), os.fsencode(old)), "pivot_root")


# --- mounts -----------------------------------------------------------------------------------------------------------


def mounts_below(target):
    """Mount points at or below a path, with the flags that they have: a user namespace must not take a flag away."""
    with open("/old/proc/self/mountinfo") as table:
        for line in table:
            fields = line.split()
            point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
            if point == target or point.startswith(target + "/"):
                yield point, sum(MOUNT_OPTIONS.get(option, 0) for option in fields[5].split(","))


def restrict(target, flags):
    for point, present in list(mounts_below(target)):
        mount(None, point, None, MS_BIND | MS_REMOUNT | present | flags)


def make_place(target, like):
    if os.path.lexists(target):
        return
    if os.path.isdir(like):
        os.makedirs(target, 0o755)
        return
    os.makedirs(os.path.dirname(target), 0o755, exist_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))


def make_mount(entry):
    kind, target = entry["kind"], "/new" + entry["target"].rstrip("/")
    if kind == "bind":
        source = "/old" + entry["source"]
        make_place(target, source)
        mount(source, target, None, MS_BIND | MS_REC)
        flags = MS_NOSUID | (0 if entry["devices"] else MS_NODEV) | (0 if entry["writable"] else MS_RDONLY)
        restrict(target, flags)
    elif kind == "tmpfs":
        os.makedirs(target, 0o755, exist_ok=True)
        options = "mode=%s,size=%d" % (entry["mode"], entry["bytes"])
        mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, options)
    elif kind == "folder":
        os.makedirs(target, 0o755, exist_ok=True)
    elif kind == "proc":
        os.makedirs(target, 0o755, exist_ok=True)
        mount("proc", target, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    elif kind == "symlink":
        os.makedirs(os.path.dirname(target), 0o755, exist_ok=True)
        os.symlink(entry["to"], target)
    elif kind == "freeze":
        flags = dict(mounts_below(target))[target]
        mount(None, target, None, MS_BIND | MS_REMOUNT | MS_RDONLY | flags)


def build_root(entries):
    """Builds a new root out of a tmpfs, as bubblewrap does, and lets go of the old one."""
    os.umask(0o022)
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=16m")
    os.mkdir("/tmp/new")
    os.mkdir("/tmp/old")
    mount("/tmp/new", "/tmp/new", None, MS_BIND)
    pivot_root("/tmp", "/tmp/old")
    os.chdir("/")
    for entry in entries:
        make_mount(entry)
    check(libc.umount2(b"/old", MNT_DETACH), "umount /old")
    os.chdir("/new")
    pivot_root(".", ".")
    check(libc.umount2(b".", MNT_DETACH), "umount .")
    os.chdir("/")


def raise_loopback():
    import _socket

    link = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
    fcntl.ioctl(link.fileno(), 0x8914, b"lo".ljust(16, b"\0") + (0x41).to_bytes(2, sys.byteorder) + bytes(22))
    link.close()


# --- rights -----------------------------------------------------------------------------------------------------------


def drop_user(uid, gid):
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def drop_bounding_set():
    for capability in range(64):
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP; refused where we hold none, which is as good


def drop_capabilities():
    libc.prctl(47, 4, 0, 0, 0)  # PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    check(libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")


READ_FILES, READ_ALL = 1 | 4, 1 | 4 | 8
FILE_RIGHTS = 1 | 2 | 4 | 1 << 14 | 1 << 15


class RulesetAttributes(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("access", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def apply_landlock(rules, scoped):
    version = check(syscall(444, None, ctypes.c_size_t(0), ctypes.c_uint32(1)), "landlock")
    handled = (1 << 13) - 1
    handled |= (1 << 13 if version >= 2 else 0) | (1 << 14 if version >= 3 else 0) | (1 << 15 if version >= 5 else 0)
    attributes = RulesetAttributes(handled, 0, 3 if scoped and version >= 6 else 0)
    size = 24 if version >= 6 else 8
    ruleset = check(syscall(444, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0)), "landlock ruleset")
    no_nodes = ~(1 << 6 | 1 << 11)  # never a character or block device
    rights = {"read": READ_ALL, "write": handled & no_nodes & ~(1 << 15), "device": 2 | 4}
    for rule in rules:
        try:
            place = os.open(rule["path"], os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        access = rights[rule["access"]] & handled
        if os.fstat(place).st_mode & 0o170000 != 0o040000:
            access &= FILE_RIGHTS
        entry = PathRule(access, place)
        check(syscall(445, ruleset, 1, ctypes.byref(entry), ctypes.c_uint32(0)), "landlock rule for %s" % rule["path"])
        os.close(place)
    check(syscall(446, ruleset, ctypes.c_uint32(0)), "landlock")
    os.close(ruleset)


class FilterProgram(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def apply_seccomp(encoded):
    code = binascii.a2b_base64(encoded)
    program = FilterProgram(len(code) // 8, code)
    check(libc.prctl(22, 2, ctypes.byref(program), 0, 0), "seccomp")


def lock_down(plan):
    if plan["cwd_first"]:
        os.chdir(plan["cwd"])  # while a root that is about to drop its user can still walk there
    if plan["unprivileged"]:
        drop_bounding_set()
    if plan["user"] is not None:
        drop_user(plan["user"]["uid"], plan["user"]["gid"])
    if plan["unprivileged"]:
        drop_capabilities()
        check(libc.prctl(38, 1, 0, 0, 0), "no_new_privs")
    if plan["landlock"] is not None:
        apply_landlock(plan["landlock"]["rules"], plan["landlock"]["scoped"])
    if plan["seccomp"] is not None:
        apply_seccomp(plan["seccomp"])


# --- the command and who watches it -----------------------------------------------------------------------------------


def become(plan, control):
    for number, value in plan["rlimits"]:
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (value, value))
    if not plan["cwd_first"]:
        os.chdir(plan["cwd"])
    for number in (signal.SIGPIPE, signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.umask(0o022)
    os.write(control, b'{"ready": true}\n')
    try:
        os.execvpe(plan["argv"][0], plan["argv"], plan["env"])
    except OSError as error:
        os.write(2, ("%s: %s\n" % (plan["argv"][0], error.strerror)).encode())
        os._exit(126 if isinstance(error, PermissionError) else 127)


def descendants():
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, "rb") as file:
                    parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
            except (OSError, IndexError):
                continue  # it ended while we looked
    found, frontier = [], {os.getpid()}
    while frontier:
        frontier = {pid for pid, parent in parents.items() if parent in frontier}
        found.extend(frontier)
    return found


def end_all():
    """Kills every process below this one. As child subreaper it inherits those that tried to leave the tree."""
    for _ in range(1000):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        for pid in descendants():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass  # already gone
        time.sleep(0.002)


def watch(child, control, inside_namespace):
    """Waits for the command, and ends everything when the host goes away: its end of the control line closes."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    code = None
    while code is None:
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                if pid == child:
                    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
        except ChildProcessError:
            pass
        if code is None:
            ready = select.select([reader, control], [], [])[0]
            if control in ready and not os.read(control, 1):
                code = 137
            if reader in ready:
                os.read(reader, 512)
    if not inside_namespace:
        end_all()
    os._exit(code)


def close_others(keep):
    for name in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else map(str, range(4096)):
        number = int(name)
        if number > 2 and number not in keep:
            try:
                os.close(number)
            except OSError:
                pass  # the listing's own descriptor


def read_plan():
    text = b""
    while not text.endswith(b"\n"):
        piece = os.read(CONTROL, 65536)
        if not piece:
            os._exit(137)
        text += piece
    return eval(text, {"__builtins__": {}, "true": True, "false": False, "null": None})


def main():
    plan = read_plan()
    control = fcntl.fcntl(CONTROL, fcntl.F_DUPFD_CLOEXEC, 10)
    try:
        close_others({control, CHANNEL} if plan["channel"] else {control})
        if plan["channel"]:
            os.dup2(CHANNEL, CONTROL)
            os.close(CHANNEL)
        if plan["mounts"] is not None:
            build_root(plan["mounts"])
            raise_loopback()
        supervise = plan["supervise"]
        if supervise == "outside":
            libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
        else:
            lock_down(plan)
        child = os.fork() if supervise else 0
        if child:
            if plan["channel"]:
                os.close(CONTROL)
            for number in (0, 1, 2):
                os.close(number)
                os.open("/dev/null", os.O_RDWR)
            watch(child, control, supervise == "inside")
        if supervise == "outside":
            lock_down(plan)
        become(plan, control)
    except BaseException as error:
        os.write(control, ('{"failed": "%s"}\n' % str(error).replace("\\", "/").replace('"', "'")).encode())
        os._exit(125)


main()
