"""`tocsin up` with stand-ins for the stages: what is tested is the supervisor, with the real broker and database.

Usage: python supervised.py up|down|status ARGUMENT...
"""

import sys
from pathlib import Path

from deploy.local import children, commands
from pipeline.cli import main

STAND_IN = Path(__file__).with_name("stage.py")


def make_command(*words: str) -> list[str]:
    if words[0] == "up":  # --detach runs the supervisor once more
        return [sys.executable, __file__, *words]
    return [sys.executable, str(STAND_IN), *words]


if __name__ == "__main__":
    children.make_command = make_command
    commands.make_command = make_command
    main()
