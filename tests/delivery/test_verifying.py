"""Whether a changed document is found, whatever was changed; what `tongban verify` says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongban.kernel.audit import keys, signing
from tongban.kernel.model import Text
from tongban.plugins.delivery import register_commands
from tongban.plugins.delivery.certificate import as_json, code_of, sign
from tongban.plugins.delivery.pdf import as_pdf
from tongban.plugins.delivery.verifying import Verification, verify

STRANGER = signing.SigningKey(b"s" * 32)
_MANY = settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def made(came_to: dict[str, Any]) -> Any:
    return came_to["grant"].document("grant")


@pytest.fixture(scope="module")
def known(key: signing.SigningKey) -> keys.KnownKey:
    """The key, and that it may sign for offices in Qinghai and Sichuan."""
    return keys.KnownKey(key.public, ("630000", "510000"), owner="xining")


@pytest.fixture(scope="module")
def pdf(made: Any, key: signing.SigningKey) -> bytes:
    return as_pdf(made, key)


@pytest.fixture(scope="module")
def text(made: Any, key: signing.SigningKey) -> str:
    return as_json(sign(made, key))


def test_a_genuine_document_says_what_it_certifies(
    pdf: bytes, text: str, known: keys.KnownKey
) -> None:
    for file, form in (
        (pdf, "pdf"),
        (text.encode(), "json"),
        (b"\xef\xbb\xbf" + text.encode(), "json"),
    ):
        found = verify(file, [STRANGER.public, known])
        assert (found.verdict, found.form, found.key) == ("genuine", form, known.key.id)
        assert found.certifies["title"] == "准予决定书"
        assert found.certifies["facts"]["granted"] is True
        assert found.certifies["recipient"] == {
            "kind": "person",
            "name": "金**",
            "id_number": "6301********1231",
        }
        assert "金丝雀" not in str(found)


@_MANY
@given(data=st.data())
def test_no_byte_of_a_pdf_can_be_changed(
    data: st.DataObject, pdf: bytes, known: keys.KnownKey
) -> None:
    place = data.draw(st.integers(0, len(pdf) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != pdf[place]))
    found = verify(pdf[:place] + bytes([other]) + pdf[place + 1 :], known)
    assert found.verdict not in ("genuine", "unchanged")


@_MANY
@given(data=st.data())
def test_no_character_of_the_json_can_be_changed(
    data: st.DataObject, text: str, known: keys.KnownKey
) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    char = data.draw(st.characters(codec="utf-8").filter(lambda one: one != text[place]))
    changed = text[:place] + char + text[place + 1 :]
    try:
        same = json.loads(changed) == json.loads(text)
    except ValueError:
        same = False
    assert (verify(changed.encode(), known).verdict == "genuine") is same


def _forged(pdf: bytes, text: str, change: str) -> bytes:
    seal = pdf[pdf.rindex(b"%TONGBAN-SEAL") :]
    changes: dict[str, Callable[[], bytes]] = {
        "appended": lambda: pdf + b"1 0 obj <</Type/Page>> endobj\n%%EOF\n",
        "cut": lambda: pdf[: -len(seal)],
        "sealed twice": lambda: pdf + seal,
        "other words": lambda: pdf.replace(b'"granted": true', b'"granted": null'),
        "saved again": lambda: pdf[: -len(seal)].replace(b"/Creator", b"/Producer"),
    }
    return changes[change]()


@pytest.mark.parametrize(
    "change", ["appended", "cut", "sealed twice", "other words", "saved again"]
)
def test_a_pdf_that_was_worked_on_is_found(
    change: str, pdf: bytes, text: str, key: signing.SigningKey
) -> None:
    found = verify(_forged(pdf, text, change), key.public)
    assert found.verdict == "changed"
    if change != "other words":
        assert found.certifies["number"] == "BJ20260302A1-1", "what was issued is still inside"
    else:
        assert found.certifies == {}


def test_a_seal_of_another_document_does_not_fit(
    pdf: bytes, came_to: dict[str, Any], key: signing.SigningKey
) -> None:
    other = as_pdf(came_to["denial"].document("denial"), key)
    seal = other[other.rindex(b"%TONGBAN-SEAL") :]
    body = pdf[: pdf.rindex(b"%TONGBAN-SEAL")]
    assert verify(body + seal, key.public).verdict == "changed"


def test_a_key_that_is_not_known_is_not_taken_on_trust(
    made: Any, pdf: bytes, text: str, key: signing.SigningKey
) -> None:
    for file in (pdf, text.encode(), as_pdf(made, STRANGER)):
        found = verify(file, key.public if STRANGER.public.id.encode() in file else [])
        assert found.verdict == "unknown_key"
        assert found.certifies == {}
    # Somebody signs anew and writes the name of the known key.
    raw = sign(made, STRANGER).to_dict() | {"key": key.public.id}
    assert verify(json.dumps(raw).encode(), key.public).verdict == "changed"


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        b"%PDF-1.4\n%%EOF\n",
        b"\xff\xfe",
        b'{"format": "tongban.document/1"}',
    ],
)
def test_what_is_no_document_is_named_as_that(file: bytes, key: signing.SigningKey) -> None:
    assert verify(file, key.public).verdict == "no_document"


def test_a_key_twice_in_the_json_is_refused(text: str, key: signing.SigningKey) -> None:
    doubled = text.replace('"kind": "grant"', '"kind": "denial", "kind": "grant"')
    assert verify(doubled.encode(), key.public).verdict == "no_document"


def test_the_code_on_paper_can_be_computed_anew(text: str, pdf: bytes) -> None:
    raw = json.loads(text)
    assert re.fullmatch("([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", raw["code"])
    assert code_of(raw["document"]) == raw["code"]
    raw["document"]["facts"]["granted"] = False
    assert code_of(raw["document"]) != raw["code"]


# The command.


@pytest.fixture
def run(tmp_path: Path, known: keys.KnownKey, pdf: bytes, text: str) -> Callable[..., Any]:
    """Runs `tongban verify` in a folder with a document and keys."""
    group = click.Group()
    register_commands(group)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "xining.pub").write_text(known.to_text(), encoding="utf-8")
    (tmp_path / "keys" / "notes.pem").write_text("no key", encoding="ascii")
    (tmp_path / "grant.pdf").write_bytes(pdf)
    (tmp_path / "grant.json").write_text(text, encoding="utf-8")
    (tmp_path / "changed.pdf").write_bytes(pdf.replace(b"/Creator", b"/Xreator"))

    def command(*words: str, **environ: str) -> Any:
        paths = [word.replace("@", f"{tmp_path}/") for word in words]
        given = {name: value.replace("@", f"{tmp_path}/") for name, value in environ.items()}
        return CliRunner().invoke(group, ["verify", *paths], env=given)

    return command


def test_the_command_says_whether_it_is_genuine(run: Callable[..., Any]) -> None:
    for file in ("@grant.pdf", "@grant.json"):
        done = run(file, "--key", "@keys")
        assert done.exit_code == 0, done.output
        assert done.output.startswith("核验通过 genuine")
        assert "受送达人 recipient: 金** 6301********1231" in done.output
        assert "准予决定书" in done.output
    assert run("@grant.pdf", TONGBAN_PUBLIC_KEYS="@keys/xining.pub").exit_code == 0


def test_the_command_exits_by_what_it_found(run: Callable[..., Any]) -> None:
    changed = run("@changed.pdf", "--key", "@keys")
    assert changed.exit_code == 1
    assert "签发时的内容" in changed.output
    unknown = run("@grant.pdf")
    assert unknown.exit_code == 2
    assert "签名机关未知" in unknown.output
    assert "金" not in unknown.output
    assert run("@keys/notes.pem", "--key", "@keys").exit_code == 2
    assert run("@nowhere.pdf").exit_code == 2
    no_key = run("@grant.pdf", "--key", "@keys/notes.pem")
    assert no_key.exit_code == 2
    assert "is not a public key" in no_key.output


def test_the_command_has_stable_json(run: Callable[..., Any]) -> None:
    raw = json.loads(run("@grant.pdf", "--key", "@keys", "--json").output)
    names = ["verdict", "official", "form", "key", "signer", "why", "zh", "en", "replaced_by"]
    assert list(raw) == [*names, "certifies"]
    assert raw["signer"] == {"owner": "xining", "may_sign": "630000 510000"}
    assert raw["verdict"] == "genuine"
    assert raw["certifies"]["recipient"]["name"] == "金**"


def test_a_verification_is_plain_data() -> None:
    found = Verification("genuine", "pdf", "k", Text("内容未改"), {})
    assert found.to_dict()["official"] == "核验通过"
