"""From the fields of a command of the protocol to options, and back: the one place for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from inspect import cleandoc, getdoc
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import click

from tongban.kernel import Defect, nearest, protocol
from tongban.kernel.model import TERMS, Text, official

_TERMS: Mapping[str, Mapping[str, str]] = {
    "lodge.remedy": official("remedy"),
    "outcome": official("remedy_outcome"),
    "procedure": official("procedure"),
    "grade": official("grade"),
    "report.status": official("delivery_status"),
    "deliver.by": official("delivery"),
    "forward.by": {by: TERMS["way"][by].zh for by in ("post", "message")},
    "scope": official("scope"),
    "kinship": official("kinship"),
    "extend.step": {step: protocol.LIMIT_STEPS[step] for step in ("decide", "examine", "confirm")},
}
"""What a field may hold, with official terms: by its name, or by command and name."""

_SAYS: Mapping[str, str] = {
    "reason": "Why; it is told to the applicant.",
    "reasons": "Why; it is told to the applicant. Again for another reason.",
    "note": "What else is to be said.",
    "finding": "What the examination found.",
    "missing": "What was listed and is not there. Again for another.",
    "given": "What is brought, as it was asked for. Again for another.",
    "wanted": "What is missing. Again for another: all of it, once only.",
    "working_days": "Within this many working days.",
    "extend.working_days": "By this many days; left out, all that the rule allows.",
    "expected": "How many working days it will take.",
    "grade": "As it was chosen; never a default.",
    "procedure": "What stops the clock.",
    "status": "Its result.",
    "step": "The limit.",
    "comment": "In the applicant's words.",
    "result": "What was done about it.",
    "side": "The office that is meant, as `case show` writes it.",
    "goes_on": "Whether the case goes on, or ends.",
    "identified": "Whether the identity was verified.",
    "materials": "NAME, NAME:FORM or NAME:FORM:COPIES (original, copy, form, electronic). Again"
    " for another.",
    "defects": "FIELD=WHAT IS WRONG, for every formal defect. Again for another.",
    "tracking": "Number of the letter.",
    "document": "Name or hash of the result.",
    "delivery": "Which delivery, from 1; left out, the last.",
    "by": "How it goes.",
    "valid_until": "The last day of the result, where the rules do not say it or the paper says"
    " another: 2027-06-30.",
    "scope": "What the letter lets the agent do. Again for another; left out, it does not say.",
    "recuse.reason": "Why; also that the applicant asked for it.",
    "recuse.officer": "The account that is kept off; left out, oneself.",
    "recuse.office": "The office of that account, as `case show` writes it; left out, one's own.",
    "readmit.reason": "Why.",
    "readmit.office": "The office of that account; left out, the only one that it can be.",
    "release.reason": "Why; needed of a colleague and of the supervisor.",
    "release.office": "The office whose task it is; left out, one's own.",
    "article": "The law that it rests on, by article.",
    "number": "Which remedy, from 1; left out, the last.",
    "on": "The day, YYYY-MM-DD; left out, today.",
    "organ": "Where it was lodged, by name.",
    "admitted": "Whether it was admitted.",
    "granted": "Whether it is granted now.",
    "lodge.remedy": "Reconsideration or lawsuit.",
    "lodge.reason": "Of the applicant.",
    "lodge.act": "What it challenges, as `case show` writes it: the number of a decision, or the"
    " state in which the case ended; left out, what holds now.",
    "remedy": "Number of the remedy that this carries out; left out, on one's own account.",
    "resolve.document": "Number of the document that resolved it.",
}
"""What an option is for, where the command's own words are not enough."""

ALL_OF: Mapping[tuple[str, str], str] = {
    ("forward", "materials"): "Send everything that was handed in.",
    ("supply", "given"): "Everything that is still missing is brought.",
}
"""Fields that `--all` fills from the case."""

_METAVARS = {"side": "OFFICE", "tracking": "NUMBER", "materials": "PAPER", "defects": "DEFECT"}
_SINGULAR = {
    "reasons": "--reason",
    "materials": "--material",
    "defects": "--defect",
    "goes_on": "--goes-on/--ends",
    "since": "--from",
    "identified": "--identified/--not-identified",
    "admitted": "--admitted/--not-admitted",
    "granted": "--granted/--denied",
}


_SHORT = 34


