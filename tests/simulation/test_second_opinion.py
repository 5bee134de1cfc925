"""What the invariants compare with has an entry for every event and every limit."""

from __future__ import annotations

import re
from inspect import getsource

import pytest

from tongban.kernel import protocol
from tongban.kernel.model import RULE_STEPS
from tongban.plugins.simulation.checks.deadlines import BEGUN
from tongban.plugins.simulation.checks.papers import PAPERS


def test_each_event_says_which_document_tells_of_it() -> None:
    assert {*PAPERS} == {*protocol.EVENTS}


@pytest.mark.parametrize("kind", protocol.EVENTS)
def test_the_documents_that_are_demanded_are_those_that_the_event_writes(kind: str) -> None:
    written = re.findall(r'\bnotice\(\s*"([^"]+)"', getsource(protocol.EVENT_BODIES[kind].messages))
    assert [one.official for one in PAPERS[kind]] == written


def test_each_limit_that_a_rule_may_set_is_counted_a_second_time() -> None:
    assert (*BEGUN,) == RULE_STEPS
    assert {*protocol.LIMIT_STEPS} - {*BEGUN} == {"supply", "follow_up"}, "counted apart"
