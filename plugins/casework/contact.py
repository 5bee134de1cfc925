"""`tongban case change-contact`: a new phone, address or way of delivery."""

from __future__ import annotations

import click

from tongban.kernel import Kernel, service
from tongban.kernel.model import official
from tongban.plugins.casework.actors import acting_in
from tongban.plugins.casework.case_argument import case_argument
from tongban.plugins.casework.fields import Term
from tongban.plugins.casework.outcome import report
from tongban.plugins.casework.session import Settings, open_session, with_settings
from tongban.plugins.casework.steps import delivery_options


@click.command(
    "change-contact", short_help="变更联系方式: change the phone, the address or the delivery."
)
@case_argument
@click.option("--phone", default="", help="The new number; kept apart from the log.")
@click.option(
    "--address", default="", help="The new one, from the province on; kept apart from the log."
)
@click.option(
    "--delivery",
    type=Term(official("delivery")),
    help="The new way of delivery." + Term(official("delivery")).listed,
)
@click.option("--note", default="", help="Why, or by which evidence; without personal data.")
@delivery_options
@with_settings
def change_contact(
    kernel: Kernel,
    settings: Settings,
    *,
    case: str,
    phone: str,
    address: str,
    delivery: str | None,
    note: str,
    command_id: str,
    expect: int | None,
) -> None:
    """变更联系方式: change the phone, the address or the way of delivery.

    A letter under way goes where it was sent, the next one to the new address. By: 申请人
    applicant、代办人 agent、收件窗口 window, until the case is over.

    \b
    Examples:
      tongban case change-contact BJ20261122ABCDEF0123 --as applicant:a-17 \\
          --address 四川省成都市武侯区人民南路四段1号 --delivery post
      tongban case change-contact BJ20261122ABCDEF0123 --as window:630100 \\
          --phone 13800000000
    """
    if not (phone or address or delivery):
        raise click.UsageError(
            "没有变更内容,须写明电话、地址或者送达方式 (nothing is changed: give --phone, --address"
            " or --delivery)"
        )
    with open_session(kernel, settings, writes=True) as session:
        id = session.case_id(case)
        actor = acting_in(session.kernel, session.acting, session.store.case(id))
        details = service.ContactDetails(phone, address, delivery or "", note)
        report(
            session,
            id,
            "change_contact",
            lambda: session.service.change_contact(
                id, actor, details, id=command_id, expected=expect
            ),
        )
