"""What is really installed: signatures and docstrings of names or of whole packages, and calls in code held against them.

One request as a line of JSON on file descriptor 3, one answer the same way. Modules are imported, nothing else of them is run.
"""

import ast
import difflib
import functools
import importlib
import importlib.metadata
import inspect
import json
import os
import pkgutil
import sys
import warnings

LONGEST_DOC = 6_000
LONGEST_SIGNATURE = 4_000
MOST_MEMBERS = 120
NEAR = 3


class Missing(Exception):
    """A name that is not there: how far it could be followed, and what is near."""

    def __init__(self, found, name, near):
        super().__init__(name)
        self.is_module = not found
        where = f"{found} has no {name}" if found else f"No module named {name} is installed"
        self.problem = where + "."
        self.near = near


def resolve(name):
    """The object of a dotted name, by the longest module that can be imported and then by attributes."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        module = ".".join(parts[:count])
        try:
            thing = importlib.import_module(module)
        except ModuleNotFoundError as error:
            # Only the module itself may be missing, not one that it needs.
            if error.name is None or not (module == error.name or module.startswith(error.name + ".")):
                raise
            continue
        path = module
        for part in parts[count:]:
            try:
                thing = inspect.getattr_static(thing, part) if inspect.isclass(thing) else getattr(thing, part)
            except AttributeError:
                # A submodule that is not imported by its package was tried above.
                raise Missing(path, part, near(part, dir(thing), path)) from None
            if isinstance(thing, (staticmethod, classmethod)):
                thing = thing.__func__
            path = f"{path}.{part}"
        return thing
    top = parts[0]
    raise Missing("", top, near(top, [*sys.stdlib_module_names, *installed()], ""))


def near(name, names, path):
    lower = {each.lower(): each for each in names if not each.startswith("_")}
    found = difflib.get_close_matches(name.lower(), lower, NEAR, 0.7)
    return [f"{path}.{lower[each]}" if path else lower[each] for each in found]


_tops = None


def installed():
    """Names of installed modules, each with its distributions."""
    global _tops
    if _tops is None:
        _tops = importlib.metadata.packages_distributions()
    return _tops


@functools.cache
def origin(top):
    """The distribution that a module comes from, with its version."""
    for distribution in installed().get(top, []):
        return {"package": distribution, "version": importlib.metadata.version(distribution)}
    if top in sys.stdlib_module_names:
        return {"package": "python", "version": ".".join(map(str, sys.version_info[:3]))}
    return {"package": top, "version": None}


def kind_of(thing):
    if inspect.ismodule(thing):
        return "module"
    if inspect.isclass(thing):
        return "class"
    if callable(thing):
        return "function"
    return "property" if isinstance(thing, property) else "value"


def signature_of(thing):
    try:
        return inspect.signature(thing)
    except (TypeError, ValueError):
        return None


def bounded(text, longest):
    return text if len(text) <= longest else text[:longest] + " …"


def describe(name):
    try:
        thing = resolve(name)
    except Missing as missing:
        return {"name": name, "kind": "missing", "problem": missing.problem, "near": missing.near}
    except Exception as error:  # a module may fail in any way when it is imported
        problem = f"{name} is installed and cannot be imported: {type(error).__name__}: {error}"
        return {"name": name, "kind": "missing", "problem": problem, "near": []}
    return tell(name, thing)


def tell(name, thing):
    kind = kind_of(thing)
    said = {"name": name, "kind": kind, **origin(name.split(".")[0])}
    signature = signature_of(thing) if kind in ("class", "function") else None
    if signature is not None:
        said["signature"] = bounded(name.split(".")[-1] + str(signature), LONGEST_SIGNATURE)
    doc = inspect.getdoc(thing) if kind != "value" else None
    said["doc"] = bounded(doc, LONGEST_DOC) if doc else ""
    if kind == "value":
        said["value"] = bounded(repr(thing), 500)
    if kind in ("module", "class"):
        public = [each for each in (getattr(thing, "__all__", None) or dir(thing)) if not str(each).startswith("_")]
        said["members"] = sorted(public)[:MOST_MEMBERS]
        said["more_members"] = max(0, len(public) - MOST_MEMBERS)
    return said


class Names(ast.NodeVisitor):
    """What the names of a file stand for, and the calls that are made through them.

    Only what is certain counts: imports, and variables that are given an instance of an imported class once. A name that is
    bound in any other way, anywhere, is not known.
    """

    def __init__(self, tree, is_local):
        self.is_local = is_local
        self.imports = {}
        self.instances = {}
        self.bound = {}
        self.calls = []
        # Imports that are sure to be made when the file is run: not those of a function, and not attempts.
        self.made = []
        self.depth = 0
        self.visit(tree)

    def bind(self, name):
        self.bound[name] = self.bound.get(name, 0) + 1

    def visit_Import(self, node):
        for alias in node.names:
            if self.is_local(alias.name):
                continue
            name = alias.asname or alias.name.split(".")[0]
            self.imports[name] = alias.name if alias.asname else name
            self.note(node, alias.name)

    def visit_ImportFrom(self, node):
        if node.level or node.module is None or self.is_local(node.module):
            return
        for alias in node.names:
            if alias.name != "*":
                self.imports[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                self.note(node, f"{node.module}.{alias.name}")

    def note(self, node, name):
        if self.depth == 0:
            self.made.append((node.lineno, name))

    def within(self, node):
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1

    visit_Try = within

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            self.bind(node.id)

    def visit_arg(self, node):
        self.bind(node.arg)

    def visit_FunctionDef(self, node):
        self.bind(node.name)
        self.within(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        self.bind(node.name)
        self.generic_visit(node)

    def visit_Assign(self, node):
        self.generic_visit(node)
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Call):
            self.instances[node.targets[0].id] = node.value.func

    def visit_Call(self, node):
        self.calls.append(node)
        self.generic_visit(node)

    def dotted(self, node):
        """The full name of what is called, and whether through an instance; None when it is not certain."""
        parts = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        name = node.id
        if name in self.imports:
            return (".".join([self.imports[name], *parts]), False) if name not in self.bound else None
        if name in self.instances and self.bound.get(name) == 1 and len(parts) == 1:
            made = self.dotted(self.instances[name])
            if made is not None and not made[1] and inspect.isclass(try_resolve(made[0])):
                return f"{made[0]}.{parts[0]}", True
        return None


_resolved = {}


def try_resolve(name):
    if name not in _resolved:
        try:
            _resolved[name] = resolve(name)
        except Exception:
            _resolved[name] = None
    return _resolved[name]


def beside(path):
    """Whether a module is a file of the workspace: those are not imported, since that would run them."""
    folders = [os.path.dirname(path) or ".", "."]

    def is_local(module):
        top = module.split(".")[0]
        return any(os.path.exists(os.path.join(folder, name)) for folder in folders for name in (top, top + ".py"))

    return is_local


def check(path, code):
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        return {"problems": [{"line": error.lineno or 0, "problem": f"SyntaxError: {error.msg}", "near": []}], "calls": 0}
    names = Names(tree, beside(path))
    problems = []
    for line, name in names.made:
        try:
            resolve(name)
        except Missing as missing:
            problems.append({"line": line, "problem": missing.problem, "near": missing.near})
        except Exception as error:
            problems.append({"line": line, "problem": f"{name} cannot be imported: {type(error).__name__}: {error}", "near": []})
    checked = 0
    for call in names.calls:
        known = names.dotted(call.func)
        if known is None:
            continue
        name, on_instance = known
        try:
            thing = resolve(name)
        except Missing as missing:
            # A missing import was told where it stands, where it is sure; instances may make attributes of their own.
            if not (on_instance or missing.is_module) and name not in [each for _, each in names.made]:
                problems.append({"line": call.lineno, "problem": missing.problem, "near": missing.near})
            continue
        except Exception:
            continue
        signature = signature_of(thing) if callable(thing) else None
        if signature is None:
            continue
        checked += 1
        problems.extend(problems_of(call, name, signature, on_instance))
    unique = {(each["line"], each["problem"]): each for each in problems}
    return {"problems": sorted(unique.values(), key=lambda each: each["line"]), "calls": checked}


def problems_of(call, name, signature, on_instance):
    parameters = list(signature.parameters.values())
    if on_instance:
        parameters = parameters[1:]
    kinds = [each.kind for each in parameters]
    named = [each.name for each in parameters if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]
    shown = name if not on_instance else name.rsplit(".", 2)[1] + "." + name.rsplit(".", 1)[1]
    given = [each.arg for each in call.keywords if each.arg is not None]
    found = []
    if inspect.Parameter.VAR_KEYWORD not in kinds:
        for word in given:
            if word not in named:
                near_words = difflib.get_close_matches(word, named, NEAR, 0.6) or [each for each in named if each.lower() == word.lower()]
                found.append({"line": call.lineno, "problem": f"{shown} has no parameter {word}.", "near": near_words})
    if any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords):
        return found
    places = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    if inspect.Parameter.VAR_POSITIONAL not in kinds and len(call.args) > len(places):
        most = len(places)
        found.append(
            {"line": call.lineno, "problem": f"{shown} takes at most {most} arguments by position, not {len(call.args)}.", "near": []}
        )
    filled = {each.name for each in places[: len(call.args)]} | set(given)
    needed = [
        each.name
        for each in parameters
        if each.default is each.empty and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD) and each.name not in filled
    ]
    if needed:
        found.append({"line": call.lineno, "problem": f"{shown} needs {', '.join(needed)}.", "near": []})
    return found


NO_PART_OF_IT = {"tests", "test", "testing", "conftest", "externals", "setup"}


def modules_of(package):
    root = importlib.import_module(package)
    yield package, root
    for found in pkgutil.walk_packages(getattr(root, "__path__", []), package + ".", onerror=lambda name: None):
        if any(part.startswith("_") or part in NO_PART_OF_IT for part in found.name.split(".")):
            continue
        try:
            yield found.name, importlib.import_module(found.name)
        except BaseException:  # an optional part may fail in any way when it is imported
            continue


def document(package):
    """Each public module with what it documents; a thing that several modules offer stands in the one that is nearest to its home."""
    best = {}
    modules = list(modules_of(package))
    for path, module in modules:
        offered = getattr(module, "__all__", None)
        for name in offered or dir(module):
            thing = getattr(module, name, None) if isinstance(name, str) and not name.startswith("_") else None
            home = getattr(thing, "__module__", None)
            if not callable(thing) or not isinstance(home, str) or home.split(".")[0] != package:
                continue
            is_home = home == path or home.startswith(path + ".")
            # What a module only imports for itself is not its own.
            if not is_home and offered is None:
                continue
            rank = (not is_home, path.count("."), path, name)
            if id(thing) not in best or rank < best[id(thing)][0]:
                best[id(thing)] = (rank, path, name, thing)
    entries = {path: [] for path, _ in modules}
    for _, path, name, thing in sorted(best.values(), key=lambda each: each[0]):
        said = tell(f"{path}.{name}", thing)
        if said["doc"]:
            methods = methods_of(thing) if said["kind"] == "class" else []
            entries[path].append({key: said.get(key) for key in ("name", "kind", "signature", "doc")} | {"methods": methods})
    pages = [
        {"module": path, "doc": bounded(inspect.getdoc(module) or "", LONGEST_DOC), "entries": entries[path]}
        for path, module in modules
        if entries[path]
    ]
    return {**origin(package), "pages": pages}


def methods_of(thing):
    """Public methods, each with its signature and the first paragraph of what is said of it."""
    methods = []
    for name, method in inspect.getmembers(thing, callable):
        doc = None if name.startswith("_") else inspect.getdoc(method)
        if doc:
            signature = signature_of(method)
            methods.append({"name": name, "signature": str(signature or "(…)"), "doc": bounded(doc.split("\n\n")[0], 500)})
    return methods


def answer(request):
    if "names" in request:
        return [describe(name) for name in request["names"]]
    if "package" in request:
        return document(request["package"])
    return [check(file["path"], file["code"]) for file in request["files"]]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    # What is imported may print, and may end the process: the answer goes another way.
    with os.fdopen(3, "r+b", buffering=0) as channel:
        line = b""
        while not line.endswith(b"\n"):
            line += channel.read(65_536)
        said = answer(json.loads(line))
        data = json.dumps(said).encode() + b"\n"
        while data:
            data = data[channel.write(data) :]
    os._exit(0)
