"""Where a refusal is contested (行政复议, 行政诉讼): until when, and before which organ."""

from __future__ import annotations

from typing import Any, Literal

from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.protocol.terms import RemedyKind

__all__ = ["Recourse", "recourses"]


@frozen
class Recourse:
    """One way to contest an act of an authority.

    Attributes:
        kind: `reconsideration` 行政复议 or `litigation` 行政诉讼.
        official: the step that the applicant takes.
        term: within which time of the day on which the act was received.
        organ: before which; named by the place of the authority where that is known.
        articles: that say so, each with its law.
        basis: `inferred`: for authorities under vertical leadership and a few others the laws
            name another organ, and nothing in a case says whether one is such.
    """

    kind: RemedyKind
    official: Text
    term: Text
    organ: Text
    articles: str
    basis: Literal["inferred"] = "inferred"

    @property
    def says(self) -> Text:
        """All of it in one clause."""
        return Text(
            f"自收到之日起{self.term.zh}向{self.organ.zh}{self.official.zh}({self.articles})",
            f"{self.official.en} before {self.organ.en} {self.term.en} of receipt",
        )

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": self.kind,
            "official": self.official.to_dict(),
            "term": self.term.to_dict(),
            "organ": self.organ.to_dict(),
            "articles": self.articles,
            "basis": self.basis,
        }


def recourses(place: str) -> tuple[Recourse, Recourse]:
    """The ways to contest an act, in the order in which they are told.

    Args:
        place: the name of the authority's province, prefecture or county, whose government
            decides on a reconsideration; "" where the authority has none or it is not known.
    """
    government = Text(f"{place}人民政府", f"the people's government of {place}")
    court = Text(f"{place}有管辖权的人民法院", f"the competent people's court of {place}")
    if not place:
        government = Text("有管辖权的行政复议机关", "the competent organ")
        court = Text("有管辖权的人民法院", "the competent people's court")
    return (
        Recourse(
            "reconsideration",
            Text("申请行政复议", "apply for reconsideration"),
            Text("六十日内", "within sixty days"),
            government,
            "《中华人民共和国行政复议法》第二十条、第二十四条",
        ),
        Recourse(
            "litigation",
            Text("提起行政诉讼", "bring a lawsuit"),
            Text("六个月内", "within six months"),
            court,
            "《中华人民共和国行政诉讼法》第十八条、第四十六条",
        ),
    )
