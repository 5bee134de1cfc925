"""Whether a document is genuine: the file as it was issued, by a key that is known. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from attrs import frozen

from tongban.kernel import personal, signing
from tongban.plugins.delivery import certificate, seal
from tongban.plugins.delivery.certificate import Signed
from tongban.plugins.delivery.documents import DocumentError

__all__ = ["VERDICTS", "Verdict", "Verification", "verify"]

Verdict: TypeAlias = Literal["genuine", "changed", "unknown_key", "no_document"]

VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    "genuine": ("核验通过", "genuine: unchanged since it was issued"),
    "changed": ("核验不通过", "changed since it was issued: do not rely on it"),
    "unknown_key": ("签名机关未知", "signed by a key that is not known here"),
    "no_document": ("不是签名文书", "no document that can be verified"),
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
_EMBEDDED = re.compile(rb'\{"format": "tongban\.document/1".*?\}(?=\nendstream)', re.DOTALL)
_LARGEST = 50_000_000


@frozen
class Verification:
    """What became of a file that was verified.

    Attributes:
        form: `pdf` or `json`.
        key: id of the key that is said to have signed it, "" where none is.
        why: a sentence for people.
        certifies: what the signed content says, personal data masked; empty where no
            known key signed it. Of a PDF that was changed it is what was issued.
    """

    verdict: Verdict
    form: str
    key: str
    why: str
    certifies: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "verdict": self.verdict,
            "official": VERDICTS[self.verdict][0],
            "form": self.form,
            "key": self.key,
            "why": self.why,
            "certifies": dict(self.certifies),
        }


def verify(file: bytes, keys: signing.PublicKey | Iterable[signing.PublicKey]) -> Verification:
    """Verifies a document.

    Args:
        file: a PDF or JSON file, its bytes.
        keys: public keys of the authorities, which came by another way than the file.
    """
    listed = (keys,) if isinstance(keys, signing.PublicKey) else keys
    known = {one.id: one for one in listed}
    if len(file) > _LARGEST:
        return _none("pdf", "文件过大 (the file is too large)")
    if file.lstrip()[:5] == b"%PDF-":
        return _pdf(file, known)
    try:
        signed = certificate.read(file.removeprefix(b"\xef\xbb\xbf"))
    except DocumentError as error:
        return _none("json", str(error))
    return _json(signed, known)


def _none(form: str, why: str) -> Verification:
    return Verification("no_document", form, "", why, {})


def _json(signed: Signed, known: Mapping[str, signing.PublicKey]) -> Verification:
    if signed.key not in known:
        return _unknown("json", signed.key)
    if not signed.verifies(known[signed.key]):
        why = "内容与签名不符 (the content does not fit its signature)"
        return Verification("changed", "json", signed.key, why, {})
    why = "内容与签发时一致 (the content is as it was issued)"
    return Verification("genuine", "json", signed.key, why, certified(signed))


def _unknown(form: str, key: str) -> Verification:
    why = (
        f"没有密钥 {_short(key)} 的公钥 (no public key {_short(key)} is known here;"
        " ask the authority for it by another way than this file)"
    )
    return Verification("unknown_key", form, _short(key), why, {})


def _short(key: str) -> str:
    # An id that somebody made up must not fill or fool the screen.
    return key if re.fullmatch("[0-9A-Za-z]{1,64}", key) else "?"


def _pdf(file: bytes, known: Mapping[str, signing.PublicKey]) -> Verification:
    found = seal.find(file)
    if found is None:
        return _broken(file, known, "文件末尾没有封印 (the file does not end with its seal)")
    if found.key not in known:
        return _unknown("pdf", found.key)
    if not found.verifies(known[found.key]):
        return _broken(file, known, "文件与封印不符 (a byte of the file was changed)")
    try:
        signed = certificate.read(found.attachment)
    except DocumentError:
        return _broken(file, known, "封印所指不是签名文书 (the seal points to no document)")
    if signed.key != found.key or not signed.verifies(known[found.key]):
        return _broken(file, known, "所附内容与签名不符 (the content does not fit its signature)")
    why = "文件与签发时一致 (every byte is as it was issued)"
    return Verification("genuine", "pdf", found.key, why, certified(signed))


def _broken(file: bytes, known: Mapping[str, signing.PublicKey], why: str) -> Verification:
    """A PDF that is not as it was issued; what was issued is shown where it is still inside."""
    signed = _embedded(file)
    if signed is None:
        if b"tongban.document/1" in file or b"%TONGBAN-SEAL" in file:
            return Verification("changed", "pdf", "", why, {})
        return _none("pdf", "PDF 中没有签名文书 (there is no signed document in this PDF)")
    if signed.key not in known:
        return _unknown("pdf", signed.key)
    says = certified(signed) if signed.verifies(known[signed.key]) else {}
    return Verification("changed", "pdf", signed.key, why, says)


def _embedded(file: bytes) -> Signed | None:
    for found in _EMBEDDED.finditer(file):
        try:
            return certificate.read(found[0])
        except DocumentError:
            continue
    return None


def certified(signed: Signed) -> dict[str, Any]:
    """What a signed document says, personal data masked."""
    raw = signed.document
    shown: dict[str, Any] = {name: str(raw.get(name) or "") for name in _SHOWN}
    recipient = raw.get("recipient")
    given = recipient if isinstance(recipient, Mapping) else {}
    masked = personal.mask({name: one for name, one in given.items() if name == "name"} | {
        "kind": given.get("kind")
    })  # fmt: skip
    kept = {name: given[name] for name in ("id_number", "credit_code") if name in given}
    shown["recipient"] = {**masked, **kept}
    facts = raw.get("facts")
    shown["facts"] = dict(facts) if isinstance(facts, Mapping) else {}
    shown["code"] = signed.code
    return shown
