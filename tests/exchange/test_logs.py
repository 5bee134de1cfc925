"""An operator reads that a letter was put aside; not what a stranger wrote on it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest


def test_a_file_that_is_put_aside_is_told_without_its_name(
    country: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    here = country("chengdu")
    file = here.root / "chengdu" / "in" / "张三 510104199001010017.json"
    file.write_text('{"name": "张三", "phone": "13800000000"}', "utf-8")
    report = here.places["chengdu"].run()
    assert len(report["aside"]) == 1
    (record,) = [one for one in caplog.records if one.name == "tongban.exchange"]
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("chengdu: a file was put aside; ")
    assert str(here.root / "chengdu" / "aside") in record.getMessage()
    text = "".join(f"{vars(one)} {one.getMessage()}" for one in caplog.records)
    assert [one for one in ("张三", "510104199001010017", "13800000000") if one in text] == []


def test_a_letter_without_a_receiver_is_told(
    country: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    here = country("chengdu")
    here.submit("hukou", "chengdu")
    for _ in range(3):
        here.places["chengdu"].work()
        here.places["chengdu"].run()
    assert any(
        "could not be sent" in one.getMessage()
        for one in caplog.records
        if one.name == "tongban.exchange"
    )
