"""Names in every script: drawn, and copied out of the document as they are."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pypdf
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.delivery.test_documents import text_of

from tongban.kernel import Kernel
from tongban.kernel.audit import signing
from tongban.plugins import delivery
from tongban.plugins.delivery import shaping
from tongban.plugins.delivery.documents import Form, Listing, Paragraph
from tongban.plugins.delivery.fonts import face_of
from tongban.plugins.delivery.pdf import as_pdf
from tongban.plugins.delivery.verifying import verify

NAMES = {
    "middle dot": "古丽米热·艾比布力",
    "Tibetan": "ཚེ་རིང་སྒྲོལ་མ",
    "Uyghur": "گۈلمىرە ئابدۇقادىر",
    "Kazakh": "نۇرلان",
    "Mongolian": "ᠪᠠᠭᠠᠲᠤᠷ",
    "extension E": "𬱖某",
    "zero": "欧阳〇一",
    "Latin": "Zoë Müller",
    "after the first block": "鿍某",
}


@pytest.fixture(autouse=True, params=["with the fonts of the machine", "with our own alone"])
def fonts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What is promised holds without any font of the machine."""
    shaping.outline.cache_clear()
    if "alone" in request.param:
        monkeypatch.setattr(shaping, "_installed", lambda: ())
    yield
    shaping.outline.cache_clear()


def named(came_to: dict[str, Any], name: str, kind: str = "grant") -> Any:
    made = came_to[kind].document(kind)
    return evolve(made, recipient={"kind": "person", "name": name})


def raw_text(file: bytes) -> str:
    return pypdf.PdfReader(io.BytesIO(file)).pages[0].extract_text()


@pytest.mark.parametrize("script", NAMES)
def test_a_name_is_printed_and_copied_as_it_is(
    came_to: dict[str, Any], key: signing.SigningKey, script: str
) -> None:
    name = NAMES[script]
    file = as_pdf(named(came_to, name), key)
    assert name in raw_text(file)
    assert "〔U+" not in raw_text(file)
    assert file == as_pdf(named(came_to, name), key), "the same input gives other bytes"
    assert len(file) < 120_000


@pytest.mark.parametrize("script", ["middle dot", "Tibetan", "Uyghur", "Mongolian", "extension E"])
def test_so_is_a_name_in_text_lists_and_tables(
    came_to: dict[str, Any], key: signing.SigningKey, script: str
) -> None:
    name = NAMES[script]
    blocks = (
        Paragraph(f"申请人{name}提出的申请,经审查,符合条件。" * 6),
        Listing((f"{name}的户口簿", name)),
        Form((("姓名", name), ("签收", ""))),
    )
    text = raw_text(as_pdf(evolve(named(came_to, name), blocks=blocks), key))
    wanted = name if script != "Tibetan" else name.split("\u0f0b")[0]
    assert text.replace("\n", "").count(wanted) >= 9


@pytest.mark.parametrize("script", ["middle dot", "Tibetan", "Uyghur"])
def test_the_document_is_genuine_all_the_same(
    came_to: dict[str, Any], key: signing.SigningKey, script: str
) -> None:
    file = as_pdf(named(came_to, NAMES[script]), key)
    place = file.index(b" d1")
    changed = file[: place - 1] + b"1" + file[place:]
    assert verify(file, key.public).verdict != verify(changed, key.public).verdict


def test_what_no_font_has_is_named(came_to: dict[str, Any], key: signing.SigningKey) -> None:
    for char, shown in (("\U0003fffd", "3FFFD"), ("\ue000", "E000"), ("\U000f0000", "F0000")):
        assert f"李〔U+{shown}〕" in text_of(as_pdf(named(came_to, f"李{char}"), key))


def test_without_the_library_documents_still_come_out(
    came_to: dict[str, Any], key: signing.SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "uharfbuzz", None)
    shown = text_of(as_pdf(named(came_to, "古丽米热·艾"), key))
    assert "古丽米热〔U+00B7〕艾" in shown
    (finding,) = delivery.findings()
    assert not finding.sound
    assert "pip install" in finding.help


def test_doctor_says_which_scripts_can_be_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = Kernel([delivery]).ports.findings()
    assert "typefaces" in finding.name
    cannot = finding.says if not finding.sound else ""
    for script in ("Tibetan", "Uyghur", "Mongolian", "middle dot", "common characters"):
        assert script not in cannot
    monkeypatch.setattr(shaping, "_own", lambda: ())
    monkeypatch.setattr(shaping, "_installed", lambda: ())
    shaping.outline.cache_clear()
    (finding,) = Kernel([delivery]).ports.findings()
    assert "Tibetan" in finding.says
    assert finding.help


def test_a_font_of_ones_own_is_helped_out_too(
    came_to: dict[str, Any], key: signing.SigningKey, tmp_path: Path
) -> None:
    """TONGBAN_FONT names one without Tibetan; nothing of it is lost."""
    face = face_of(None)
    with face:
        fonts = {font for font, _ in face.runs("某ཚེ་རིང")}
    assert len(fonts) == 2


TEXTS = st.text(
    st.one_of(
        st.characters(min_codepoint=0x20, max_codepoint=0x3FFFF, exclude_categories=["Cs"]),
        st.sampled_from("古·ཚེ་گۈᠪᠠ𬱖<>&\u200d "),
    ),
    max_size=40,
)


@given(TEXTS)
@settings(max_examples=200)
def test_no_character_is_lost_in_silence(text: str) -> None:
    """Each is in the usual type, in a drawn word, or named; but what nobody sees."""
    with face_of(None) as face:
        said = ""
        for font, part in face.runs(text):
            drawn = font != face.name
            assert drawn or all(ord(char) in face.glyphs for char in part)
            said += "".join(face.words[ord(c) - 0xF0000].text for c in part) if drawn else part
    for char in text:
        seen = char.isprintable() and not char.isspace()
        assert not seen or char in said or f"〔U+{ord(char):04X}〕" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ئابدۇكېرىم · ཚེ་རིང 〇𬱖 ᠮᠣᠩᠭᠣᠯ", {"ئابدۇكېرىم", "ཚེ་", "རིང", "𬱖", "ᠮᠣᠩᠭᠣᠯ"}),
        ("ཚེ་རིང گۈلمىرە ئابدۇ", {"ཚེ་", "རིང", "گۈلمىرە ئابدۇ"}),
        ("རིངᠮᠣᠩᠭᠣᠯ", {"རིང", "ᠮᠣᠩᠭᠣᠯ"}),
        ("ئابدۇཚེ་", {"ئابدۇ", "ཚེ་"}),
    ],
)
def test_each_script_beside_others_is_shaped_as_when_it_is_alone(
    text: str, words: set[str]
) -> None:
    """Letter by letter, Uyghur would not be joined and Tibetan vowels would hang on circles."""
    with face_of(None) as face:
        face.runs(text)
        assert words <= {one.text for one in face.words}
