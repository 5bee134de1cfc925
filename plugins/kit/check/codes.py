"""The table of codes: each with its name, its severity, why it matters and what to do.

docs/checks.md is written from this table and from tests/golden/bad.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import frozen

Severity: TypeAlias = Literal["error", "warning", "note"]


@frozen
class Code:
    """One kind of finding.

    Attributes:
        code: `TB204`, stable: it never means anything else.
        name: in words joined by hyphens.
        why: why it matters.
        todo: what to do, where a finding itself knows nothing better.
    """

    code: str
    name: str
    severity: Severity
    why: str
    todo: str


FAMILIES = {
    "TB1": "加载 Loading",
    "TB2": "文风与依据 Style and sources",
    "TB3": "证明 Proofs",
    "TB4": "部门之间 Across plugins",
    "TB5": "引擎 Engines",
}
"""What the codes that begin alike have in common."""

_ERRORS = """
TB100 wrong
A file with a mistake is left out whole, so none of its items can be decided.
Mend what the message names; docs/rules.md has every key and value.

TB101 unreadable
What cannot be read is not checked, and a department without its file has no items.
Name a rule file (it has a line that begins with `department:`), saved as UTF-8.

TB102 not-yaml
Only plain YAML is the language; anything cleverer is read differently by different people.
Mend the line that is named; write out what an anchor or tag stood for.

TB103 wrong-shape
A key that is missing, unknown or of another kind would silently say nothing.
Write the keys and kinds of values that docs/rules.md lists.

TB104 unknown-word
A name that is in no vocabulary can never be asked for, so the rule could never be decided.
Write the nearest right word, or declare the attribute under `attributes`.

TB105 wrong-value
Values are compared with their type, so a wrong one would never be equal to anything.
Write a value of the type and domain that the vocabulary declares.

TB106 name-twice
Decisions name rules and items by id; two of one name could not be told apart.
Choose another id for one of them.

TB107 unknown-advice
An applicant would be sent to an item that does not exist.
Name an item that exists; `tongban items` lists them.

TB108 citation-nowhere
Nobody could look the citation up.
Cite a row, a section, or an article of a source that is declared.

TB109 too-many
What is too large to be compared cannot be proved free of contradictions.
Make several smaller rules of it.

TB201 no-citation
Every conclusion shows the words that it rests on; one without is an opinion.
Add `cite` with a row, a section or an article.

TB202 false-quotation
People are refused with these words; they must stand in the text.
Copy the operative words from the source, or cite the place where they stand.

TB203 no-such-place
The text has no such row, section or article.
Cite the place where the words stand.

TB211 no-title
Applicants are asked in the words of titles and questions; without them nobody can answer.
Add the key that is missing.

TB215 failing-case
The case says what must come out, and something else does: rule or case is wrong.
Mend the rule, or the case where the rule is right; `tongban test` shows both.

TB301 conflict
For the same facts two rules of one rank conclude differently, so neither can be applied.
Narrow one of them by `when` or `unless`.

TB302 gap
For these facts no rule concludes a value that every eligible case needs.
Add a rule for these facts, or refuse them with a reason.

TB306 no-route
The case is eligible, and no authority receives or handles it.
Let a place of `handled_at` or `receives` exist for these facts.

TB307 useless-advice
An applicant who follows the advice is refused again, with the same facts.
Advise an item that covers these facts, or advise nothing.

TB401 item-claimed-twice
Two departments would decide the same item by different rules.
Agree who leads it; the other one leaves it out.

TB402 outside-prefix
A name outside a department's own prefix may be another's tomorrow.
Name it under the department's own prefix.

TB403 meaning-changed
One name with two meanings makes both departments' rules wrong.
Use the shared declaration, or declare an attribute under the own prefix.

TB404 derives-outside-prefix
A plugin that sets facts of others decides their cases for them.
Declare the fact, or derive it under the plugin's own prefix.

TB405 department-twice
Only one of the two is loaded, and it is not said which one its authors meant.
Give one of them another id, or uninstall it.

TB406 plugin-fails
A plugin that fails is left out, and so is all that it would have done.
Mend the plugin; `tongban plugins` shows what it is and where it comes from.

TB407 former-name
This version finds some of them, with a warning; the next one finds none.
Import what docs/architecture.md lists; the faces of the kernel's rooms are public.

