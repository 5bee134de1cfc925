"""docs/first-plugin.md, followed in a clean folder and a fresh environment (`make deep`)."""

from __future__ import annotations

from .test_tutorial import PAGE, Shell, blocks, follow


def test_a_stranger_gets_there(shell: Shell) -> None:
    page = PAGE.read_text("utf-8")
    folder, new = shell.run("true").folder, page
    for block in blocks(page):
        if block.language in ("sh", "console") or block.title:
            folder, text = follow(block, shell, folder)
            new = new.replace(block.text, text)
    if new != page:
        PAGE.write_text(new, "utf-8")
