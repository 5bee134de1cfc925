"""What is wanted of a decision: `outcome=eligible`, `modes=online`, `delivery=post`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import click
from attrs import frozen

from tongban.kernel import DELIVERIES, MODES, Decision, Kernel, nearest

_OUTCOMES = ("eligible", "ineligible")
_PLAIN: Mapping[str, Collection[str]] = {
    "outcome": _OUTCOMES,
    "modes": MODES,
    "delivery": DELIVERIES,
}


@frozen
class Want:
    """One thing that is wanted: a conclusion and its value."""

    conclusion: str
    value: str

    def __str__(self) -> str:
        return f"{self.conclusion}={self.value}"


def default_wants() -> tuple[Want, ...]:
    """What is wanted where nothing was said."""
    return (Want("outcome", "eligible"),)


def wants(kernel: Kernel, words: Iterable[str]) -> tuple[Want, ...]:
    """What `words` ask for; without any, `outcome=eligible`.

    Raises:
        click.UsageError: with the nearest right word.
    """
    known = {**_PLAIN, "handling": kernel.rulebook.vocabulary.places}
    found = []
    for word in words:
        name, _, value = word.partition("=")
        if name not in known:
            raise _unknown(word, name, known, "conclusion")
        if value not in known[name]:
            raise _unknown(word, value, known[name], f"value of {name}")
        found.append(Want(name, value))
    if Want("outcome", "ineligible") in found and len(found) > 1:
        raise click.UsageError("an ineligible application has neither modes nor delivery")
    return tuple(dict.fromkeys(found)) or default_wants()


def _unknown(word: str, part: str, known: Collection[str], what: str) -> click.UsageError:
    near = nearest(part, known)
    hint = f"did you mean {near!r}?" if near else f"one of {', '.join(known)}"
    return click.UsageError(f"--want {word}: unknown {what} {part!r}; {hint}")


def meets(decision: Decision, wanted: Iterable[Want]) -> bool:
    """Whether a decision is as wanted."""
    return all(_meets(decision, want) for want in wanted)


def _meets(decision: Decision, want: Want) -> bool:
    if want.conclusion == "outcome":
        return decision.outcome == want.value
    if decision.outcome != "eligible":
        return False
    if want.conclusion == "handling":
        return any(one.place == want.value for one in decision.handling if one.acts)
    return want.value in (decision.modes if want.conclusion == "modes" else decision.delivery)
