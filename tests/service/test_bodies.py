"""A command whose body is not what its kind promises never reaches the log."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import Kernel
from tongban.kernel import protocol as p
from tongban.kernel.service import Done, Service
from tongban.plugins.stores.sqlite.embedded import open_store

NOW = datetime(2026, 3, 2, 9, tzinfo=p.CHINA)


@pytest.mark.parametrize(
    "body",
    [
        p.Suspend(None, ("a",), ("b",)),  # type: ignore[arg-type]
        p.Adjudicate(None, "以规则为准"),  # type: ignore[arg-type]
    ],
)
def test_what_could_not_be_read_again_is_not_written(
    tmp_path: Path, applications: Any, body: p.CommandBody
) -> None:
    numbers = iter(range(9))
    window = p.Actor("window", "w", "510100")
    with open_store(tmp_path / "cases.db", clock=lambda: NOW) as store:
        service = Service(Kernel(clock=lambda: NOW, ids=lambda: f"id-{next(numbers)}"), store)
        done = service.submit(applications["hukou"], window, applicant="a-1")
        assert isinstance(done, Done)
        service.do(done.case.id, p.SYSTEM, p.Suspend("other", ("a",), ("b",)))
        before = store.events(done.case.id)
        with pytest.raises(p.FormatError, match="found nothing"):
            service.do(done.case.id, p.Actor("supervisor", "s", "510000"), body)
        assert store.events(done.case.id) == before
