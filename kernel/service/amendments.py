"""Amendment (更正申请信息): from what an applicant corrects to a command, decided again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from tongban.kernel import protocol
from tongban.kernel.engine.rules_version import rules_version
from tongban.kernel.errors import ApplicationError, Defect, Text
from tongban.kernel.kernel import Kernel
from tongban.kernel.model.application import Application
from tongban.kernel.ports.store import ConflictError, Store
from tongban.kernel.protocol import Actor, Amend, Case, Document, Refusal
from tongban.kernel.protocol.personal_data import personal_part
from tongban.kernel.protocol.plan import public_part
from tongban.kernel.service import repeats
from tongban.kernel.service.passed_on import data_under_way
from tongban.kernel.service.results import Answer
from tongban.kernel.service.submissions import with_agent

__all__ = ["Amendments", "Corrections"]

_PURPOSE = "更正申请信息 (correction of what was applied with)"
_PERSONAL = ("name", "id_number", "credit_code")


@frozen
class Corrections:
    """What an applicant corrects.

    Attributes:
        values: by field: `facts.NAME`, `places.NAME`, `applicant.name`, `applicant.id_number`,
            `applicant.credit_code`; as JSON gives them.
        evidence: what shows that it was wrong.
        reason: why.
    """

    values: Mapping[str, Any]
    evidence: tuple[Document, ...]
    reason: str


@frozen(eq=False)
class Amendments:
    """Corrects what was applied with, for a service.

    Args:
        kernel, store: of the service.
        do: `Service.do`.
    """

    kernel: Kernel
    store: Store
    do: Callable[..., Answer]

    def amend(
        self, case: str, actor: Actor, given: Corrections, id: str, expected: int | None
    ) -> Answer:
        """As `Service.amend`, in a store that was not put back."""
        found = self.store.case(case)
        allowed = found is not None and "amend" in protocol.allowed(found, actor)
        if found is None or not (allowed or self._given_before(found, id)):
            # No data is looked at: the refusal is the protocol's own, and on record.
            nothing = Amend({}, {}, given.evidence, given.reason)
            return self.do(case, actor, nothing, id=id, expected=expected)
        personal = {
            name.removeprefix("applicant."): value
            for name, value in given.values.items()
            if name.startswith("applicant.")
        }
        rests = personal or self._rests_on_personal(found)
        kept = self.store.personal(case, protocol.SYSTEM, _PURPOSE) if rests else None
        if personal and kept is None:
            return Refusal("bad_input", _NO_DATA)
        former: Mapping[str, Any] = kept.data if kept else {}
        application = self.kernel.application(_corrected(found, given.values, former))
        program = self.kernel.program(application.item)
        if rules_version(program) != found.rules:
            return Refusal("bad_input", _OTHER_RULES)
        wrong = self._wrong(found, application, former)
        if wrong:
            raise ApplicationError(wrong)
        decided_on = with_agent(application) if found.agent else application
        body = Amend(
            public_part(application),
            self.kernel.decide(decided_on).to_dict(),
            given.evidence,
            given.reason,
            fields=tuple(f"applicant.{name}" for name in personal),
        )
        data = {**former, **personal_part({"applicant": {**former, **personal}})}
        apart = data if personal else None
        reused = repeats.other_data(self.store, found, id, data) if id and apart else None
        if reused is not None:
            return reused
        waits = data_under_way(self.store, found, id) if apart else None
        if waits is not None:
            return waits
        now = self.store.case(case)
        if now is not None and now.personal != found.personal:
            raise ConflictError(case, found.version, now.version)
        return self.do(case, actor, body, id=id, expected=expected, personal=apart)

    def _given_before(self, case: Case, id: str) -> bool:
        """Whether a command of this id was given: again, it is compared as a whole."""
        if not id or id in case.seen:
            return bool(id)
        with self.store.transaction() as writes:
            return writes.command(id) is not None

    def _rests_on_personal(self, case: Case) -> bool:
        """Whether plugins derive facts of the item, which they may do from personal data."""
        key = str(case.application["item"])
        return key in self.kernel.rulebook.items and bool(self.kernel.program(key).by_plugins)

    def _wrong(
        self, case: Case, application: Application, former: Mapping[str, Any]
    ) -> tuple[Defect, ...]:
        """What plugins find wrong in the corrections: a number that cannot be, not a warning."""
        try:
            before = self.kernel.application(_corrected(case, {}, former))
        except ApplicationError:  # what was stored then is mended by the correction
            before = None
        known = self.kernel.ports.examine(before) if before else ()
        found = self.kernel.ports.examine(application)
        return tuple(one for one in found if not one.warning and one not in known)


def _corrected(case: Case, values: Mapping[str, Any], former: Mapping[str, Any]) -> dict[str, Any]:
    """The application with the corrections, for intake.

    Raises:
        ApplicationError: where a field is none that can be corrected.
    """
    raw: dict[str, Any] = {**case.application}
    raw["applicant"] = {**raw.get("applicant", {}), **former}
    for name, value in values.items():
        room, _, field = name.partition(".")
        if (
            room not in ("facts", "places", "applicant")
            or not field
            or (room == "applicant" and field not in _PERSONAL)
        ):
            says = Text(
                "不能更正此项;可以更正 facts.…、places.…、applicant.name、applicant.id_number、"
                "applicant.credit_code;事项有误的请撤回后重新申请",
                "this cannot be corrected; what can is facts.…, places.…, applicant.name,"
                " applicant.id_number, applicant.credit_code; withdraw where the item is wrong",
            )
            raise ApplicationError((Defect(name, says),))
        raw[room] = {**raw.get(room, {}), field: value}
    return raw


_NO_DATA = Text(
    "本库没有本办件的个人信息(已清除或者未随件转来),不能更正;请到持件机关办理",
    "the personal data of the case is not here (erased, or it did not come with the case): the"
    " office that has the case can correct it",
)
_OTHER_RULES = Text(
    "本件所依规则已变更,不能按原规则重新判断;请由经办人处理,或者撤回后重新申请",
    "the rules have changed since, and it cannot be decided again by those of the case: leave it"
    " to the officer, or withdraw and apply anew",
)
