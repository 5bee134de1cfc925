"""Documents as an officer reads them: golden files, official words, one page each."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest
from attrs import evolve

from tongban.kernel import protocol
from tongban.kernel.audit import signing
from tongban.kernel.model import Text
from tongban.plugins.delivery.certificate import code_of
from tongban.plugins.delivery.documents import KINDS, DocumentError, Listing, as_text, document
from tongban.plugins.delivery.documents.wording import LAW, typeset
from tongban.plugins.delivery.pdf import as_pdf


def read(file: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(file), strict=True)


def text_of(file: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in read(file).pages)


@pytest.mark.parametrize("kind", KINDS)
def test_documents_read_as_they_did(
    kind: str, came_to: dict[str, Any], golden: Callable[[str, str], None]
) -> None:
    made = came_to[kind].document(kind)
    golden(f"{kind}.txt", as_text(made, code_of(made)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_pdf_says_the_same_on_one_page(
    kind: str, came_to: dict[str, Any], key: signing.SigningKey
) -> None:
    made = came_to[kind].document(kind)
    file = as_pdf(made, key)
    assert file == as_pdf(made, key), "the same input gives other bytes"
    assert len(read(file).pages) == 1
    shown = text_of(file)
    for line in as_text(made, code_of(made)).splitlines():
        for word in line.split():
            assert word in shown


@pytest.mark.parametrize("kind", ["decline", "denial", "termination"])
def test_a_refused_applicant_is_told_the_remedy(kind: str, came_to: dict[str, Any]) -> None:
    made = came_to[kind].document(kind)
    assert "可以依法申请行政复议或者提起行政诉讼" in as_text(made)
    assert made.facts["remedy"] == protocol.REMEDY


@pytest.mark.parametrize("kind", KINDS)
def test_no_document_has_more_personal_data_than_the_name(
    kind: str, came_to: dict[str, Any], key: signing.SigningKey, people: dict[str, Any]
) -> None:
    made = came_to[kind].document(kind)
    file = as_pdf(made, key)
    everything = as_text(made) + text_of(file) + str(made.to_dict()) + str(read(file).metadata)
    for name in ("id_number", "phone", "address"):
        assert people[name] not in everything
    assert "金丝雀" not in repr(made)
    assert "金丝雀" not in str(read(file).metadata)


def test_a_licence_is_decided_in_the_words_of_its_law(came_to: dict[str, Any]) -> None:
    licence = as_text(came_to["denial"].document("denial"))
    assert "不予行政许可决定书" in licence
    assert "《中华人民共和国行政许可法》第三十八条" in licence
    assert "行政许可" not in as_text(came_to["grant"].document("grant"))


def test_what_a_clerk_typed_is_printed_whole(desk: Any) -> None:
    typed = "申请表第2页缺签名 (see page 2)"
    back = desk("hukou").opened()
    back.do(protocol.Actor("window", "1", "510100"), protocol.Receive((
        protocol.Defect("materials", Text(typed)),
    )))  # fmt: skip
    assert f"申请材料：{typed}" in as_text(back.document("return")).replace("\n", "")
    ended = desk("hukou").accepted()
    ended.do(ended.lead, protocol.Terminate(f"申请人死亡:{typed}"))
    assert typed in as_text(ended.document("termination")).replace("\n", "")


def test_a_last_day_beyond_the_calendar_is_marked(came_to: dict[str, Any]) -> None:
    desk = came_to["acceptance"]
    more = evolve(desk.particulars, calendars=lambda division: protocol.Calendar())
    assert "暂定" in as_text(document(desk.case, "acceptance", more))
    assert "暂定" not in as_text(desk.document("acceptance"))


def test_many_reasons_still_fit_on_the_page(
    came_to: dict[str, Any], key: signing.SigningKey
) -> None:
    made = came_to["denial"].document("denial")
    reasons = tuple(f"第{number}项条件不符合:{'说明' * 12}" for number in range(1, 17))
    first = next(block for block in made.blocks if isinstance(block, Listing))
    blocks = tuple(Listing(reasons) if block is first else block for block in made.blocks)
    assert len(read(as_pdf(evolve(made, blocks=blocks), key)).pages) == 1
    far_more = evolve(made, blocks=(*blocks, *blocks, *blocks, *blocks))
    file = as_pdf(far_more, key)
    assert len(read(file).pages) > 1
    assert text_of(file).count("第16项条件不符合") == 4, "nothing is cut off"


def test_a_character_that_the_font_lacks_is_not_lost(
    came_to: dict[str, Any], key: signing.SigningKey
) -> None:
    made = came_to["grant"].document("grant")
    rare = evolve(made, recipient={"kind": "person", "name": "张\U0002b1ee"})
    assert "张〔U+2B1EE〕" in text_of(as_pdf(rare, key))


def test_text_of_a_reason_is_no_markup(came_to: dict[str, Any], key: signing.SigningKey) -> None:
    made = came_to["denial"].document("denial")
    odd = "<b>&x</b> <para> \x1b[31m\u202e\n第二行"
    blocks = tuple(Listing((odd,)) if isinstance(b, Listing) else b for b in made.blocks)
    shown = text_of(as_pdf(evolve(made, blocks=blocks), key))
    assert "<b>&x</b><para>" in shown
    assert "第二行" in shown


def test_erased_personal_data_leaves_a_document(came_to: dict[str, Any]) -> None:
    desk = came_to["grant"]
    made = document(desk.case, "grant", evolve(desk.particulars, personal={}))
    assert "申请人：" in as_text(made)


def test_a_document_before_its_time_is_refused(desk: Any) -> None:
    case = desk("hukou").received().case
    for kind in sorted(set(KINDS) - {"receipt"}):
        with pytest.raises(DocumentError, match=r"尚不能出具"):
            document(case, kind)
    with pytest.raises(DocumentError, match="did you mean 'receipt'"):
        document(case, "reciept")


def test_a_font_that_is_none_is_named(
    came_to: dict[str, Any], key: signing.SigningKey, tmp_path: Path
) -> None:
    font = tmp_path / "song.ttf"
    font.write_bytes(b"no font")
    with pytest.raises(DocumentError, match=r"song\.ttf"):
        as_pdf(came_to["grant"].document("grant"), key, font)


def test_every_notice_of_the_protocol_has_its_document() -> None:
    sources = Path(protocol.__file__).parent.glob("*.py")
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    short = {"补正告知书"}  # in the protocol, of 一次性补正告知书
    known = {kind.official for kind in KINDS.values()} | short
    named = set(re.findall(r'notice\(\s*"([^"]*)"', text))
    assert len(named) > 15
    assert {one for one in named if one.endswith("书")} <= known


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("收到,现予收件", "收到，现予收件"),
        ("(办件编号A-1)", "（办件编号A-1）"),
        ("Law, 2 (two)", "Law, 2 (two)"),
        ("9:30到12:00", "9:30到12:00"),
        ("20个工作日(至30日(暂定))。", "20个工作日（至30日（暂定））。"),
    ],
)
def test_chinese_has_wide_punctuation(narrow: str, wide: str) -> None:
    assert typeset(narrow) == wide


def test_a_grant_says_until_when_it_holds(came_to: dict[str, Any]) -> None:
    made = came_to["expiry"].document("grant")
    assert "有效期至2026年4月1日。" in as_text(made)
    assert made.facts["valid_until"] == "2026-04-01"
    assert "valid_until" not in came_to["grant"].document("grant").facts


def test_who_may_no_longer_act_is_said(desk: Any) -> None:
    case = desk("hukou").received()
    case.do(case.applicant, protocol.Authorise("g-2", "委2026-18"))
    case.do(case.applicant, protocol.Authorise())
    assert "不再由代办人办理" in as_text(case.document("authorisation"))


def test_a_corrected_decision_has_the_day_and_the_reasons_of_its_correction(desk: Any) -> None:
    corrected = desk("licence").decided(granted=False)
    corrected.wait(10)
    why = ("申请人已具备相应能力",)
    corrected.do(corrected.lead, protocol.Correct(True, why, f"{LAW}第六十九条"))
    made = corrected.document("grant")
    text = as_text(made, code_of(made))
    assert "2026年3月12日" in text
    assert why[0] in text
    assert "不符合条件" not in text, "the finding of the former decision"
    assert "更正后的决定书" in text
    corrected.wait(1)
    corrected.do(corrected.lead, protocol.Correct(False, ("经查证不属实",), f"{LAW}第六十九条"))
    made = corrected.document("denial")
    text = as_text(made, code_of(made))
    assert "2026年3月13日" in text
    assert "更正后的决定书" in text
    assert "补发" not in text


def test_a_number_of_a_remedy_that_ends_in_its_word_has_it_once(desk: Any) -> None:
    corrected = desk("licence").decided(granted=False)
    corrected.do(corrected.applicant, protocol.Lodge("reconsideration", "西宁市人民政府", "不服"))
    corrected.do(corrected.lead, protocol.Resolve("changed", document="宁政复决〔2026〕7号"))
    corrected.do(corrected.lead, protocol.Correct(True, ("已核实",), f"{LAW}第六十九条", 1))
    made = corrected.document("decision_correction")
    assert "号号" not in as_text(made, code_of(made))
