"""What a channel gives is plain, bounded, and its files have names that lead nowhere."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tongban.kernel import Kernel, hookimpl


def fails(*_: object) -> Any:
    raise RuntimeError("late")


class Odd:
    """Fails at everything that is asked of it."""

    __str__ = __repr__ = __hash__ = __len__ = __iter__ = __bool__ = __eq__ = fails


class LateDict(dict[str, Any]):
    items = values = keys = __contains__ = __eq__ = __len__ = fails


class LateKeys(dict[str, Any]):
    __iter__ = __getitem__ = fails


class LateText(str):
    __str__ = __repr__ = __len__ = encode = isprintable = fails  # type: ignore[assignment]

    __slots__ = ()


def kernel_with(deliver: Callable[[], Any]) -> Kernel:
    return Kernel([SimpleNamespace(__name__="mine", deliver=hookimpl(deliver))])


def problems(kernel: Kernel) -> list[str]:
    return [problem for one in kernel.ports.failures for problem in one.problems]


def one(name: Any, content: Any = b"x") -> dict[str, Any]:
    return {"by": "post", "files": [{"name": name, "media_type": "t", "content": content}]}


@pytest.mark.parametrize(
    "name",
    [
        "../../pwned.txt", "/etc/passwd", "a/b.pdf", "..", ".", "", ".bashrc", "-rf", "a\\b.pdf",
        "a\0b", "a\x1b[2J.pdf", "a\nb.pdf", "x" * 300, "文" * 100, "\u202efdp.exe",
    ],
)  # fmt: skip
def test_names_of_files_are_names(name: str) -> None:
    kernel = kernel_with(lambda: one(name))
    assert kernel.ports.deliver({}, {}) is None
    (problem,) = problems(kernel)
    assert problem.startswith("deliver returned a file with the name")
    assert problem.isprintable()


DELIVERIES: dict[str, tuple[Any, str]] = {
    "a number that is a path": (
        {"number": "../../../../pwn"},
        "returned the number '../../../../pwn'; a number has no / or \\",
    ),
    "two files of one name": (
        {"files": [*one("a.pdf")["files"], *one("a.pdf")["files"]]},
        "returned two files with the name 'a.pdf'",
    ),
    "a file without content": (one("a.pdf", None), "returned a file without a name or"),
    "a file of text": (one("a.pdf", "text"), "returned a file without a name or"),
    "a name of another type": (one(7), "returned a file without a name or"),
    "no files": ({"files": "a.pdf"}, "returned `files` that are not a list"),
    "too large": (one("a.pdf", bytes(70_000_000)), "returned more than 64,000,000 bytes"),
    "late": (LateKeys(by="post"), "raised RuntimeError: late"),
    "late within": ({"label": LateKeys(by="post")}, "raised RuntimeError: late"),
    "odd within": ({"label": {"name": Odd()}}, "returned Odd in it, which is not a plain value"),
    "a function": ({"label": print}, "returned builtin_function_or_method in it"),
    "a word": ("post", "returned str, not a mapping that describes the delivery"),
}


@pytest.mark.parametrize("name", DELIVERIES)
def test_deliveries(name: str) -> None:
    value, says = DELIVERIES[name]
    kernel = kernel_with(lambda: value)
    assert kernel.ports.deliver({}, {}) is None
    (problem,) = problems(kernel)
    assert problem.startswith(f"deliver {says}")


def test_a_delivery_goes_on_as_plain_values() -> None:
    given = {"by": LateText("post"), "status": None, **one("凭证 1.pdf", bytearray(b"x"))}
    kernel = kernel_with(lambda: LateDict(given))
    found = kernel.ports.deliver({}, {})
    assert found == {
        "by": "post",
        "status": None,
        "files": [{"name": "凭证 1.pdf", "media_type": "t", "content": b"x"}],
    }
    assert type(found) is dict
    assert type(found["by"]) is str
    assert problems(kernel) == []
