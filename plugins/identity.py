"""What several departments ask of a number: is it well formed, how old, which sex.

公民身份号码 (resident ID number, GB 11643) and 统一社会信用代码 (unified social
credit code, GB 32100). Form only: no register is asked. A division in a
number that the published tables do not know is only a warning, since numbers of
abolished divisions stay valid for life.

Numbered like residents are holders of a residence permit from Hong Kong, Macao and
Taiwan (国办发〔2018〕81号第三条: 810000, 820000, 830000), and of the foreigners' permanent
residence card since December 2023 (国家移民管理局, 2023 版: 9, the province of the first
application, the nationality, then as a resident's; the same check character). Before, that
card had three letters and twelve digits, of which no check character is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from attrs import frozen

from tongban.kernel import Application, Defect, Party, Scalar, hookimpl
from tongban.kernel.model import Text

_LENGTH = 18
_OLDEST = 150
"""The greatest age that `identity.age` can be (rules/vocabulary.yaml)."""
_RESIDENT = re.compile("[0-9]{17}[0-9Xx]")
# All characters but I, O, S, V, Z; only the division, places 3 to 8, is digits alone.
# Small letters are taken for capitals, as in a resident number.
_SIGN = "[0-9A-HJ-NP-RTUW-Ya-hj-np-rtuw-y]"
_OLD_CARD = re.compile("[A-Za-z]{3}[0-9]{12}")
_PERMITS = ("810000", "820000", "830000")
_CREDIT = re.compile(f"{_SIGN}{{2}}[0-9]{{6}}{_SIGN}{{10}}")
_NOTHING: Mapping[str, Scalar] = {}


@frozen
class _Resident:
    """What a valid resident ID number says of its bearer; an old foreigners' card nothing."""

    age: int | None = None
    sex: str | None = None


@hookimpl
def derive_facts(application: Application, item: str) -> Mapping[str, Scalar]:
    """Age, sex and validity from the resident ID number of an applicant who is a person.

    Args:
        application: whose `as_of` the age refers to.
        item: does not matter.

    Returns:
        `identity.age`, `identity.sex` and `identity.valid`; for an impossible
        number only `identity.valid`, false; without a number nothing.
    """
    applicant = application.applicant
    if applicant.id_number is None or applicant.kind != "person":
        return _NOTHING
    found = _read_resident(applicant.id_number, application.as_of)
    if isinstance(found, Text):
        return {"identity.valid": False}
    if found.age is None or found.sex is None:
        return {"identity.valid": True}
    return {"identity.valid": True, "identity.age": found.age, "identity.sex": found.sex}


@hookimpl
def receive(application: Application, item: str) -> list[Defect]:
    """Numbers of applicant and agent that cannot be right; missing ones are not asked for.

    Args:
        application: whose `as_of` no birth may lie after.
        item: does not matter.

    Returns:
        A defect for each wrong number, which it shows masked.
    """
    applicant = application.applicant
    defects = list(_defects("applicant", applicant, application.as_of))
    if applicant.agent is not None:
        defects += _defects("applicant.agent", applicant.agent, application.as_of)
    return defects


def _defects(field: str, party: Party, day: date) -> Iterator[Defect]:
    if party.id_number is not None:
        found = _read_resident(party.id_number, day)
        title = Text("公民身份号码", "resident ID number")
        if isinstance(found, Text):
            yield Defect(f"{field}.id_number", _about(title, party.id_number, found))
        elif not _place_known(party.id_number):
            says = Text("前6位不在已知行政区划内,请核对", "unknown division in characters 1 to 6")
            says = _about(title, party.id_number, says)
            yield Defect(f"{field}.id_number", says, warning=True)
    if party.credit_code is not None and party.kind != "person":
        fault = _credit_fault(party.credit_code)
        if fault:
            title = Text("统一社会信用代码", "unified social credit code")
            yield Defect(f"{field}.credit_code", _about(title, party.credit_code, fault))


