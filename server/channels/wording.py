"""What channels say beside answers, and answers cut to what a chat message holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from agents.answer import Answer, AnswerTable, on_screen
from policies.states import State
from server.draft_records import DraftShown
from server.wording import column, day_of, number, plain, titled
from tools.languages import counted, said
from tools.results import ColumnKind

MOST_ROWS = 10
MOST_COLUMNS = 6
_MOST_FIGURES = 8
_WAITING: State = "awaiting_confirmation"

Words: TypeAlias = Literal[
    "not known",
    "not active",
    "outside",
    "guest",
    "too long",
    "no files",
    "nothing asked",
    "elsewhere",
    "not this card",
    "code wrong",
    "help",
]
_WORDS: dict[Words, str] = {
    "not known": "I do not know you here yet, so I can show you nothing. Ask an administrator to add your"
    " account, or sign in where codes are given and send me yours, such as: link ABCDE-23456",
    "not active": "Your account is let in no more; an administrator can say why.",
    "outside": "I answer only people of this organisation, and here others read along. Write to me directly.",
    "guest": "I answer only people of this organisation, and none of its guests.",
    "too long": "This is too long to be a question. Ask in a few sentences; I read up to [[most]]"
    " characters.",
    "no files": "I do not look at files. Ask in words, or hand documents to an administrator.",
    "nothing asked": "Ask me about stock, orders, production, quality or costs; `help` says what else I"
    " know.",
    "elsewhere": "I answered in our direct messages: not everybody who reads along here may see what you"
    " asked for.",
    "not this card": "This is not a card as I posted it: it was forwarded or changed, or is not one of mine."
    " Nothing was done; open the draft in the panel.",
    "code wrong": "This code is not known, or is older than ten minutes. Get another one.",
    "help": "Ask as you would ask a colleague, or say what to order, move or hold. You can also type:\n"
    "new – begin another conversation\n"
    "waiting – what waits for you\n"
    "notices on, notices off – whether I tell you when something waits for you\n"
    "digest 07:30, digest off – a summary once a day\n"
    "quiet 18:00-07:00, quiet off – when I do not write unasked\n"
    "unlink – forget that this account is yours",
}


def worded(what: Words, **values: object) -> str:
    """What is said in such a case, in the language spoken."""
    return said(_WORDS[what], **values)


@dataclass(frozen=True, slots=True)
class TableShown:
    """A table of an answer with its cells as people read them, cut where it is long or wide."""

    title: str
    headings: tuple[str, ...]
    is_number: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: str
    """What is not shown of it; empty where all is."""


def tables_of(answer: Answer, most_rows: int = MOST_ROWS) -> tuple[TableShown, ...]:
    """The tables that a person is shown; in the language spoken."""
    return tuple(_table(table, most_rows) for table in on_screen(answer.tables))


def _table(table: AnswerTable, most_rows: int) -> TableShown:
    kinds = table.kinds or ("text",) * len(table.columns)
    width = min(len(table.columns), MOST_COLUMNS)
    shown = table.rows[:most_rows]
    columns = [column([row[at] for row in shown], kinds[at]) for at in range(width)]
    headings = [
        titled(heading) + (f" ({plain(said(unit))})" if unit else "")
        for heading, unit in zip(table.columns[:width], table.units[:width], strict=True)
    ]
    total = table.total_rows if table.total_rows is not None else len(table.rows)
    rows_out = max(total, len(table.rows)) - len(shown)
    left = [counted(rows_out, "[[number]] row more", "[[number]] rows more")] if rows_out else []
    if columns_out := len(table.columns) - width:
        left.append(counted(columns_out, "[[number]] column more", "[[number]] columns more"))
    return TableShown(
        plain(table.title),
        tuple(headings),
        tuple(kinds[at] not in ("text", "date", "flag", "code") for at in range(width)),
        tuple(zip(*columns, strict=True)) if columns and shown else (),
        ", ".join(left),
    )


def figures_of(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Label and value of each figure, where no table shows them."""
    if answer.tables and any(len(table.rows) > 1 for table in answer.tables):
        return ()
    return tuple(
        (titled(each.label), f"{number(each.value, _kind(each.unit))} {plain(said(each.unit))}".rstrip())
        for each in answer.figures[:_MOST_FIGURES]
    )


