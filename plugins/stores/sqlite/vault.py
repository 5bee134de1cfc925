"""Personal data: apart from the log, sealed where there is a key, erased when its time is up."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import custody, store_errors
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data
from tongban.plugins.stores.sqlite.cipher import KEY_VARIABLE, key_id, opened, sealed

_SALT, _NONCE = 16, 12
_LABEL = 16
_PORTION = (
    "SELECT ref, sealed, payload FROM personal WHERE payload IS NOT NULL AND ref > ?"
    " ORDER BY ref LIMIT 200"
)


@frozen
class Vault:
    """The personal data of one store.

    Attributes:
        store: id of the store.
        key: that seals it; None where it is kept in the clear, or cannot be read.
        entropy: gives random bytes.
    """

    store: str
    key: bytes | None = field(repr=False)
    entropy: Callable[[int], bytes] = field(repr=False)

    @property
    def _id(self) -> str | None:
        return None if self.key is None else key_id(self.key, self.store)

    @property
    def label(self) -> str:
        """What names the key to people, and tells nothing of it; "" for no key."""
        return (self._id or "")[:_LABEL]

    def unlock(self, conn: sqlite3.Connection) -> None:
        """Checks that the key is the store's; seals what was kept before there was one.

        Args:
            conn: in a transaction.

        Raises:
            StoreError: where the store has another key.
        """
        if self.key is None:
            return
        if _known_key(conn) is None:
            self._seal_all(conn, self.key)
        self._check(conn)

    def _check(self, conn: sqlite3.Connection) -> None:
        """That this vault has the store's key, or that neither has one."""
        known = _known_key(conn)
        mine = self._id
        if known == mine:
            return
        if mine is None:
            raise contract.StoreError(
                f"个人信息已加密,请设置 {KEY_VARIABLE} (personal data is encrypted: set"
                f" {KEY_VARIABLE} to the key of this store)"
            )
        raise contract.StoreError(
            f"{KEY_VARIABLE} 与数据库的密钥不符 ({KEY_VARIABLE} is not the key of this store;"
            " nothing was read or written; `tongban key history` says whether it was changed)"
        )

    def keep(self, conn: sqlite3.Connection, data: Mapping[str, Any], now: datetime) -> str:
        """Keeps new data; its reference, or "" where there is none."""
        if not data:
            return ""
        salt = self.entropy(_SALT)
        kept = personal_data.Personal(personal_data.reference(salt, data), data, salt)
        self._put(conn, kept, now)
        return kept.ref

    def adopt(self, conn: sqlite3.Connection, kept: personal_data.Personal, now: datetime) -> bool:
        """Keeps data of another store under its own reference; whether it is new here.

        What was erased stays so.

        Raises:
            StoreError: where it is not what the reference was made of.
        """
        if not kept.genuine:
            raise store_errors.changed_personal()
        return self._put(conn, kept, now)

    def _put(self, conn: sqlite3.Connection, kept: personal_data.Personal, now: datetime) -> bool:
        self._check(conn)
        payload = self._pack(kept, self.key)
        put = conn.execute(
            "INSERT INTO personal (ref, sealed, payload, kept_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (ref) DO NOTHING",
            (kept.ref, int(self.key is not None), payload, now.isoformat()),
        )
        return put.rowcount > 0

    def _pack(self, kept: personal_data.Personal, key: bytes | None) -> bytes:
        # The salt is sealed too: beside the reference it would let names be tried out.
        plain = hash_chain.canonical({"salt": kept.salt.hex(), "data": dict(kept.data)}).encode()
        return plain if key is None else sealed(key, plain, kept.ref, self.entropy(_NONCE))

    def read(self, conn: sqlite3.Connection, ref: str) -> personal_data.Personal | None:
        """Data by its reference; None where there is none, or it was erased.

        Raises:
            StoreError: where it cannot be read: the key is missing or another, or it was changed.
        """
        row = conn.execute("SELECT sealed, payload FROM personal WHERE ref = ?", (ref,)).fetchone()
        if row is None or row[1] is None:
            return None
        self._check(conn)
        found = self._unpack(ref, *row)
        if found is None or not found.genuine:
            raise contract.StoreError(
                f"个人信息 {ref[:12]}… 已被改动 (personal data {ref[:12]}… was changed or damaged:"
                " restore it from a backup)"
            )
        return found

    def same(self, conn: sqlite3.Connection, ref: str, data: Mapping[str, Any]) -> bool | None:
        """Whether data is what a reference was made of; None where it is erased or sealed."""
        row = conn.execute("SELECT sealed, payload FROM personal WHERE ref = ?", (ref,)).fetchone()
        kept = self._unpack(ref, *row) if row and row[1] is not None else None
        return None if kept is None else personal_data.reference(kept.salt, data) == ref

    def examine(self, conn: sqlite3.Connection) -> tuple[list[hash_chain.Finding], int]:
        """Compares all data with its references.

        Returns:
            What does not fit, and how many records could not be opened without the key.
        """
        broken, sealed = [], 0
        known = _known_key(conn)
        mine = self._id
        rows = conn.execute(
            "SELECT ref, sealed, payload FROM personal WHERE payload IS NOT NULL ORDER BY ref"
        )
        for ref, is_sealed, payload in rows:
            if is_sealed and (mine is None or mine != known):
                sealed += 1
                continue
            # What the file holds may be of any type.
            found = self._unpack(ref, is_sealed, payload) if isinstance(ref, str) else None
            if found is None or not found.genuine:
                says = f"{str(ref)[:12]}… does not fit its reference"
                broken.append(hash_chain.Finding("changed", 0, "", 0, "personal", says))
        return broken, sealed

    def _unpack(self, ref: str, is_sealed: int, payload: bytes) -> personal_data.Personal | None:
        plain: bytes | None = payload
        if is_sealed:
            plain = opened(self.key, payload, ref) if self.key else None
        try:
            raw = json.loads(plain or b"")
            return personal_data.Personal(ref, raw["data"], bytes.fromhex(raw["salt"]))
        except (ValueError, KeyError, TypeError):
            return None

    def _seal_all(self, conn: sqlite3.Connection, key: bytes) -> int:
        """Seals everything with a key, which is the store's from now on; how many records."""
        count, last = 0, ""
        while rows := conn.execute(_PORTION, (last,)).fetchall():
            for ref, is_sealed, payload in rows:
                kept = self._unpack(ref, is_sealed, payload) if isinstance(ref, str) else None
                if kept is None:
                    raise contract.StoreError(
                        f"个人信息 {str(ref)[:12]}… 无法读取,密钥未更换 (cannot be read: the"
                        " key stays as it was; `tongban audit verify` names all such:"
                        " restore them from a backup)"
                    )
                values = (self._pack(kept, key), ref)
                conn.execute("UPDATE personal SET sealed = 1, payload = ? WHERE ref = ?", values)
            count, last = count + len(rows), rows[-1][0]
        conn.execute(
            "INSERT INTO meta (name, value) VALUES ('key', ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (key_id(key, self.store),),
        )
        return count

    def reseal(self, conn: sqlite3.Connection, key: bytes) -> tuple[Vault, int]:
        """The same vault with another key, and how many records it sealed.

        Args:
            conn: in a transaction.
            key: the new one.

        Raises:
            StoreError: where this vault has not the store's key.
        """
        self._check(conn)
        count = self._seal_all(conn, key)
        return Vault(self.store, key, self.entropy), count

    def is_sealed_by(self, conn: sqlite3.Connection, key: bytes) -> bool | None:
        """Whether a key is the store's; None where the store has none yet."""
        known = _known_key(conn)
        return None if known is None else known == key_id(key, self.store)


