"""The protocol: a case (办件) from application to rating. Pure: no clock, no chance, no effects.

`handle(case, command, context)` says what a command does, `evolve(case, event)` what a
case is after an event, `tick(case, context)` what time itself brings. Commands, events,
messages and cases have a stable JSON form. docs/protocol.md has every table.

Plugins take it by name: `from tongban.kernel import protocol`.
"""

from __future__ import annotations

from functools import partial

import tongban.kernel.protocol.phases  # noqa: F401 - registers every command and event
from tongban.kernel.errors import Defect
from tongban.kernel.former import former
from tongban.kernel.model.addresses import oversees
from tongban.kernel.model.moments import CHINA, MomentError, day_of, in_china
from tongban.kernel.protocol import (
    acceptance,
    amendment,
    claims,
    clock,
    cohandling,
    contact,
    correction,
    decision,
    delivery,
    departures,
    ending,
    personal_data,
    rating,
    receipt,
    recourse,
    recusal,
    refusal,
    remedy,
    reopening,
    representation,
    suspension,
    ticking,
    transfer,
    validity,
)
from tongban.kernel.protocol.acceptance import *
from tongban.kernel.protocol.actors import APPLICANT, SYSTEM, Actor, Office, supervisor_of
from tongban.kernel.protocol.amendment import *
from tongban.kernel.protocol.awaiting import awaited
from tongban.kernel.protocol.calendar import Calendar, Calendars, Due
from tongban.kernel.protocol.case import (
    Answer,
    Case,
    ClockStop,
    Delivery,
    FollowUpDue,
    Rating,
    Shipment,
    Supplement,
)
from tongban.kernel.protocol.case_parts import (
    Amendment,
    ContactChange,
    Correction,
    FoundLetter,
    PlannedOn,
    Recusal,
    Remedy,
    Reopening,
    TaskClaim,
    Validity,
)
from tongban.kernel.protocol.claims import *
from tongban.kernel.protocol.clock import *
from tongban.kernel.protocol.codec import FormatError, is_case_id
from tongban.kernel.protocol.cohandling import *
from tongban.kernel.protocol.commands import (
    COMMAND_BODIES,
    REFUSALS,
    Command,
    CommandBody,
    Context,
    Refusal,
    RefusalCode,
    Step,
    flaw,
)
from tongban.kernel.protocol.contact import *
from tongban.kernel.protocol.correction import *
from tongban.kernel.protocol.decider import handle, tick
from tongban.kernel.protocol.decision import *
from tongban.kernel.protocol.delivery import *
from tongban.kernel.protocol.departures import *
from tongban.kernel.protocol.ending import *
from tongban.kernel.protocol.events import (
    EVENT_BODIES,
    Event,
    EventBody,
    OrderError,
    evolve,
    replay,
)
from tongban.kernel.protocol.grounds import Ground, grounds_of
from tongban.kernel.protocol.guards import AttemptRefused, allowed, barred, roles
from tongban.kernel.protocol.letters import (
    REJECTIONS,
    OutOfOrderError,
    RejectedError,
    RejectionCode,
    Sender,
)
from tongban.kernel.protocol.limits import (
    FOLLOW_UP_DAYS,
    Limit,
    LimitState,
    has_limit,
    limit,
    limits,
)
from tongban.kernel.protocol.mandate import (
    KINSHIPS,
    SCOPE_OF,
    SCOPES,
    Kinship,
    Mandate,
    Scope,
    mandate_of,
    out_of_time,
)
from tongban.kernel.protocol.messages import MESSAGES, Message, MessageWord, derived_id, personal_of
from tongban.kernel.protocol.plan import (
    Document,
    LimitRule,
    OnRefusal,
    Plan,
    ValidityRule,
    public_part,
)
from tongban.kernel.protocol.rating import *
from tongban.kernel.protocol.receipt import *
from tongban.kernel.protocol.recourse import *
from tongban.kernel.protocol.recusal import *
from tongban.kernel.protocol.refusal import *
from tongban.kernel.protocol.relay import (
    NO_CASE,
    NOT_DONE,
    alarm,
    answer,
    came_back,
    command_of,
    following,
    pass_on,
    relay,
    review,
    send_back,
    tell_applicant,
)
from tongban.kernel.protocol.remedy import *
from tongban.kernel.protocol.remedy_terms import (
    RemedyTerm,
    act_of,
    act_text,
    made_at,
    office_of_act,
    owed,
    pending,
    remedy_due,
)
from tongban.kernel.protocol.reopening import *
from tongban.kernel.protocol.representation import *
from tongban.kernel.protocol.suspension import *
from tongban.kernel.protocol.terms import (
    ACTORS,
    CONTACTS,
    DELIVERY_STATUSES,
    GRADES,
    LIMIT_STEPS,
    LOW_GRADES,
    NO_LIMIT,
    OVER,
    PROCEDURES,
    REMEDIES,
    REMEDY,
    REMEDY_OUTCOMES,
    STATES,
    ActorKind,
    Contact,
    DeliveryStatus,
    Grade,
    Procedure,
    RemedyKind,
    RemedyOutcome,
    State,
    StateWord,
    sentence,
)
from tongban.kernel.protocol.ticking import *
from tongban.kernel.protocol.transfer import *
from tongban.kernel.protocol.transitions import (
    COMMANDS,
    EVENTS,
    ROLES,
    CommandStep,
    EventStep,
    Role,
)
from tongban.kernel.protocol.validity import *
from tongban.kernel.protocol.worklist import (
    Task,
    TaskKey,
    TaskPage,
    is_turn,
    possible,
    task_page,
    tasks,
)