def _kind(unit: str) -> ColumnKind:
    return "percent" if unit == "%" else "money" if len(unit) == 3 and unit.isupper() else "quantity"


def evidence_of(answer: Answer) -> str:
    """Where the figures come from and how old they are, in a line; empty where there is no evidence."""
    if not answer.evidence:
        return ""
    systems = dict.fromkeys(plain(source.system) for each in answer.evidence for source in each.sources)
    days = sorted(day_of(each.data_as_of) for each in answer.evidence if each.data_as_of)
    ids = ", ".join(plain(each.id) for each in answer.evidence)
    words = [said("Evidence [[ids]]", ids=ids)]
    if systems:
        words.append(", ".join(systems))
    if days:
        words.append(said("data as of [[day]]", day=days[0]))
    return " · ".join(words)


def outcome_of(shown: DraftShown, decided_by: str = "") -> str:
    """What became of a draft, in words; empty while it waits for its first signature.

    Args:
        shown: how it stands.
        decided_by: who turned it down, where somebody did.
    """
    by = ", ".join(plain(each.name or each.by) for each in shown.signed)
    why = plain(shown.reason)
    match shown.state:
        case "drafted" | "policy_checked":
            return ""
        case "awaiting_confirmation":
            if not by:
                return ""
            return said(
                "Signed by [[names]], [[count]] of [[needed]].",
                names=by,
                count=len(shown.signed),
                needed=shown.signatures.count,
            )
        case "confirmed" | "dispatching":
            return said("Confirmed by [[names]]; it is being written to the ERP.", names=by)
        case "executed":
            return said(
                "Written to the ERP as [[number]]; confirmed by [[names]].",
                number=plain(shown.document_number),
                names=by,
            )
        case "partly_written":
            return said(
                "Written to the ERP in part: [[number]]. [[why]]",
                number=plain(shown.document_number),
                why=why,
            )
        case "refused":
            return said("The ERP did not take it: [[why]]", why=why)
        case "rejected":
            return said("Rejected by [[name]]: [[why]]", name=plain(decided_by), why=why)
        case "expired":
            return said("Expired: nobody confirmed it in time.")
        case "superseded":
            return said("Superseded: there is a newer version, or what it rests on has changed.")
        case "needs_reconciliation":
            return said("It is not known whether the ERP took it; somebody has to look: [[why]]", why=why)


_STATES: dict[State, str] = {
    "drafted": "is drafted",
    "policy_checked": "is drafted",
    "awaiting_confirmation": "waits for confirmation",
    "confirmed": "confirmed",
    "dispatching": "is being written to the ERP",
    "executed": "written to the ERP",
    "partly_written": "written to the ERP in part",
    "refused": "not taken by the ERP",
    "rejected": "was rejected",
    "expired": "has expired",
    "superseded": "is replaced by a newer version",
    "needs_reconciliation": "somebody has to look whether the ERP took it",
}


def states_in_words(state: State) -> str:
    """How a draft stands, in a word or two."""
    return said(_STATES[state])


def is_waiting(shown: DraftShown) -> bool:
    """True while it can still be confirmed or rejected."""
    return shown.state == _WAITING


def who_may(shown: DraftShown) -> str:
    """Who has to confirm a draft, in words."""
    roles = ", ".join(shown.signatures.roles)
    return counted(
        shown.signatures.count,
        "[[number]] confirmation is needed, by: [[roles]]",
        "[[number]] confirmations are needed, by: [[roles]]",
        roles=roles,
    )