TB501 engines-disagree
One of the two engines decides wrongly; live, the case would stop.
Report it with the witness; until then a person decides such cases.
"""

_WARNINGS = """
TB204 long-quotation
A citation points at the operative words; the text itself is not ours to copy.
Quote only the words that decide, at most 40 characters.

TB205 whole-sentence
A whole sentence hides the words that decide, and copies the text.
Quote only the words that decide.

TB206 copied-sentence
The text of the source is not part of a rule file, and stays right only in one place.
Say it in words of your own, or quote the operative words under `cite`.

TB207 no-words
The source is at hand, and the rule says that it is stated there: the reader wants to see where.
Add `words`, or say `basis: inferred`.

TB208 other-row
A row that is not the item's own is usually left over from copying.
Cite the item's own row.

TB209 unused-source
What is declared and cited nowhere makes readers look for what is not there.
Remove the source, or cite it.

TB210 unused-attribute
What is declared and tested by no rule is asked of nobody, and misleads readers.
Remove the attribute, or use it in a rule.

TB212 unfinished-text
Applicants would read it.
Write what is meant.

TB214 too-few-cases
Without one case that passes and one that does not, nobody sees what a change breaks.
Add cases under `cases`: one that passes, one that does not.

TB216 wrong-language
Applicants read names and reasons in Chinese, foreign readers titles in English.
Write names, questions and reasons in Chinese, titles in English.

TB217 says-yes-always
An item is eligible unless a rule says no; a yes without a condition only overrides others.
Remove the rule, or give it a `when`.

TB218 advises-itself
The applicant is sent back to the item that just refused.
Advise another item, a channel or a place.

TB219 case-twice
One of two equal cases tests nothing, and of two with one name nobody knows which failed.
Change or remove one of them.

TB220 test-says-nothing
A test that everything passes, or a value twice, is a mistake for something else.
Remove it, or write what was meant.

TB222 name-of-two-items
Applicants name items by their exact name; this one names two.
Write each name as the annex has it.

TB223 idle-excuse
An excuse that excuses nothing hides what its author meant to look at, and outlives its reason.
Mend the code that it names, put it where the finding is, or remove it.

TB303 never-fires
A rule that no facts can meet is a mistake, or was forgotten.
Remove it, or mend its tests and dates.

TB304 changes-nothing
Whatever the facts, the decision is the same without the rule.
Remove it, or mend it; where it explains a refusal better than others, keep it.

TB305 unreachable
No date, applicant or channel is left for which the item could be granted.
Mend `available`, `applicant`, `channels` or the rules that refuse.
"""

_NOTES = """
TB213 unfired-rule
A rule that holds in no case was never seen to do what it should.
Add a case in which it holds.

TB221 no-because
What is inferred stands in no text, so the reader wants to know why.
Add `because`, one line.

TB224 question-in-chinese-only
Who reads no Chinese is asked in words that nobody has translated.
Write both: `question: {zh: …, en: …}`.

TB225 derived-from-what
Where its plugin abstains, nobody can be asked for what it lacks, and nobody sees what it rests on.
Name the plugin and the parts: `derived: {by: PLUGIN, from: [applicant.id_number]}`.

TB300 no-proofs
Conflicts, gaps and dead rules were not looked for.
pip install 'tongban[check]', or say --no-proofs.

TB502 engine-abstains
These cases have no second opinion.
Simplify the rule that is named, or leave it: live, the kernel's engine decides alone.

TB503 engine-absent
The engines were not compared.
pip install 'tongban[durable]'
"""


def _table() -> Mapping[str, Code]:
    """The texts above: of each code three lines, its name, why it matters, what to do."""
    texts: tuple[tuple[Severity, str], ...] = (
        ("error", _ERRORS),
        ("warning", _WARNINGS),
        ("note", _NOTES),
    )
    codes: list[Code] = []
    for severity, text in texts:
        for entry in text.strip().split("\n\n"):
            head, why, todo = entry.splitlines()
            code, name = head.split()
            codes.append(Code(code, name, severity, why, todo))
    return {one.code: one for one in sorted(codes, key=lambda one: one.code)}


CODES: Mapping[str, Code] = _table()
"""Every code, in order."""
