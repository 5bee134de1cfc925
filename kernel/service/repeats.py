"""Commands that are given again: the same one has no effect, another one under its id is refused.

What a command says is kept as a fingerprint with its id. Personal data is in none: a hash of
a number that can be tried out would tell it. That of an application is compared where it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from tongban.kernel.audit.hash_chain import canonical
from tongban.kernel.errors import Text
from tongban.kernel.ports.store import CommandNote, Store, Transaction
from tongban.kernel.protocol import (
    COMMANDS,
    Actor,
    Case,
    Command,
    CommandBody,
    Event,
    Mandate,
    Refusal,
    personal_of,
)
from tongban.kernel.protocol.codec import dump


def fingerprint(command: Command) -> str:
    """What stands for all that a command says but its id.

    Args:
        command: as it was given.
    """
    raw = command.to_dict()
    return _hash({name: raw[name] for name in ("case", "actor", "kind", "data")})


def of_submission(
    raw: Mapping[str, Any],
    actor: Actor,
    parties: tuple[str, str, str],
    received: CommandBody | None,
    mandate: Mandate | None = None,
) -> str:
    """The same of an application that is handed in, without personal data.

    Args:
        raw: the application, as JSON gives it.
        actor: who hands it in.
        parties: the applicant's opaque id, the agent's, the number of the authorisation.
        received: how it is received at once; None where it is not.
        mandate: what the authorisation says beside its number; None where that is not known.
    """
    applicant = raw.get("applicant")
    kind = {"kind": applicant.get("kind")} if isinstance(applicant, Mapping) else {}
    return _hash(
        {
            "application": {**raw, "applicant": kind},
            "actor": dump(actor),
            "parties": parties,
            "received": dump(received) if received is not None else None,
            # Fingerprints that were kept before are of applications without it.
            **({"mandate": dump(mandate)} if mandate else {}),
        }
    )


def _hash(value: Any) -> str:
    # Half a character is refused later, with the place where it stands.
    return sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def repeated(
    writes: Transaction, case: Case | None, command: Command, print: str
) -> bool | Refusal:
    """Whether a command had its effect before; a refusal where its id is another command's.

    Args:
        writes: what is kept.
        case: as it stands; None where there is none.
        command: as it was given.
        print: its fingerprint.
    """
    note = writes.command(command.id)
    if note is not None:
        same = note == CommandNote(command.case, print)
        return same or reused(command.id, note.case)
    if case is None or command.id not in case.seen:
        return False
    same = plausible(writes.events(case.id), command)
    return same or reused(command.id, case.id)


def other_data(store: Store, case: Case, id: str, data: Mapping[str, Any]) -> Refusal | None:
    """The refusal of a command that had its effect with other personal data; None otherwise.

    Args:
        store: knows what was done and sent under the id: of data, a log has the names alone.
        case: as it stands.
        id: of the command.
        data: as the command gives it now.
    """
    events = (one.body for one in store.events(case.id) if one.cause == id)
    letters = (one.message for one in store.outgoing(case=case.id))
    sent = (personal_of(one) for one in letters if one.body.get("id") == id)
    refs = [*(getattr(one, "personal", "") for one in events), *sent]
    other = any(ref and store.same_personal(ref, data) is False for ref in refs)
    return reused(id, case.id) if other else None


def plausible(events: Iterable[Event], command: Command) -> bool:
    """Whether a command of which only the effect is known can have been this one.

    Fingerprints were not always kept, and are not of what came from another store.

    Args:
        events: of the case.
        command: as it is given now, under an id that had its effect.
    """
    first = next((one for one in events if one.cause == command.id), None)
    if first is None:
        return True
    return first.actor == command.actor and first.kind in COMMANDS[command.do.kind].yields


def same_submission(case: Case, item: str, parties: tuple[str, str, str]) -> bool:
    """The same for an application: whether a case can have been opened by it.

    Args:
        case: that the command opened.
        item: key of the item, `630000/2-03`.
        parties: as in `of_submission`.
    """
    opened = f"{case.item.get('jurisdiction')}/{case.item.get('id')}"
    return (opened, case.applicant, case.agent, case.authorisation) == (item, *parties)


def reused(id: str, case: str) -> Refusal:
    """The refusal of a command under an id that another one has.

    Args:
        id: of both commands.
        case: in which the other one had its effect.
    """
    return Refusal(
        "id_reused",
        Text(
            f"编号 {id} 已用于办件 {case} 的另一指令,本次未办理",
            f"the id {id} was used for another command, in case {case}; nothing was done: give"
            " this one an id of its own",
        ),
    )
