"""JUnit XML, as CI systems read it: one suite a department, one test a case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from tongban.kernel import Kernel, Problem
from tongban.plugins.kit.testing.report import block, failure_text
from tongban.plugins.kit.testing.running import Ran

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold."""


def write_junit(
    path: Path, kernel: Kernel, results: Sequence[Ran], problems: Sequence[Problem] = ()
) -> None:
    """Writes the result of cases as JUnit XML.

    Args:
        path: the file to write.
        kernel: the one that ran them.
        results: the result of each case.
        problems: mistakes of rule files, whose cases could not be run: errors.

    Raises:
        OSError: where it cannot be written.
    """
    root = ET.Element("testsuites", name="tongban test")
    suites: dict[tuple[str, str], list[Ran]] = {}
    for ran in results:
        item = kernel.rulebook.items[ran.item]
        suites.setdefault((item.jurisdiction, item.department), []).append(ran)
    for (jurisdiction, department), ran_here in suites.items():
        suite = ET.SubElement(root, "testsuite", name=f"{jurisdiction}.{department}")
        for ran in ran_here:
            _case(suite, kernel, ran, f"{jurisdiction}.{department}")
        _count(suite)
    if problems:
        suite = ET.SubElement(root, "testsuite", name="loading")
        for problem in problems:
            _problem(suite, problem)
        _count(suite)
    _total(root)
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _case(suite: ET.Element, kernel: Kernel, ran: Ran, owner: str) -> None:
    item = kernel.rulebook.items[ran.item]
    case = _testcase(suite, f"{owner}.{item.id}", ran.case.name, ran.case.file, ran.case.line)
    case.set("time", f"{ran.seconds:.6f}")
    if ran.passed:
        return
    message = "; ".join(
        f"expected {expected}, got {got}" for expected, got in map(failure_text, ran.failures)
    )
    failure = ET.SubElement(case, "failure", message=_clean(message), type="WrongCase")
    failure.text = _clean(block(kernel, ran))


def _problem(suite: ET.Element, problem: Problem) -> None:
    name = problem.rule or problem.file
    case = _testcase(suite, problem.file, name, problem.file, problem.line)
    case.set("time", "0")
    error = ET.SubElement(case, "error", message=_clean(problem.message), type="RulebookError")
    error.text = _clean(str(problem))


def _testcase(suite: ET.Element, owner: str, name: str, file: str, line: int) -> ET.Element:
    """A test with its place twice: some readers know the attributes, some the properties."""
    place = {"file": _clean(file), "line": str(line)}
    named = {"classname": _clean(owner), "name": _clean(name)}
    case = ET.SubElement(suite, "testcase", {**named, **place})
    properties = ET.SubElement(case, "properties")
    for key, value in place.items():
        ET.SubElement(properties, "property", name=key, value=value)
    return case


def _count(suite: ET.Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(_holding(cases, "failure")))
    suite.set("errors", str(_holding(cases, "error")))
    suite.set("skipped", "0")
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.6f}")


def _total(root: ET.Element) -> None:
    suites = root.findall("testsuite")
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in suites):.6f}")


def _holding(cases: Iterable[ET.Element], tag: str) -> int:
    return sum(case.find(tag) is not None for case in cases)


def _clean(text: str) -> str:
    r"""`text` with what XML cannot hold written as `\x1b`."""
    return _FORBIDDEN.sub(lambda found: ascii(found[0])[1:-1], text)
