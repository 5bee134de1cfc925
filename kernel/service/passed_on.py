"""What was passed on to another store, and has had no answer yet."""

from __future__ import annotations

from tongban.kernel.errors import Text
from tongban.kernel.ports.store import Store
from tongban.kernel.protocol import Case, Refusal, personal_of


def data_under_way(store: Store, case: Case, id: str) -> Refusal | None:
    """The refusal of a change of personal data while another is on its way; None otherwise.

    Each brings the whole data as it is known here: the second would undo the first.

    Args:
        store: that has no say in the case, and passes on what is given in it.
        case: as it is known here.
        id: of the command that is given now; once more, it is the one on its way.
    """
    answered = {one.message.body.get("message") for one in store.incoming(case=case.id)}
    for one in store.outgoing(case=case.id):
        sent = one.message
        if sent.kind != "command" or not personal_of(sent):
            continue
        given = sent.body["id"]
        if given != id and given not in case.seen and sent.id not in answered:
            return Refusal("early", _UNDER_WAY)
    return None


_UNDER_WAY = Text(
    "前一次变更已转交持件机关,尚未收到结果;请在收到后再变更(tongban case exchange),"
    "以免前一次变更被覆盖",
    "a change before this one was passed on to the office that has the case, and its result has"
    " not come yet: give this one after that (`tongban case exchange`), or it would undo the other",
)
