"""Writes a text classification CSV from real text: which library does a paragraph of documentation come from?"""

import csv
import importlib
import pkgutil
import re
import sys

LIBRARIES = ("numpy", "pandas", "sklearn", "matplotlib")


def paragraphs(library):
    """Distinct paragraphs of plain sentences from the docstrings of a library's public objects, without its name."""
    seen = set()
    root = importlib.import_module(library)
    for info in pkgutil.iter_modules(root.__path__):
        if info.name.startswith("_") or "test" in info.name:
            continue
        try:
            module = importlib.import_module(f"{library}.{info.name}")
        except Exception:  # a module that needs what is not installed has no text for us
            continue
        for name in dir(module):
            text = getattr(getattr(module, name, None), "__doc__", None)
            if name.startswith("_") or not isinstance(text, str):
                continue
            for part in re.split(r"\n\s*\n", text):
                words = re.sub(r"\s+", " ", part).strip()
                words = re.sub(r"(?i)numpy|np\.|pandas|pd\.|scikit-learn|sklearn|matplotlib|plt\.", "", words)
                if 60 <= len(words) <= 400 and ">>>" not in words and words not in seen:
                    seen.add(words)
                    yield words


with open(sys.argv[1], "w", newline="", encoding="utf-8") as file:
    writer = csv.writer(file)
    writer.writerow(["text", "library"])
    for library in LIBRARIES:
        for text, _ in zip(paragraphs(library), range(400)):
            writer.writerow([text, library])
