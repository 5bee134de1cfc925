"""PyYAML's own parser, made to read what libyaml reads.

It is used where PyYAML was built without libyaml, and is some thirty times slower. The
two differ in tabs, and in a few signs within brackets; `tests/kernel/test_notation.py`
compares what they make of changed rule files.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.scanner import ScannerError
from yaml.tokens import ScalarToken

_BREAKS = "\r\n\x85\u2028\u2029"
_ENDS = f"\0 \t{_BREAKS}"


class Parser(yaml.SafeLoader):
    """Gives the events of a text, as `yaml.CSafeLoader` does."""

    def fetch_directive(self) -> None:
        """Refuses directives, which the language of rules does not have."""
        raise ScannerError("while scanning a directive", self.get_mark(), "", self.get_mark())

    def scan_to_next_token(self) -> None:
        """Skips blanks and comments; tabs, too, where no indentation is meant."""
        if self.index == 0 and self.peek() == "\ufeff":
            self.forward()
        while True:
            while self.peek() == " " or (
                self.peek() == "\t" and (self.flow_level or not self.allow_simple_key)
            ):
                self.forward()
            if self.peek() == "#":
                while self.peek() not in f"\0{_BREAKS}":
                    self.forward()
            if not self._line_break():
                return
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_plain(self) -> ScalarToken:
        """A scalar without quotes."""
        chunks: list[str] = []
        start_mark = end_mark = self.get_mark()
        spaces: list[str] = []
        indent = self.indent + 1
        while not self._at_document_mark() and self.peek() != "#":
            length = self._plain_length(start_mark)
            if not length:
                break
            self.allow_simple_key = False
            chunks += [*spaces, self.prefix(length)]
            self.forward(length)
            end_mark = self.get_mark()
            spaces = self._plain_spaces(indent, start_mark)
            if not spaces or (not self.flow_level and self.column < indent):
                break
        return ScalarToken("".join(chunks), True, start_mark, end_mark)

    def _line_break(self) -> str:
        """The end of a line, read where there is one; "" where there is none."""
        return str(self.scan_line_break())  # type: ignore[no-untyped-call]

    def scan_flow_scalar(self, style: str) -> ScalarToken:
        """A scalar in quotes, whose escapes name characters."""
        mark = self.get_mark()
        says = "found invalid Unicode character escape code"
        try:
            token: ScalarToken = super().scan_flow_scalar(style)
        except (ValueError, OverflowError):
            raise ScannerError("while parsing a quoted scalar", mark, says, mark) from None
        if any("\ud800" <= sign <= "\udfff" for sign in token.value):
            raise ScannerError("while parsing a quoted scalar", mark, says, mark)
        return token

    def _at_document_mark(self) -> bool:
        return bool(self.column == 0 and self.prefix(3) in ("---", "...") and self.peek(3) in _ENDS)

    def _plain_length(self, start_mark: Any) -> int:
        """How many signs follow before a blank, or a sign that ends the scalar."""
        length = 0
        while (sign := self.peek(length)) not in _ENDS:
            after = self.peek(length + 1)
            if sign == ":" and self.flow_level and after in ",?[]{}":
                raise ScannerError(
                    "while scanning a plain scalar",
                    start_mark,
                    "found unexpected ':'",
                    self.get_mark(),
                )
            if (sign == ":" and after in _ENDS) or (self.flow_level and sign in ",[]{}"):
                break
            length += 1
        return length

    def _plain_spaces(self, indent: int, start_mark: Any) -> list[str]:
        """The blanks and line ends after a word, as they count in the scalar's text."""
        blanks, first, more = "", "", []
        while (sign := self.peek()) in f" \t{_BREAKS}":
            if sign in _BREAKS:
                if first:
                    more.append(self._line_break())
                else:
                    first = self._line_break()
                    self.allow_simple_key = True
            elif not first:
                blanks += sign
                self.forward()
            elif sign == "\t" and self.column < indent:
                says = "found a tab character that violates indentation"
                raise ScannerError(
                    "while scanning a plain scalar", start_mark, says, self.get_mark()
                )
            else:
                self.forward()
        if not first:
            return [blanks] if blanks else []
        return ([] if first == "\n" and more else [" " if first == "\n" else first]) + more

    def scan_block_scalar_indentation(self) -> tuple[list[str], int, Any]:
        """The lines before the first one of a block text, and its indentation."""
        found: tuple[list[str], int, Any] = super().scan_block_scalar_indentation()
        self._refuse_tab()
        return found

    def scan_block_scalar_breaks(self, indent: int) -> tuple[list[str], Any]:
        """The empty lines between two of a block text."""
        found: tuple[list[str], Any] = super().scan_block_scalar_breaks(indent)
        if self.column < indent:
            self._refuse_tab()
        return found

    def _refuse_tab(self) -> None:
        if self.peek() == "\t":
            says = "found a tab character where an indentation space is expected"
            raise ScannerError("while scanning a block scalar", None, says, self.get_mark())
