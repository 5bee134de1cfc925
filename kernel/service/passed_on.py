"""What was passed on to another store, and has had no answer yet."""

from __future__ import annotations

from collections.abc import Callable

from tongban.kernel.errors import Text
from tongban.kernel.ports.store import Store
from tongban.kernel.protocol import Actor, Case, Refusal, personal_of
from tongban.kernel.protocol.letters import address_of


def not_spoken_for(
    case: Case, actor: Actor, serves: Callable[[str], bool], sender: str
) -> Refusal | None:
    """The refusal of what an actor of another store types here; None where this one may send it.

    Args:
        case: as it is known here.
        actor: who typed it.
        serves: whether this store is that of an address.
        sender: the office of this store on the way of the case.
    """
    address = address_of(actor)
    keys = [one.key for one in case.plan.way]
    came_by = sender in keys and address in keys[: keys.index(sender)]
    if not address or serves(address) or (actor.kind == "window" and came_by):
        return None
    return Refusal(
        "not_your_step",
        Text(
            f"本节点不代表 {address};请在其所属节点办理,持件机关不接受由此转交的命令",
            f"this store does not speak for {address}: give it at the store that does; who has the"
            " case would put aside what comes from here",
        ),
    )


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
