"""The pipeline's rooms from the ground up, and who imports whom between them, read from the source.

    python -m tests.layers

prints how many files stand at each root, every arrow between two rooms with the number of imports behind it, the arrows that point
up, and the circles among the rooms of one folder. A room is a folder or a file directly in `pipeline/`; a lazy import inside a
function counts as well.
"""

import ast
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("pipeline", "connectors", "deploy")
ROOMS = (
    "__init__",
    "errors",
    "process",
    "records",
    "config",
    "text",
    "incidents",
    "watch",
    "store",
    "subscribe",
    "subscribe_async",
    "publish",
    "upkeep",
    "flow",
    "backup",
    "commands",
    "cli",
)
"""The rooms of `pipeline`, each importing only those before it."""
CIRCLE_FREE = ("pipeline", "pipeline/store", "pipeline/flow", "pipeline/incidents", "pipeline/watch", "deploy")
"""Folders whose files and folders import each other in no circle."""
KNOWN_CIRCLES: dict[str, list[set[str]]] = {
    "pipeline/text": [{"claims", "cyber", "events", "findings", "reader"}],
    "connectors": [{"feeds", "registry", "sources"}],
}
"""Folders that are not so far. In `text`, claims and the reader stand on the events' sentences and phrases, and the events' entry point
asks both; `cyber` stands on events and is asked by `findings`, which the training of the events' models asks; their files stand in no circle. A circle that is undone is struck from here; none is added."""


def imports(path: Path) -> set[str]:
    """The modules, and the names in them, that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def modules(*folders: str) -> list[Path]:
    """The Python files under these folders of the project."""
    return sorted(p for folder in folders for p in (ROOT / folder).rglob("*.py"))


def room_of(name: str) -> str:
    """The room of a dotted name of the pipeline: "pipeline.store.watch" is in `store`."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else "__init__"


def arrows() -> Counter[tuple[str, str]]:
    """How many modules of one room are imported by files of another: (importer, imported)."""
    found: Counter[tuple[str, str]] = Counter()
    for path in modules("pipeline"):
        mine = room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
        theirs = {n for n in imports(path) if n.partition(".")[0] == "pipeline" and n != "pipeline"}
        for room in {room_of(name) for name in theirs}:
            if room != mine:
                found[mine, room] += 1
    return found


def upwards(found: Counter[tuple[str, str]]) -> list[tuple[str, str]]:
    """The arrows that point to a room that stands higher."""
    return sorted(pair for pair in found if ROOMS.index(pair[1]) >= ROOMS.index(pair[0]))


def arrows_within(folder: str) -> set[tuple[str, str]]:
    """Who imports whom among the files and folders directly in a folder ("pipeline/text"): (importer, imported)."""
    dotted = folder.replace("/", ".") + "."
    here = {p.stem for p in (ROOT / folder).iterdir() if p.is_dir() or p.suffix == ".py"} - {"__init__"}
    found: set[tuple[str, str]] = set()
    for path in modules(folder):
        mine = path.relative_to(ROOT / folder).with_suffix("").parts[0]
        theirs = {n.removeprefix(dotted).partition(".")[0] for n in imports(path) if n.startswith(dotted)}
        found |= {(mine, other) for other in theirs & here - {mine}}
    return found


def circles(found: set[tuple[str, str]]) -> list[set[str]]:
    """The largest sets of rooms in which each reaches each other by arrows."""
    reach: dict[str, set[str]] = defaultdict(set)
    for mine, theirs in found:
        reach[mine].add(theirs)
    grown = True
    while grown:
        grown = False
        for seen in list(reach.values()):
            further = {room for other in seen for room in reach.get(other, ())} - seen
            seen.update(further)
            grown = grown or bool(further)
    turning = {room for room, seen in reach.items() if room in seen}
    groups = {frozenset(other for other in reach[room] & turning if room in reach[other]) for room in turning}
    return sorted((set(group) for group in groups), key=sorted)


def main() -> None:
    """Print the roots and the arrows."""
    for package in PACKAGES:
        files = sorted(p.name for p in (ROOT / package).glob("*.py"))
        rooms = sorted(p.name for p in (ROOT / package).iterdir() if p.is_dir() and list(p.rglob("*.py")))
        print(f"{package}/: {len(files)} files ({', '.join(files)}), {len(rooms)} rooms ({', '.join(rooms)})")
    found = arrows()
    print(
        f"\n{len(found)} arrows between {len({r for pair in found for r in pair})} rooms of the pipeline, importer first:"
    )
    for (mine, theirs), times in sorted(found.items(), key=lambda item: [ROOMS.index(r) for r in item[0]]):
        print(f"  {mine} -> {theirs}: {times}")
    up = upwards(found)
    print(f"\npointing up: {', '.join(f'{a} -> {b}' for a, b in up) or 'none'}")
    for folder in (*CIRCLE_FREE, *KNOWN_CIRCLES):
        told = "; ".join(" <-> ".join(sorted(group)) for group in circles(arrows_within(folder)))
        print(f"circles in {folder}/: {told or 'none'}")


if __name__ == "__main__":
    main()
