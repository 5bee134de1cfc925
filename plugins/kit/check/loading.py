"""What loading finds, by code: the kernel's messages sorted into the table."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from attrs import evolve

from tongban.kernel import Problem, Status
from tongban.plugins.kit.check.documents import plugin_file
from tongban.plugins.kit.check.findings import Finding, found
from tongban.plugins.kit.check.subject import Subject, check

_KINDS = (
    ("TB101", r"the file is empty|this is not UTF-8|cannot be read|the file has \d+ characters"),
    ("TB102", r"this is not YAML|a character that a rule file cannot hold|nested deeper than"),
    ("TB102", r"one file holds one document|a key must be a word|the key '.*' stands twice"),
    ("TB102", r".* is not part of the language"),
    ("TB403", r"the (attribute|source) .* is taken by the shared"),
    ("TB403", r"the (attribute|source) .* is declared otherwise by"),
    ("TB402", r"an attribute of \S+ is named under its prefix"),
    ("TB405", r"the department .* is (taken|claimed) by"),
    ("TB401", r"the id .* is taken by"),
    ("TB106", r"the id .* is (taken, first|reserved)|the place .* stands twice"),
    ("TB107", r"advises the unknown item"),
    ("TB301", r"concludes "),
    ("TB303", r"can never hold"),
    ("TB201", r"(a rule|an item) needs the key cite$"),
    ("TB201", r"a citation needs exactly one of row, section, article$"),
    ("TB211", r".* needs the keys? (name|title|question|zh)(, (name|title|question))*$"),
    ("TB108", r"a citation needs exactly one of|an article needs the|the text of .* is not at"),
    ("TB108", r"unknown source"),
    ("TB105", r"unknown division code|the jurisdiction .* is not a province|.* cannot be given"),
    ("TB105", r"expected (a date|a whole number|true or false|a division code|dates)"),
    ("TB105", r"'\S+' (must be|tests (dates|numbers))|no value of|ends on|max \S+ is less"),
    ("TB109", r"there are \d+ ways|too many rules|and more: the first"),
    ("TB103", r"unknown key|expected |expects nothing|an empty |.* needs the keys? "),
    ("TB103", r"the rule concludes nothing|only an |an enum needs|a period needs exactly one of"),
    ("TB104", r"unknown "),
)
"""Codes, and how the messages of their problems begin; the first that fits counts."""

_ADVICE = re.compile(
    "did you mean|write|remove|name|put|save|indent|narrow|allowed|make|cite|use|choose|at most"
)
"""How the second half of a message begins, where it says what to do."""

_TAKEN = re.compile(r"the id '(?P<id>.+)' is taken by (?P<file>.+), line (?P<line>\d+);.*")


def code_of(message: str) -> str:
    """The code of a message of the kernel; `TB100` where no other fits."""
    return next((code for code, pattern in _KINDS if re.match(pattern, message)), "TB100")


def of_problem(problem: Problem, file: str) -> Finding:
    """A problem of the kernel as a finding.

    Args:
        problem: what loading found.
        file: what messages call its file.
    """
    message, _, hint = problem.message.partition("; ")
    if not _ADVICE.match(hint):
        message, hint = problem.message, ""
    code, line, column = code_of(problem.message), problem.line, problem.column
    at = found(code, file, line, message, column=column, rule=problem.rule, fix=hint)
    # Whatever it is: a file with a mistake that loading finds is left out.
    return evolve(at, severity="error")


@check(*dict.fromkeys(code for code, _ in (*_KINDS, ("TB100", ""))))
def loading(subject: Subject) -> Iterator[Finding]:
    """Everything that loading finds in the files that are checked."""
    for problem in subject.kernel.problems:
        if subject.everything or problem.file in subject.by_name:
            yield of_problem(problem, subject.file(problem.file))
        elif turned := _turned(problem, subject.by_name):
            yield of_problem(turned, subject.file(turned.file))


def _turned(problem: Problem, checked: Collection[str]) -> Problem | None:
    """A claim that another file lost to one that is checked, reported of the latter."""
    match = _TAKEN.fullmatch(problem.message)
    if not match or match["file"] not in checked:
        return None
    where = f"{problem.file}, line {problem.line}"
    message = f"the id {match['id']!r} is taken by {where}; ids are unique"
    return Problem(match["file"], int(match["line"]), 1, match["id"], message)


@check("TB405", "TB406", "TB404")
def plugins(subject: Subject) -> Iterator[Finding]:
    """Plugins that failed; of files that were named, only those that fail on their cases."""
    before = set() if subject.everything else {(s.name, p) for s, p in _failures(subject)}
    _ = subject.results
    told = {str(problem) for problem in subject.kernel.problems}
    for status, problem in _failures(subject):
        if problem in told or (status.name, problem) in before:
            continue
        code = code_of(problem)
        if "is not declared and not within the prefix" in problem:
            code = "TB404"
        elif code != "TB405":
            code = "TB406"
        yield found(code, plugin_file(status), 1, problem, rule=status.name)


def _failures(subject: Subject) -> Iterator[tuple[Status, str]]:
    for status in subject.kernel.plugins:
        if status.state == "failed":
            yield from ((status, problem) for problem in status.problems)
