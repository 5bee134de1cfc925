"""Plugins that do not end, would end the program or return what they must not are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tongban.kernel.ports import guarding
from tongban.plugins.kit.conformance.findings import Report
from tongban.plugins.kit.conformance.run import Options, run

Try = Callable[..., Report]
Write = Callable[..., str]

DERIVE = '    number = application.applicant.id_number or ""\n'
RECEIVE = "    phone = application.applicant.phone\n"


def failures(report: Report, id: str) -> str:
    (found,) = (one for one in report.outcomes if one.id == id)
    assert found.state == "failed"
    return "\n".join(failure.message for failure in found.failures)


def inserted(at: str, line: str) -> tuple[str, str]:
    return at, f"    {line}\n{at}"


FAULTS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "leaves for a usual application": (
        "hooks",
        inserted(RECEIVE, "if application.channel == 'online': raise SystemExit(3)"),
        "receive raised SystemExit: 3",
    ),
    "leaves where a part is missing": (
        "hostile",
        inserted(RECEIVE, "if application.channel is None: raise SystemExit(3)"),
        "receive raises SystemExit",
    ),
    "fails when it is read": (
        "hooks",
        ("return []", "return (1 / 0 for _ in 'x')"),
        "receive raised ZeroDivisionError",
    ),
    "returns too much": (
        "hooks",
        ("return []", "return [Defect('x', 'y' * 100_000)]"),
        "receive returned a text of 100,000 characters",
    ),
    "replaces the kernel": (
        "hooks",
        inserted(RECEIVE, "import tongban.kernel.engine.decide as d; d.refuses = None"),
        "receive replaced tongban.kernel.engine.decide.refuses, which was put back",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_raised_and_returned(tried: Try, fault: str) -> None:
    id, changes, message = FAULTS[fault]
    assert message in failures(tried(*changes, only=(id,)), id)


def test_what_is_printed_is_a_note(tried: Try) -> None:
    """No answer is broken by it, so it is not a failure."""
    change = inserted(RECEIVE, "print('received')")
    report = tried(*change, more="print('imported')\n", only=("no_traces",))
    assert report.passed
    assert {note.partition(";")[0] for note in report.notes} >= {
        "receive writes to standard output",
        "importing it writes to standard output",
    }


@pytest.mark.parametrize(
    ("id", "changes", "more", "message"),
    [
        ("hooks", inserted(DERIVE, "import time; time.sleep(999)"), "", "took longer than 0.5 s"),
        ("hostile", inserted(DERIVE, "import time; time.sleep(999)"), "", "took longer than 0.5"),
        ("loads", (), "import time; time.sleep(999)\n", "took longer than 0.5 s"),
    ],
    ids=["a usual application", "a strange one", "import"],
)
def test_a_plugin_that_does_not_end(
    write: Write, id: str, changes: tuple[str, ...], more: str, message: str
) -> None:
    """It is found and named in the time that one call may take."""
    word = write(*changes, more=more)
    options = Options(applications=12, proofs=False, only=(id,))
    report = run(word, options, guard=guarding.Watch(0.5))
    assert message in failures(report, id)
