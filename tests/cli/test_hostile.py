"""Whatever comes in, a decision or a refusal comes out: never anything else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tongban.kernel import Application, ApplicationError, Defect, Kernel

Run = Callable[..., Result]

KEYS = ["item", "channel", "received_at", "as_of", "applicant", "places", "facts", "deliver_by"]
WORDS = [
    "2-03", "3-03", "1-04", "1-53", "结婚登记", "630000/1-21", "online", "window", "kiosk",
    "person", "630100", "510100", "西宁巿", "hukou", "move_in", "move_reason", "job_transfer",
    "kind", "agent", "id_number", "11010119900307123X", "2026-01-01", "2026-02-30", "0001-01-01",
    "9999-12-31", "", "transferable", "birth_order", "handle_at", "residence", "identity.age",
    "\ud800", "\x00", "e\u0301", "post", "100000", "710000", "632857",
]  # fmt: skip
PIECES = [
    b"{", b"}", b"[", b"]", b'"', b":", b",", b"\n", b"\r\n", b" ", b"\\", b"null", b"1e999", b"-0",
    b"NaN", b'"item"', b'"2-03"', b'{"item": "2-03"}', b'{"item": "1-07"}', b"\xe7", b'"places"',
    b'{"hukou": 630100}', b"\xef\xbb\xbf", b"\x1b[2J", b"\0",
]  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**20, max_value=10**40)
    | st.sampled_from([110000, 630100, 632857, -1, 0, 1, 3, 2**63])
    | st.floats(allow_nan=True)
    | st.sampled_from(WORDS)
    | st.text(st.characters(), max_size=8)
)
words = st.sampled_from([*KEYS, *WORDS]) | st.text(max_size=4)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
divisions = st.sampled_from(["630100", "510100", 630102, "540100", "110105", "632857", "210200"])
nearly = st.fixed_dictionaries(
    {"item": st.sampled_from(WORDS[:6])},
    optional={
        "channel": st.sampled_from(["online", "window", "kiosk"]),
        "received_at": divisions | anything,
        "as_of": st.dates().map(str) | anything,
        "applicant": st.dictionaries(st.sampled_from(["kind", "name", "agent", "x"]), anything),
        "places": st.dictionaries(words | st.just("property"), divisions | anything, max_size=5),
        "facts": st.dictionaries(words, anything, max_size=5),
        "deliver_by": st.sampled_from(["post", "pickup", "electronic"]) | anything,
    },
)
ITEMS = [
    f"{batch}-{n:02d}" for batch, rows in ((1, 58), (2, 72), (3, 8)) for n in range(1, rows + 1)
]
PLACES = [
    "hukou", "residence", "work", "insured", "transfer_in", "transfer_out", "move_in", "move_out",
    "property", "enterprise", "registered", "fund", "purchase", "vehicle_in", "treatment",
    "present",
]  # fmt: skip
FACTS = [
    "transferable", "pilot_area", "relaxed_policy", "own_record", "domestic_product", "tibet_open",
    "guardian_applies", "first_id_card", "born_in_wedlock", "loan_repaid", "licence_lost",
]  # fmt: skip
rightly = st.fixed_dictionaries(
    {"item": st.sampled_from(ITEMS), "received_at": divisions},
    optional={
        "channel": st.sampled_from(["online", "window", "kiosk"]),
        "as_of": st.dates().map(str),
        "applicant": st.fixed_dictionaries(
            {"kind": st.sampled_from(["person", "enterprise", "institution"])},
            optional={"id_number": st.sampled_from(["11010119900307123X", "x"])},
        ),
        "places": st.dictionaries(st.sampled_from(PLACES), divisions, max_size=6),
        "facts": st.dictionaries(st.sampled_from(FACTS), st.booleans(), max_size=6),
        "deliver_by": st.sampled_from(["post", "pickup", "electronic"]),
    },
)
RELAXED = settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@given(raw=anything | nearly | rightly)
@example(raw={"item": "1-31", "places": {"enterprise": "西宁巿"}})
@example(raw={"item": "2-03", "places": {"\ud800": "630100"}, "facts": {"\ud800": True}})
@example(raw={"item": "2-17", "facts": {"disability_grade": 10**5000}})
@example(raw={"item": ["2-03"], "channel": ["online"], "received_at": [], "facts": [[]]})
@RELAXED
def test_application_is_checked_or_refused(kernel: Kernel, raw: Any) -> None:
    """Anything but `ApplicationError` is a failure; what passes can be decided and explained."""
    refused: tuple[Defect, ...] = ()
    try:
        application = kernel.application(raw)
    except ApplicationError as error:
        refused = error.defects
    if refused:
        return
    assert isinstance(application, Application)
    decision = kernel.decide(application).to_dict()
    assert json.loads(json.dumps(decision)) == decision
    explanation = kernel.explain(application).to_dict()
    json.dumps(explanation)


def checked(run: Run, data: bytes, *options: str) -> None:
    """What the command line says of `data` is whole, whatever it is."""
    result = run("route", *options, "-", input=data)
    assert result.exit_code in (0, 2, 3)
    assert "Traceback" not in result.stderr
    bad = result.exit_code == 2
    assert bool(result.stderr) or not bad
    if "--json" in options:
        lines = [line for line in result.stdout_bytes.decode("utf-8").split("\n") if line]
        assert lines
        for line in lines:
            shown = json.loads(line)
            json.dumps(shown, ensure_ascii=False).encode("utf-8")
            assert ("error" in shown) is not ("outcome" in shown)
        assert any("error" in json.loads(line) for line in lines) is bad


@given(data=st.binary(max_size=300))
@example(data=b"\xef\xbb\xbf{}")
@example(data=b"{\0")
@example(data=b"\0{")
@example(data=b"{\n\xff\n}\n")
@example(data=b'{"a\\ud800": 1}')
@example(data=b'{"item": "\\udfff"}\n{"\\ud800": 0}')
@RELAXED
def test_any_bytes(run: Run, data: bytes) -> None:
    checked(run, data, "--json")
    checked(run, data)


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=30))
@RELAXED
def test_any_pieces_of_json(run: Run, pieces: list[bytes]) -> None:
    checked(run, b"".join(pieces), "--json")


@given(raws=st.lists(anything | nearly | rightly, min_size=1, max_size=4))
@RELAXED
def test_any_json_lines(run: Run, raws: list[Any]) -> None:
    lines = [json.dumps(raw) for raw in raws]
    checked(run, "\n".join(lines).encode(), "--json", "--explain")
    checked(run, "\n".join(lines).encode(), "--explain")


@given(text=st.text(max_size=60))
@example(text="\n\x1b[2J\n")
@example(text="1\n" * 30)
@example(text="window\n西宁巿\n市\n朝阳区\n" * 3)
@pytest.mark.parametrize("item", ["1-07", "2-50", "1-04"])
@RELAXED
def test_any_answers(run: Run, item: str, text: str) -> None:
    """The interview ends, at the end of input at the latest, and prints an application."""
    result = run("ask", item, "--json", input=text.encode("utf-8", "replace"))
    assert result.exit_code in (0, 3)
    shown = json.loads(result.stdout)
    assert shown.get("application", shown)["item"] == item