__all__ = [
    "ACTORS",
    "APPLICANT",
    "CHINA",
    "COMMANDS",
    "COMMAND_BODIES",
    "CONTACTS",
    "DELIVERY_STATUSES",
    "EVENTS",
    "EVENT_BODIES",
    "FOLLOW_UP_DAYS",
    "GRADES",
    "KINSHIPS",
    "LIMIT_STEPS",
    "LOW_GRADES",
    "MESSAGES",
    "NOT_DONE",
    "NO_CASE",
    "NO_LIMIT",
    "OVER",
    "PROCEDURES",
    "REFUSALS",
    "REJECTIONS",
    "REMEDIES",
    "REMEDY",
    "REMEDY_OUTCOMES",
    "ROLES",
    "SCOPES",
    "SCOPE_OF",
    "STATES",
    "SYSTEM",
    "Actor",
    "ActorKind",
    "Amendment",
    "Answer",
    "AttemptRefused",
    "Calendar",
    "Calendars",
    "Case",
    "ClockStop",
    "Command",
    "CommandBody",
    "CommandStep",
    "Contact",
    "ContactChange",
    "Context",
    "Correction",
    "Defect",
    "Delivery",
    "DeliveryStatus",
    "Document",
    "Due",
    "Event",
    "EventBody",
    "EventStep",
    "FollowUpDue",
    "FormatError",
    "FoundLetter",
    "Grade",
    "Ground",
    "Kinship",
    "Limit",
    "LimitRule",
    "LimitState",
    "Mandate",
    "Message",
    "MessageWord",
    "MomentError",
    "Office",
    "OnRefusal",
    "OrderError",
    "OutOfOrderError",
    "Plan",
    "PlannedOn",
    "Procedure",
    "Rating",
    "Recusal",
    "Refusal",
    "RefusalCode",
    "RejectedError",
    "RejectionCode",
    "Remedy",
    "RemedyKind",
    "RemedyOutcome",
    "RemedyTerm",
    "Reopening",
    "Role",
    "Scope",
    "Sender",
    "Shipment",
    "State",
    "StateWord",
    "Step",
    "Supplement",
    "Task",
    "TaskClaim",
    "TaskKey",
    "TaskPage",
    "Validity",
    "ValidityRule",
    "act_of",
    "act_text",
    "alarm",
    "allowed",
    "answer",
    "awaited",
    "barred",
    "came_back",
    "command_of",
    "day_of",
    "derived_id",
    "evolve",
    "flaw",
    "following",
    "grounds_of",
    "handle",
    "has_limit",
    "in_china",
    "is_case_id",
    "is_turn",
    "limit",
    "limits",
    "made_at",
    "mandate_of",
    "office_of_act",
    "out_of_time",
    "oversees",
    "owed",
    "pass_on",
    "pending",
    "personal_data",
    "personal_of",
    "possible",
    "public_part",
    "relay",
    "remedy_due",
    "replay",
    "review",
    "roles",
    "send_back",
    "sentence",
    "supervisor_of",
    "task_page",
    "tasks",
    "tell_applicant",
    "tick",
]
__all__ += acceptance.__all__
__all__ += claims.__all__
__all__ += clock.__all__
__all__ += cohandling.__all__
__all__ += contact.__all__
__all__ += amendment.__all__
__all__ += correction.__all__
__all__ += decision.__all__
__all__ += delivery.__all__
__all__ += departures.__all__
__all__ += ending.__all__
__all__ += rating.__all__
__all__ += receipt.__all__
__all__ += representation.__all__
__all__ += recourse.__all__
__all__ += recusal.__all__
__all__ += refusal.__all__
__all__ += remedy.__all__
__all__ += reopening.__all__
__all__ += suspension.__all__
__all__ += ticking.__all__
__all__ += transfer.__all__
__all__ += validity.__all__

__getattr__ = partial(former, __name__)
