"""Whether a document is genuine: as it was issued, by a key that may sign for its issuer. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Literal, TypeAlias

from attrs import evolve, frozen

from tongban.kernel import Divisions
from tongban.kernel.audit import keys, signing, voids
from tongban.kernel.model import Text
from tongban.kernel.protocol import personal_data
from tongban.plugins.delivery import certificate, seal
from tongban.plugins.delivery.certificate import Signed
from tongban.plugins.delivery.documents import DocumentError

Verdict: TypeAlias = Literal[
    "genuine", "unchanged", "changed", "wrong_issuer", "void", "unknown_key", "no_document"
]

VERDICTS: Mapping[Verdict, Text] = {
    "genuine": Text(
        "核验通过", "genuine: unchanged, and signed by a key of the office that issued it"
    ),
    "unchanged": Text(
        "内容未改,机关未证实", "unchanged, but nothing proves which office issued it"
    ),
    "changed": Text("核验不通过", "changed since it was issued: do not rely on it"),
    "wrong_issuer": Text("签发机关不符", "signed by a key that may not sign for this office"),
    "void": Text("文书已作废", "void: another paper took its place"),
    "unknown_key": Text("签名机关未知", "signed by a key that is not known here"),
    "no_document": Text("不是签名文书", "no document that can be verified"),
}
_SHOWN = (
    "kind",
    "title",
    "number",
    "case",
    "item",
    "item_name",
    "collaboration",
    "issuer",
    "issuer_name",
    "issued_on",
)
_BEGIN, _END = b'{"format": "tongban.document/1"', b"}\nendstream"
_TRIES = 20
"""At most this many documents inside one PDF are looked at: ours hold one."""

_HEADER = 1024
"""Readers of PDF look for its mark in this many bytes."""

LARGEST = 50_000_000
"""A file that is larger is none of ours."""

Voided: TypeAlias = Callable[[str, str], str | None]
"""By case and number: the number that took its place, where a paper is void."""

_Known: TypeAlias = Mapping[str, tuple[keys.KnownKey, ...]]


@frozen
class Verification:
    """What was found of a file that was verified.

    Attributes:
        form: `pdf` or `json`.
        key: id of the key that is said to have signed it, "" where none is.
        why: a sentence for people, on one line under `why` in JSON and apart under `zh`, `en`.
        certifies: what the signed content says, personal data masked; empty where no
            known key signed it. Of a PDF that was changed it is what was issued.
        signer: of a known key: `owner`, and in `may_sign` for which places and days.
        replaced_by: number of the paper that took its place, where it is void.
    """

    verdict: Verdict
    form: str
    key: str
    why: Text
    certifies: Mapping[str, Any]
    signer: Mapping[str, str] = {}
    replaced_by: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "verdict": self.verdict,
            "official": VERDICTS[self.verdict].zh,
            "form": self.form,
            "key": self.key,
            "signer": dict(self.signer),
            "why": self.why.bracketed,
            **self.why.to_dict(),
            "replaced_by": self.replaced_by,
            "certifies": dict(self.certifies),
        }


def verify(
    file: bytes,
    known: signing.PublicKey | keys.KnownKey | Iterable[signing.PublicKey | keys.KnownKey],
    lists: Iterable[voids.Voids] = (),
    voided: Voided = lambda case, number: None,
    places: Divisions | None = None,
) -> Verification:
    """Verifies a document; the time that it takes grows with the size of the file, no faster.

    Args:
        file: a PDF or JSON file, its bytes.
        known: public keys of the authorities, which came by another way than the file. One
            that does not say for whom it may sign proves only that nothing was changed.
        lists: of void papers. One counts where it is signed by the key of the document, or
            by a known one that may sign for its issuer.
        voided: what a store of the issuer knows.
        places: the divisions: with them the name that the document gives its issuer must not
            be one of another place than the key may sign for.
    """
    by_id = _by_id(known)
    found, signed = _looked_at(file, by_id)
    if signed is None or found.verdict != "unchanged":
        return found
    return _void(_issued(found, signed, by_id[signed.key], places), signed, by_id, lists, voided)


def _by_id(
    known: signing.PublicKey | keys.KnownKey | Iterable[signing.PublicKey | keys.KnownKey],
) -> _Known:
    """The keys by each way in which a document may name them."""
    listed = (known,) if isinstance(known, signing.PublicKey | keys.KnownKey) else known
    found: dict[str, list[keys.KnownKey]] = {}
    for one in listed:
        key = one if isinstance(one, keys.KnownKey) else keys.KnownKey(one)
        for id in (key.key.id, key.key.id[:16]):
            found.setdefault(id, []).append(key)
    return {id: tuple(some) for id, some in found.items()}


def _looked_at(file: bytes, known: _Known) -> tuple[Verification, Signed | None]:
    """Whether anything was changed; with the document, where nothing was."""
    if len(file) > LARGEST:
        return _none("pdf", Text("文件过大", "the file is too large")), None
    if file[:_HEADER].lstrip()[:5] == b"%PDF-":
        return _pdf(file, known)
    try:
        signed = certificate.read(file)
    except DocumentError as error:
        return _none("json", Text.read(str(error))), None
    return _json(signed, known)


def _none(form: str, why: Text) -> Verification:
    return Verification("no_document", form, "", why, {})


def _json(signed: Signed, known: _Known) -> tuple[Verification, Signed | None]:
    if signed.key not in known:
        return _unknown("json", signed.key), None
    if not _verifies(signed, known):
        why = Text("内容与签名不符", "the content does not fit its signature")
        return Verification("changed", "json", signed.key, why, {}), None
    why = Text("内容与签发时一致", "the content is as it was issued")
    return Verification("unchanged", "json", signed.key, why, certified(signed)), signed


def _verifies(signed: Signed | seal.Seal, known: _Known) -> bool:
    return any(signed.verifies(one.key) for one in known[signed.key])


def _unknown(form: str, key: str) -> Verification:
    short = _short(key)
    why = Text(
        f"没有密钥 {short} 的公钥",
        f"no public key {short} is known here;"
        " ask the authority for it by another way than this file",
    )
    return Verification("unknown_key", form, short, why, {})


def _short(key: str) -> str:
    # An id that somebody made up must not fill or fool the screen.
    return key if re.fullmatch("[0-9A-Za-z]{1,64}", key) else "?"


def _pdf(file: bytes, known: _Known) -> tuple[Verification, Signed | None]:
    found = seal.find(file)
    if found is None:
        return _broken(
            file, known, Text("文件末尾没有封印", "the file does not end with its seal")
        ), None
    if found.key not in known:
        return _unknown("pdf", found.key), None
    if not _verifies(found, known):
        return _broken(file, known, Text("文件与封印不符", "a byte of the file was changed")), None
    try:
        signed = certificate.read(found.attachment)
    except DocumentError:
        says = Text("封印所指不是签名文书", "the seal points to no document")
        return _broken(file, known, says), None
    if signed.key != found.key or not _verifies(signed, known):
        says = Text("所附内容与签名不符", "the content does not fit its signature")
        return _broken(file, known, says), None
    why = Text("文件与签发时一致", "every byte is as it was issued")
    return Verification("unchanged", "pdf", found.key, why, certified(signed)), signed


def _broken(file: bytes, known: _Known, why: Text) -> Verification:
    """A PDF that is not as it was issued; what was issued is shown where it is still inside."""
    signed = _embedded(file)
    if signed is None:
        if b"tongban.document/1" in file or b"%TONGBAN-SEAL" in file:
            return Verification("changed", "pdf", "", why, {})
        return _none("pdf", Text("PDF 中没有签名文书", "there is no signed document in this PDF"))
    if signed.key not in known:
        return _unknown("pdf", signed.key)
    says = certified(signed) if _verifies(signed, known) else {}
    return Verification("changed", "pdf", signed.key, why, says)


def _embedded(file: bytes) -> Signed | None:
    """The first document in a PDF. Each byte is passed once, whatever the file holds."""
    place = 0
    for _ in range(_TRIES):
        begin = file.find(_BEGIN, place)
        end = file.find(_END, begin) if begin >= 0 else -1
        if end < 0:
            return None
        try:
            return certificate.read(file[begin : end + 1])
        except DocumentError:
            place = end
    return None


def _issued(
    found: Verification,
    signed: Signed,
    candidates: tuple[keys.KnownKey, ...],
    places: Divisions | None,
) -> Verification:
    """Whether the key may sign for the office that the document names."""
    issuer, day = str(signed.document.get("issuer") or ""), _day(signed.document.get("issued_on"))
    right = next((one for one in candidates if one.may_sign(issuer, day)), None)
    limited = [one for one in candidates if one.places or not one.is_valid_on(day)]
    chosen = right or (limited or list(candidates))[0]
    found = evolve(found, signer={"owner": chosen.owner, "may_sign": chosen.says})
    if right is not None:
        other = _elsewhere(str(signed.document.get("issuer_name") or ""), issuer, places)
        if not other:
            return evolve(found, verdict="genuine")
        why = Text(
            f"签发机关代码为 {issuer},文书所写名称却属{other}",
            f"the name that the document gives its office is one of {other},"
            " and its code is of another place",
        )
        return evolve(found, verdict="wrong_issuer", why=why)
    if limited and not chosen.places:
        why = Text(
            f"该密钥的有效期{chosen.days.zh},文书却称于 {day or '?'} 出具",
            f"the key may sign {chosen.days.en} alone, and the document names another day",
        )
        return evolve(found, verdict="wrong_issuer", why=why)
    if limited:
        why = Text(
            f"该密钥只可为 {chosen.says} 签发,文书却称由 {issuer or '?'} 于 {day or '?'} 出具",
            "the key may sign for these places and days alone, and the document names others",
        )
        return evolve(found, verdict="wrong_issuer", why=why)
    why = Text(
        f"{found.why.zh};公钥未说明可为哪个机关签发,出具机关未经证实",
        f"{found.why.en}; the key does not say for which office it may sign: who holds it can"
        " write any office's name; ask the authority for a key file that says so",
    )
    return evolve(found, why=why)


def _elsewhere(name: str, issuer: str, places: Divisions | None) -> str:
    """The province or prefecture that an office's name names though it does not lie there; else "".

    What a place calls its offices is its own affair, so that a name without a place, or
    with that of the office's own, is taken as it is.
    """
    code = issuer.partition("/")[0]
    if places is None or code not in places or places.table[code].name in name:
        return ""
    own = places.table[code]
    near = {own.province, own.seat, f"{code[:4]}00"}
    for other in (one for one in places if one.endswith("00")):
        below = own.level == "province" and other[:2] == code[:2]
        if places.table[other].name in name and other not in near and not below:
            return places.full_name(other)
    return ""


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _void(
    found: Verification,
    signed: Signed,
    known: _Known,
    lists: Iterable[voids.Voids],
    voided: Voided,
) -> Verification:
    """The same, unless the paper is void."""
    if found.verdict == "wrong_issuer":
        return found
    case, number, issuer = (
        str(signed.document.get(name) or "") for name in ("case", "number", "issuer")
    )
    replaced = voided(case, number)
    if replaced is not None:
        why = Text(
            f"签发机关的办件库记载已作废,由 {replaced} 代替", "its store says that it is void"
        )
        return evolve(found, verdict="void", why=why, replaced_by=replaced)
    for one in lists:
        here = next((v for v in one.numbers if (v.case, v.number) == (case, number)), None)
        if here is None or not _counts(one, signed, issuer, known):
            continue
        says = f"作废清单({one.issued_at})载明已作废,由 {here.replaced_by} 代替"
        why = Text(says, "a signed list says that it is void")
        return evolve(found, verdict="void", why=why, replaced_by=here.replaced_by)
    return found


def _counts(one: voids.Voids, signed: Signed, issuer: str, known: _Known) -> bool:
    """Whether a list is signed by a key that may say that a paper of this office is void."""
    signers = [each for each in known.get(one.key, ()) if one.verifies(each.key)]
    day = _day(one.issued_at[:10])
    return any(
        (each.key.named(signed.key) and each.is_valid_on(day)) or each.may_sign(issuer, day)
        for each in signers
    )


def certified(signed: Signed) -> dict[str, Any]:
    """What a signed document says, personal data masked."""
    raw = signed.document
    shown: dict[str, Any] = {name: str(raw.get(name) or "") for name in _SHOWN}
    recipient = raw.get("recipient")
    given = recipient if isinstance(recipient, Mapping) else {}
    names = ("kind", "name", "id_number", "credit_code")
    kept = {name: given[name] for name in names if given.get(name) is not None}
    shown["recipient"] = personal_data.mask({**kept, "kind": given.get("kind")})
    facts = raw.get("facts")
    shown["facts"] = dict(facts) if isinstance(facts, Mapping) else {}
    shown["code"] = signed.code
    return shown
