"""The guides and the README name only commands, options and files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from conftest import PROJECT
from synchro.cli import app

GUIDES = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
COMMANDS = typer.main.get_command(app).commands
FOLDERS = "docs|seeds|models|analyses|scripts|tests|macros|dashboard"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_a_guide_names_commands_that_exist(guide: Path):
    text = guide.read_text(encoding="utf-8")
    for code in re.findall(r"`([^`\n]+)`|^(synchro .+)$", text, flags=re.MULTILINE):
        found = re.match(r"synchro ([a-z][a-z-]*)(.*)", "".join(code))
        if not found:
            continue
        command = COMMANDS.get(found[1])
        assert command is not None, f"synchro {found[1]}"
        options = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", found[2].split("#")[0])) <= options, "".join(code)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_a_guide_names_files_that_exist(guide: Path):
    text = guide.read_text(encoding="utf-8")
    for path in re.findall(rf"`((?:{FOLDERS})/[\w./-]+)`", text):
        # The operator of the example is nobody's: its files are written by following the guide.
        if "lhss" in path:
            continue
        assert (PROJECT / path).exists(), path
