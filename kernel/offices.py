"""What offices are called in documents: `青海省西宁市公安局`."""

from __future__ import annotations

from tongban.kernel.kernel import Kernel
from tongban.kernel.protocol.actors import WINDOW, Office

__all__ = ["WINDOW_NAME", "office_name"]

WINDOW_NAME = "政务服务“跨省通办”窗口"
_BUREAU = {"厅": "局"}
"""What a province's department is called below the province."""


def office_name(kernel: Kernel, item: str, office: Office) -> str:
    """What an office is called: `青海省西宁市公安局`.

    The name of a local branch follows from that of the department that leads; where a
    place calls it otherwise, whoever issues documents there gives the right name.

    Args:
        kernel: with the rules and the divisions.
        item: key of the item.
        office: of a case.
    """
    where = kernel.divisions.full_name(office.division) if office.division else ""
    if office.department == WINDOW:
        return f"{where}{WINDOW_NAME}"
    found = kernel.rulebook.items.get(item)
    own = [one.name for one in found.authorities if one.id == office.department] if found else []
    if own:
        return f"{where}{own[0]}"
    name = next(
        (
            one.name
            for one in kernel.rulebook.departments
            if one.id == office.department and item.startswith(f"{one.jurisdiction}/")
        ),
        office.department,
    )
    name = name.removeprefix("省")
    is_province = bool(office.division) and str(office.division).endswith("0000")
    if not is_province and name[-1:] in _BUREAU:
        name = name[:-1] + _BUREAU[name[-1]]
    return f"{where}{name}"