class Term(click.ParamType[str]):
    """A word of the protocol, by its code or its official term.

    Args:
        terms: code to official term.
    """

    name = "term"

    def __init__(self, terms: Mapping[str, str]) -> None:
        self.terms = terms

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        names = "|".join(self.terms)
        return f"[{names}]" if len(names) <= _SHORT else "WORD"

    @property
    def listed(self) -> str:
        """Every word, for the help of an option; "" where its metavar has them."""
        if len("|".join(self.terms)) <= _SHORT:
            return ""
        return " One of: " + ", ".join(f"{code} {term}" for code, term in self.terms.items()) + "."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        codes = {code: code for code in self.terms} | {v: k for k, v in self.terms.items()}
        found = codes.get(str(value)) or codes.get(str(value).replace("-", "_"))
        if found:
            return found
        near = nearest(value, codes)
        hint = f", did you mean {near!r}?" if near else ""
        all_of_them = ", ".join(f"{code} {term}" for code, term in self.terms.items())
        return self.fail(f"{value!r} is none of {all_of_them}{hint}", param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        return [
            click.shell_completion.CompletionItem(code, help=term)
            for code, term in self.terms.items()
            if code.startswith(incomplete)
        ]


class Day(click.ParamType[date]):
    """A day such as 2027-06-30."""

    name = "day"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            return self.fail(f"{value!r} is not a day; write it as 2027-06-30", param, ctx)


class Paper(click.ParamType[protocol.Document]):
    name = "paper"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> protocol.Document:
        if isinstance(value, protocol.Document):
            return value
        name, *rest = re.split("[:\uff1a]", value)
        form, copies = [*rest, "", ""][:2] if len(rest) < 3 else ("", "?")
        if not name.strip() or (copies and not re.fullmatch("[1-9][0-9]*", copies)):
            return self.fail(f"{value!r}: write NAME:FORM:COPIES, 申请表:form:2", param, ctx)
        return protocol.Document(name.strip(), form or "copy", int(copies or 1))


class _Defect(click.ParamType[Defect]):
    name = "defect"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Defect:
        if isinstance(value, Defect):
            return value
        field, sign, message = value.partition("=")
        if not sign or not field.strip() or not message.strip():
            return self.fail(f"{value!r}: write FIELD=WHAT IS WRONG", param, ctx)
        return Defect(field.strip(), Text(message.strip()))


def options_of(kind: str) -> list[click.Option]:
    """The options of a command, one for each field of its body.

    Args:
        kind: of the command, a key of `protocol.COMMAND_BODIES`.
    """
    body: Any = protocol.COMMAND_BODIES[kind]
    hints = get_type_hints(body)
    return [_option(kind, field, hints[field.name]) for field in attrs.fields(body)]


def _option(kind: str, field: Any, hint: Any) -> click.Option:
    name = field.name
    flag = _SINGULAR.get(name, f"--{name.replace('_', '-')}")
    required = field.default is attrs.NOTHING and (kind, name) not in ALL_OF
    many = get_origin(hint) is tuple
    says = _SAYS.get(f"{kind}.{name}") or _SAYS.get(name) or _documented(kind, name)
    if hint is bool:
        # A default of None would be taken for an answer, and nothing would be required.
        own: dict[str, Any] = {} if required else {"default": field.default}
        return click.Option([flag, name], required=required, help=says, **own)
    type = _type(kind, name, hint)
    if isinstance(type, Term):
        says += type.listed
    return click.Option(
        [flag, name],
        type=type,
        multiple=many,
        required=required,
        metavar=_METAVARS.get(name),
        help=says,
    )


def _type(kind: str, name: str, hint: Any) -> click.ParamType[Any]:
    terms = _TERMS.get(f"{kind}.{name}") or _TERMS.get(name)
    if terms:
        return Term(terms)
    origin, inner = get_origin(hint), [one for one in get_args(hint) if one is not type(None)]
    if origin is Literal:
        return Term({str(one): str(one) for one in inner})
    base = inner[0] if origin in (tuple, Union) or inner else hint
    return _TYPES[base]


_TYPES: Mapping[Any, click.ParamType[Any]] = {
    str: click.STRING,
    int: click.INT,
    date: Day(),
    protocol.Document: Paper(),
    Defect: _Defect(),
}


def _documented(kind: str, name: str) -> str:
    """What the docstring of a command's body says of a field."""
    text = cleandoc(getdoc(protocol.COMMAND_BODIES[kind]) or "")
    found = re.search(rf"^    (?:\w+, )*{name}(?:, \w+)*: (.+)", text, re.MULTILINE)
    return found[1] if found else ""


def body_of(kind: str, given: Mapping[str, Any]) -> protocol.CommandBody:
    """The body that options describe; an option that was not given keeps its default.

    Args:
        kind: of the command.
        given: values by the names of the fields.
    """
    body: Any = protocol.COMMAND_BODIES[kind]
    make: Callable[..., protocol.CommandBody] = body
    fields = {field.name: field for field in attrs.fields(body)}
    values = {name: value for name, value in given.items() if name in fields}
    return make(
        **{
            name: value
            for name, value in values.items()
            if fields[name].default is attrs.NOTHING or value not in (None, ())
        }
    )
