"""`tongban conformance`: tries out everything that a plugin must hold."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from tongban.kernel import Kernel
from tongban.kernel.model import printing
from tongban.plugins.console.options import as_json, choose, json_option, printable, write_json
from tongban.plugins.console.progress import progress
from tongban.plugins.console.tables import Row, View, is_terminal, show
from tongban.plugins.kit.conformance.findings import REQUIREMENTS, Outcome, Report
from tongban.plugins.kit.conformance.run import Options, run

FAILED = 1
_STATES = {
    "passed": ("✓ 通过 passed", "green"),
    "failed": ("✗ 未通过 failed", "red"),
    "not_applicable": ("– 不适用 not applicable", "dim"),
    "not_tried": ("! 未试验 not tried", "yellow"),
}


def _plugins(kernel: Kernel) -> dict[str, str]:
    return {one.name: one.source for one in kernel.plugins}


@click.command(short_help="Try out everything that a plugin must hold.")
@click.argument("plugin", shell_complete=choose(_plugins))
@click.option(
    "--applications",
    type=click.IntRange(1, 100_000),
    default=200,
    show_default=True,
    metavar="N",
    help="Try about N applications; two of each item at least.",
)
@click.option("--seed", default=0, show_default=True, metavar="N", help="Choose other ones.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(list(REQUIREMENTS)),
    metavar="ID",
    help="Only this requirement, by the id in the table; repeat for more.",
)
@click.option("--no-proofs", is_flag=True, help="Check rules without the solver.")
@json_option
@click.pass_obj
def conformance(
    kernel: Kernel,
    /,
    plugin: str,
    applications: int,
    seed: int,
    only: tuple[str, ...],
    no_proofs: bool,
    as_json: bool,
) -> None:
    """Try out everything that a plugin must hold, and report what it does not.

    PLUGIN is the name of an installed plugin (`tongban plugins`), a rule file or a
    folder of them, or a module (`package.module`, `package.module:object`). Its hooks
    are called with its cases and with generated applications: right, incomplete and
    wrong ones, again in another order and in other processes, in cases that are
    paused, refused or lost. docs/conformance.md explains each requirement.

    \b
    Exit status:
      0  everything that applies passed
      1  something failed
      2  bad input: there is no such plugin

    \b
    Examples:
      tongban conformance public_security
      tongban conformance my_department --json
      tongban conformance src/my_department/rules.yaml --no-proofs
      tongban conformance my_package.hooks --applications 2000 --seed 7
      tongban conformance my_department --only repeats --only personal
    """
    with progress("试验 trying") as bar:
        options = Options(applications, seed, not no_proofs, only)
        report = run(
            plugin,
            options,
            lambda id: bar.show(f"试验 trying {REQUIREMENTS[id][0]} {id}"),
            kernel.ports.guard,
        )
    if as_json:
        write_json(report.to_dict())
    else:
        _show(report)
    if not report.passed:
        sys.exit(FAILED)


def _show(report: Report) -> None:
    view = View(f"插件合规 conformance {printable(report.plugin)}", printable(report.source))
    for one in report.outcomes:
        state, colour = _STATES[one.state]
        label = f"{REQUIREMENTS[one.id][0]} {one.id}"
        view.rows.append(Row(label, list(_lines(one, state)), colour))
    if report.notes:
        view.add("提示 notes", report.notes, "dim")
    show(view)
    failed = sum(one.state == "failed" for one in report.outcomes)
    passed = sum(one.state == "passed" for one in report.outcomes)
    summary = (
        f"{len(report.outcomes)} 项要求 requirements: {passed} 通过 passed, {failed} 未通过 failed"
    )
    untried = sum(one.state == "not_tried" for one in report.outcomes)
    summary += f", {untried} 未试验 not tried" if untried else ""
    style: dict[str, Any] = {"fg": "red" if failed else "green", "bold": True}
    click.secho(summary, printing.unguarded(sys.stdout), **style if is_terminal() else {})


def _lines(one: Outcome, state: str) -> Iterator[str]:
    _, title, todo = REQUIREMENTS[one.id]
    tried = f"{one.times} × {one.tried}" if one.times else one.tried
    yield f"{state}: {printable(tried)}" if tried else state
    if one.missing:
        yield f"  改法 to do    {one.missing}"
    if not one.failures:
        return
    yield f"  要求 wanted   {title}"
    before = None
    for failure in one.failures:
        where = f"{failure.place}: " if failure.place else ""
        yield printable(f"  失败 failed   {where}{failure.message}")
        if failure.witness is not None and failure.witness != before:
            before = failure.witness
            yield printable(f"  实例 witness  {as_json(dict(failure.witness))}")
        if failure.again:
            yield printable(f"  重演 again    {failure.again}")
    if one.count > len(one.failures):
        yield f"  另有 more     {one.count - len(one.failures)}"
    yield f"  改法 to do    {todo}"
