"""The other process of `tongban conformance`: answers the same applications in another world.

Standard input holds JSON: the plugin, the path of modules, the applications. Standard
output gets the answers, and what importing the plugin left behind.
"""

from __future__ import annotations

import json
import locale
import sys
from contextlib import redirect_stdout, suppress
from io import StringIO
from typing import Any

from tongban.plugins.kit.conformance.asking import answers
from tongban.plugins.kit.conformance.subject import find, load_others
from tongban.plugins.kit.conformance.watching import changes, listening, state


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What the plugin answers here.

    Args:
        asked: `plugin`, `path` and `applications`.
    """
    sys.path += [one for one in asked["path"] if one not in sys.path]
    # The neighbours are imported before: what they leave behind is not its doing.
    load_others(asked["plugin"])
    before = state(warned=False)
    printed = StringIO()
    with listening(), redirect_stdout(printed):
        subject = find(asked["plugin"])
    left = changes(before, state(warned=False))
    with listening():
        kernel = subject.kernel()
        found = [answers(subject, kernel, kernel.application(raw)) for raw in asked["applications"]]
    return {"answers": found, "left": left, "printed": printed.getvalue()}


if __name__ == "__main__":
    # A locale that is not installed here leaves that of C.
    with suppress(locale.Error):
        locale.setlocale(locale.LC_ALL, "")
    result = answer(json.load(sys.stdin))
    sys.stdout.write(json.dumps(result, default=str))
