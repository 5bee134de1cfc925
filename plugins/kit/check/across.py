"""What departments do to each other, where loading does not see it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tongban.plugins.kit.check.findings import Finding
from tongban.plugins.kit.check.subject import Subject, check


@check("TB402")
def outside_jurisdiction(subject: Subject) -> Iterator[Finding]:
    """Items whose id names a jurisdiction: it is the department's, and written once."""
    for document in subject.documents:
        for spot in document.items():
            name = spot.node.get("id")
            match = re.fullmatch(r"(\d{6})/(.+)", name.text) if name else None
            if name and match:
                message = f"the id {name.text!r} claims an item of the jurisdiction {match[1]}"
                fix = f"write {match[2]}; the jurisdiction stands once, under `department`"
                yield subject.at("TB402", document, name, message, fix)
