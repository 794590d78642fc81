"""Counts and digests dropped ids, so that answers can be compared.

    python ids.py FILE

FILE holds an id on each line, or a JSON list of ids, or a plan with `drop_ids`.
"""

import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path


def digest(ids: Iterable[str]) -> str:
    """SHA-256 of the ids in order, each followed by a line feed."""
    return hashlib.sha256("".join(f"{name}\n" for name in sorted(ids)).encode()).hexdigest()


def read(path: Path) -> list[str]:
    text = path.read_text()
    if not text.lstrip().startswith(("[", "{")):
        return text.split()
    plan = json.loads(text)
    ids: list[str] = plan["drop_ids"] if isinstance(plan, dict) else plan
    return ids


if __name__ == "__main__":
    found = read(Path(sys.argv[1]))
    print(json.dumps({"drops": len(found), "ids_sha256": digest(found)}))
