"""What every store refuses, in the same words: errors for a store to raise. Pure."""

from __future__ import annotations

from tongban.kernel.ports.stored import StoreError

__all__ = [
    "changed_personal",
    "ended",
    "nested",
    "number_in_note",
    "readonly",
    "unknown_message",
    "without_case",
    "without_reason",
]


def nested() -> StoreError:
    """A transaction is opened inside another."""
    return StoreError("事务不可嵌套 (a transaction of this store is open already)")


def ended() -> StoreError:
    """Something is written by a transaction that is over."""
    return StoreError("事务已结束 (this transaction is over)")


def readonly(store: object) -> StoreError:
    """Something is written to a store that was opened for reading alone.

    Args:
        store: its name or path.
    """
    return StoreError(f"{store}: 以只读方式打开 (the store was opened for reading only)")


def without_case() -> StoreError:
    """Events are added to a case without an id."""
    return StoreError("缺少办件编号 (a case needs an id)")


def unknown_message(message: str) -> StoreError:
    """A message is marked that is in no box."""
    return StoreError(f"没有此消息 (there is no message {message})")


def without_reason() -> StoreError:
    """A message is marked as failed, and nothing says why."""
    return StoreError("须写明未送达的原因 (say why it could not be delivered)")


def changed_personal() -> StoreError:
    """Personal data came under a reference that was made of other data."""
    return StoreError(
        "个人信息与引用不符 (personal data does not fit its reference: it was changed)"
    )


def number_in_note() -> StoreError:
    """A note for the log contains a resident ID number."""
    return StoreError(
        "说明不得含公民身份号码 (the note contains a resident ID number: leave it out)"
    )