def _about(title: Text, number: str, says: Text) -> Text:
    shown = _masked(number)
    return Text(f"{title.zh}{shown}: {says.zh}", f"{title.en}{shown}: {says.en}")


def _place_known(number: str) -> bool:
    """Whether the tables know the division, present or past, in a number that is well formed."""
    from stdnum import numdb  # noqa: PLC0415 - only where there is a number

    if number[:6] in _PERMITS or _OLD_CARD.fullmatch(number):
        return True
    # A code counts whatever the birthday: who is registered late has that of the day.
    code = f"{number[1:3]}0000" if number[0] == "9" else number[:6]
    return any("county" in found for _, found in numdb.get("cn/loc").info(code))


def _read_resident(number: str, day: date) -> _Resident | Text:
    """The person on `day`, or what is wrong with the number."""
    if _OLD_CARD.fullmatch(number):
        return _Resident()
    if not _RESIDENT.fullmatch(number):
        return _resident_form(number)
    # stdnum.cn.ric would also refuse the numbers of abolished divisions.
    from stdnum.iso7064 import mod_11_2  # noqa: PLC0415 - only where there is a number

    if not mod_11_2.is_valid(number.upper()):
        return _mismatch("居民身份证", "identity card")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return Text(
            "第7至14位应为真实的出生日期", "characters 7 to 14 must be a real date of birth"
        )
    if born > day:
        return Text(f"出生日期晚于{day}; 应不晚于该日", f"born after {day}; that day at the latest")
    age = _age(born, day)
    if age > _OLDEST:
        return Text(
            f"出生已超过{_OLDEST}年; 请核对第7至10位",
            f"born over {_OLDEST} years ago; check characters 7 to 10",
        )
    return _Resident(age, "male" if int(number[16]) % 2 else "female")


def _age(born: date, day: date) -> int:
    """Completed years (周岁); those of 29 February complete on 1 March in common years.

    The birthday itself completes the year: counting from the day after is a rule for
    criminal cases (法释〔2006〕1号第二条), 民法典第二百零一条 one for periods, not for ages.
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _resident_form(number: str) -> Text:
    if len(number) != _LENGTH:
        return _wrong_length(number)
    place = next(n for n, sign in enumerate(number, 1) if not ("0" <= sign <= "9"))
    return Text(
        f"第{place}位有误; 应为17位半角数字加1位数字或X",
        f"character {place} is wrong; must be 17 plain digits, then a digit or X",
    )


def _credit_fault(code: str) -> Text | None:
    if len(code) != _LENGTH:
        return _wrong_length(code)
    if not _CREDIT.fullmatch(code):
        return Text(
            "含有不允许的字符; 应为半角数字或大写字母,不用I、O、S、V、Z,第3至8位为数字",
            "has a wrong character; must be plain digits and capitals without I, O, S, V, Z,"
            " characters 3 to 8 digits",
        )
    # stdnum's own validate would also refuse letters in the first two places (N2, Y1).
    from stdnum.cn.uscc import calc_check_digit  # noqa: PLC0415 - only where there is a code

    if calc_check_digit(code) != code[-1].upper():
        return _mismatch("营业执照或登记证书", "licence or certificate")
    return None


def _wrong_length(number: str) -> Text:
    n = len(number)
    return Text(f"现为{n}位; 应为{_LENGTH}位", f"{n} characters; must be {_LENGTH}")


def _mismatch(paper: str, title: str) -> Text:
    # The check character that would fit is not told: the mistake may be anywhere.
    return Text(
        f"校验码与前17位不符; 应与{paper}一致,请逐位核对",
        "the last character does not fit the others;"
        f" compare it with the {title}, character by character",
    )


def _masked(number: str) -> str:
    """Its two ends, where enough is hidden between them; else nothing."""
    ends = number[:4] + number[-4:]
    if not 15 <= len(number) <= 20 or not (ends.isascii() and ends.isalnum()):
        return ""
    return f" {number[:4]}********{number[-4:]}"
