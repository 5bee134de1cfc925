"""Files that are written for people: whole, or not at all."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from tongban.plugins.console.writing import write_file


def full(*_: object) -> None:
    raise OSError(28, os.strerror(28))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("fails", ["fsync", "replace", "link"])
@pytest.mark.parametrize("before", [None, "旧"])
def test_where_it_cannot_be_written_everything_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None, fails: str
) -> None:
    file = tmp_path / "x.json"
    if before is not None:
        file.write_text(before, encoding="utf-8")
    monkeypatch.setattr(os, fails, full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_file(file if fails != "link" else tmp_path / "new", "新" * 99, new=fails == "link")
    assert Path(str(caught.value.filename)).parent == tmp_path
    assert not Path(str(caught.value.filename)).name.startswith(".")
    assert [one.read_text(encoding="utf-8") for one in tmp_path.iterdir()] == (
        [] if before is None else [before]
    )


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    file, link = tmp_path / "real", tmp_path / "link"
    file.write_text("1")
    file.chmod(0o640)
    link.symlink_to("real")
    write_file(link, "二")
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == "二"
    assert mode(file) == 0o640
    write_file(link, b"3", mode=0o600)
    assert mode(file) == 0o600


def test_a_new_file_is_like_any_other(tmp_path: Path) -> None:
    write_file(tmp_path / "a", "一")
    (tmp_path / "b").write_text("一", encoding="utf-8")
    assert mode(tmp_path / "a") == mode(tmp_path / "b")


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_new_file_is_put_over_nothing(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "key.pem"
    file.write_text("旧", encoding="utf-8") if kind == "file" else file.symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        write_file(file, "新", new=True)
    assert [one.name for one in tmp_path.iterdir()] == ["key.pem"]
    assert file.is_symlink() or file.read_text(encoding="utf-8") == "旧"


def test_a_pipe_is_written_to_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    write_file(pipe, "一")
    reader.join()
    assert read == ["一"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        write_file(tmp_path / "no" / "x", "一")
    assert caught.value.filename == str(tmp_path / "no" / "x")
