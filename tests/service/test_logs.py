"""What an operator reads: plugins that fail and commands that are refused, no personal data."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest
from tests.service.test_service import APPLICANT, PAPERS, WINDOW, MakeDesk, officer

from tongban.kernel import Application, Defect, hookimpl
from tongban.kernel import protocol as p
from tongban.kernel.ports import store

pytest_plugins = ("tests.service.test_service",)


class Careless:
    """A plugin whose every error repeats what it was given."""

    @hookimpl
    def receive(self, application: Application, item: str) -> list[Defect]:
        raise LookupError(str(application))

    @hookimpl
    def deliver(self, case: Mapping[str, Any], result: Mapping[str, Any]) -> Any:
        return {"files": [{"name": f"{result['personal']}/x", "content": b""}]}

    @hookimpl
    def observe(self, event: Mapping[str, Any]) -> None:
        raise RuntimeError(str(event))


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def everything(log: pytest.LogCaptureFixture) -> str:
    """All that any handler could write of the records, arguments and tracebacks included."""
    return "\n".join(f"{vars(one)} {one.getMessage()} {one.exc_info}" for one in log.records)


def test_no_record_of_a_whole_case_has_personal_data(
    make_desk: MakeDesk, log: pytest.LogCaptureFixture
) -> None:
    desk = make_desk(plugins=(Careless(),))
    raw = desk.applications["online"]
    applicant = {**desk.applications["hukou"]["applicant"], "kind": raw["applicant"]["kind"]}
    done = desk.service.submit({**raw, "applicant": applicant}, APPLICANT, applicant="a-1")
    assert not isinstance(done, p.Refusal)
    case = desk.done(done.case, officer(done.case.plan.lead), p.Receive(materials=PAPERS))
    with pytest.raises(store.ConflictError):
        desk.do(case, officer(case.plan.lead), p.Accept(), expected=1)
    lead = officer(case.plan.lead)
    for body in (p.Accept(), p.Examine("张三符合条件"), p.Grant()):
        case = desk.done(case, lead, body)
    desk.kernel.ports.deliver(case.to_dict(), {"personal": applicant})
    case = desk.done(case, lead, p.Deliver("post", "EMS 1"))
    case = desk.done(case, APPLICANT, p.Report("arrived"))
    case = desk.done(case, lead, p.Close())
    assert case.over
    text = everything(log)
    private = {str(value) for key, value in applicant.items() if key != "kind"} | {"张三", "EMS 1"}
    assert [one for one in private if one in text] == []
    told = {one.getMessage() for one in log.records if one.name == "tongban.plugins"}
    assert told == {
        f"plugin Careless failed: {what}; `tongban plugins` shows everything"
        for what in ("receive raised LookupError", "deliver", "observe raised RuntimeError")
    }


def test_a_conflict_names_case_command_and_versions(
    make_desk: MakeDesk, log: pytest.LogCaptureFixture
) -> None:
    desk = make_desk()
    case = desk.submit()
    with pytest.raises(store.ConflictError):
        desk.do(case, WINDOW, p.Receive(materials=PAPERS), expected=7)
    (record,) = [one for one in log.records if one.name == "tongban.service"]
    assert record.levelno == logging.WARNING
    said = f"case {case.id}: receive refused by conflict: expected version 7, found {case.version}"
    assert record.getMessage() == said


def test_a_problem_that_comes_again_is_one_record(
    make_desk: MakeDesk, log: pytest.LogCaptureFixture
) -> None:
    class Stuck:
        @hookimpl
        def receive(self, application: Application, item: str) -> list[Defect]:
            raise LookupError("no table")

    desk = make_desk(plugins=(Stuck(),))
    application = desk.kernel.application(desk.applications["hukou"])
    for _ in range(3):
        assert desk.kernel.ports.examine(application) == ()
    assert [one.levelname for one in log.records if one.name == "tongban.plugins"] == ["WARNING"]


def test_nothing_is_printed_where_logging_is_not_configured(
    make_desk: MakeDesk, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    desk = make_desk(plugins=(Careless(),))
    desk.kernel.ports.examine(desk.kernel.application(desk.applications["hukou"]))
    assert desk.kernel.ports.failures
    assert capfd.readouterr() == ("", "")