def _known_key(conn: sqlite3.Connection) -> str | None:
    row = conn.execute("SELECT value FROM meta WHERE name = 'key'").fetchone()
    return row[0] if row else None


def record(conn: sqlite3.Connection, said: custody.Reading) -> int:
    """Notes a reading of personal data; the number of its row."""
    made = conn.execute(
        "INSERT INTO personal_reads (at, case_id, ref, actor, purpose, allowed)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        said.row,
    )
    return made.lastrowid or 0


def readings(conn: sqlite3.Connection, case: str | None) -> Iterator[contract.Reading]:
    """The readings of a case, or all, in the order in which they were noted.

    Raises:
        ValueError: where a row is not what a store wrote.
    """
    where, values = ("", ()) if case is None else (" WHERE case_id = ?", (case,))
    rows = conn.execute(
        f"SELECT at, case_id, ref, actor, purpose, allowed FROM personal_reads{where} ORDER BY id",
        values,
    )
    for at, of, ref, actor, purpose, allowed in rows:
        texts = (at, of, ref, actor, purpose)
        if not all(isinstance(one, str) for one in texts) or allowed not in (0, 1):
            raise ValueError("a reading of personal data")
        found = contract.Reading(at, of, ref, actor, purpose, bool(allowed))
        datetime.fromisoformat(found.at)
        _ = found.reader  # a damaged row is refused here, not where it is shown
        yield found
