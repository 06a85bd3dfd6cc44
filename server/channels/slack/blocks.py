"""Answers and cards as Block Kit, within its limits and without markup.

Plain text objects and rich text elements show what they are given, so `<!channel>`, `<@U…>`, links and
asterisks from data stay letters. Nothing here is `mrkdwn`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias, assert_never

from agents.answer import Answer
from server.channels.records import CardPost, Content, Link, Note, Reply
from server.channels.wording import TableShown, evidence_of, figures_of, is_waiting, tables_of, who_may
from server.wording import plain
from tools.languages import said

Block: TypeAlias = dict[str, Any]
"""JSON of the platform: this module is its mapping."""

MOST_BLOCKS = 50
_MOST_TEXT = 2_900
"""Block Kit takes 3,000 characters in a section, and counts some twice."""
_MOST_BUTTON = 75
_MOST_VALUE = 1_900
_MOST_NOTICE = 300
_MOST_TABLE = 8_000
"""Characters of all tables of a message."""
_MOST_SUGGESTIONS = 3
_MOST_CELL = 40

CHOOSE, ASK, CONFIRM, REJECT, OPEN = "choose", "ask", "confirm", "reject", "open"
REASON = "reason"


def blocks_of(content: Content) -> tuple[list[Block], str]:
    """The blocks, and what a notification says of them."""
    match content:
        case Note(text, links):
            made = [*_texts(text), *_links(links)]
            notice = text
        case Reply() as reply:
            made, notice = _reply(reply), reply.answer.answer
        case CardPost() as card:
            made, notice = _card(card), f"{card.headline} {card.shown.summary} {card.outcome}".strip()
        case _:
            assert_never(content)
    return _within(made), escaped(_cut(plain(notice), _MOST_NOTICE))


def escaped(text: str) -> str:
    """Text that Slack takes for no mention, link or entity where it parses it: in notifications."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _reply(reply: Reply) -> list[Block]:
    answer = reply.answer
    if reply.is_kept_back:
        return [
            *_texts(said("Your answer is in the panel: its figures are not sent here.")),
            *_link(reply.link),
        ]
    made = _texts(answer.answer or said("Here is what I found.")) if answer.answer or answer.tables else []
    made += [_quiet(said("Read as: [[reading]]", reading=answer.reading))] if answer.reading else []
    made += _figures(answer)
    made += _tables(tables_of(answer))
    for caveat in answer.caveats:
        made.append(_quiet(caveat))
    if evidence := evidence_of(answer):
        made.append(_quiet(evidence))
    made += _alternatives(answer)
    made += _suggestions(answer)
    return made + _link(reply.link)


def _figures(answer: Answer) -> list[Block]:
    figures = figures_of(answer)
    if not figures:
        return []
    return [{"type": "section", "fields": [_plain(f"{label}\n{value}") for label, value in figures]}]


def _tables(tables: Sequence[TableShown]) -> list[Block]:
    made: list[Block] = []
    left = _MOST_TABLE
    for table in tables:
        if not table.rows:
            continue
        text = drawn(table)
        if len(text) > left:
            made.append(_quiet(said("Another table is in the panel.")))
            break
        left -= len(text)
        if table.title:
            made.append(_quiet(table.title))
        made.append(
            {
                "type": "rich_text",
                "elements": [
                    {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
                ],
            }
        )
        if table.left_out:
            made.append(_quiet(table.left_out))
    return made


def drawn(table: TableShown) -> str:
    """A table in letters of one width: numbers to the right, everything else to the left."""
    rows = [tuple(_cut(cell, _MOST_CELL) for cell in row) for row in (table.headings, *table.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(table.headings))]
    lines = [
        "  ".join(
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(row, widths, table.is_number, strict=True)
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "─" * min(len(lines[0]) + 2, sum(widths) + 2 * len(widths) - 2), *lines[1:]])


def _alternatives(answer: Answer) -> list[Block]:
    if not answer.alternatives:
        return []
    made: list[Block] = [
        _plain_section(f"{other.key}  {plain(other.reading)}") for other in answer.alternatives
    ]
    buttons = [
        _button(other.key, f"{CHOOSE}:{other.key}", json.dumps([answer.id, other.key]))
        for other in answer.alternatives
    ]
    return [*made, {"type": "actions", "elements": buttons}]


def _suggestions(answer: Answer) -> list[Block]:
    wanted = [each for each in answer.suggestions if len(each) <= _MOST_VALUE][:_MOST_SUGGESTIONS]
    if not wanted:
        return []
    return [
        {
            "type": "actions",
            "elements": [_button(plain(each), f"{ASK}:{at}", each) for at, each in enumerate(wanted)],
        }
    ]


def _card(card: CardPost) -> list[Block]:
    shown = card.shown
    made: list[Block] = []
    if card.headline:
        made += _texts(card.headline)
    if card.is_kept_back:
        words = said("A draft waits in the panel: what it says is not sent here.")
        return [*made, *_texts(words), *_link(card.link)]
    made.append({"type": "header", "text": _plain(_cut(plain(shown.card.title), 140))})
    lines = [
        f"{plain(row.label)}: {plain(row.value)}" + (f" ({plain(row.mark)})" if row.mark else "")
        for row in shown.card.rows
    ]
    made += _texts("\n".join(lines))
    for table in shown.card.tables:
        if table.rows:
            made += _texts(_listed(table.title, table.columns, table.rows))
    made += [_plain_section(f"⚠ {plain(warning)}") for warning in shown.card.warnings]
    if card.outcome:
        made += _texts(card.outcome)
    if is_waiting(shown):
        made.append(_quiet(who_may(shown)))
    buttons = (
        [
            _button(said("Confirm"), CONFIRM, str(card.id), style="primary"),
            _button(said("Reject"), REJECT, str(card.id), style="danger"),
        ]
        if is_waiting(shown) and _holds(made)
        else []
    )
    if is_waiting(shown) and not buttons:
        # What is confirmed has to have been seen whole.
        made = [
            *made[: MOST_BLOCKS - 4],
            _quiet(said("This card is too long for here: decide in the panel.")),
        ]
    if card.link:
        buttons.append(_open(card.link))
    return [*made, {"type": "actions", "elements": buttons}] if buttons else made


def _holds(made: Sequence[Block]) -> bool:
    """True where nothing of it would have to be left out."""
    return len(made) < MOST_BLOCKS - 1


def _listed(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A card's table: always all of its rows, each with what its cells are."""
    lines = [plain(title)]
    for row in rows:
        cells = [
            f"{plain(column)} {plain(cell)}".strip()
            for column, cell in zip(columns, row, strict=True)
            if cell
        ]
        lines.append("• " + ", ".join(cells))
    return "\n".join(lines)


def reason_view(kept: str) -> Block:
    """The form that asks why a draft is rejected; `kept` comes back with it."""
    return {
        "type": "modal",
        "callback_id": REJECT,
        "private_metadata": kept,
        "title": _plain(_cut(said("Reject this draft"), 24)),
        "submit": _plain(said("Reject")),
        "close": _plain(said("Cancel")),
        "blocks": [
            {
                "type": "input",
                "block_id": REASON,
                "label": _plain(said("Why is it rejected?")),
                "element": {
                    "type": "plain_text_input",
                    "action_id": REASON,
                    "multiline": True,
                    "min_length": 3,
                    "max_length": 500,
                },
            },
        ],
    }


def _texts(text: str) -> list[Block]:
    """Sections of a text, cut between lines where it is long."""
    made: list[Block] = []
    part = ""
    for line in plain(text, lines=True).splitlines():
        for piece in _pieces(line):
            if part and len(part) + len(piece) + 1 > _MOST_TEXT:
                made.append(_plain_section(part))
                part = ""
            part = f"{part}\n{piece}" if part else piece
    return [*made, _plain_section(part)] if part.strip() else made


def _pieces(line: str) -> list[str]:
    return [line[at : at + _MOST_TEXT] for at in range(0, max(len(line), 1), _MOST_TEXT)]


def _plain(text: str) -> Block:
    # A `:name:` in data must not become a picture.
    return {"type": "plain_text", "text": text or " ", "emoji": False}


def _plain_section(text: str) -> Block:
    return {"type": "section", "text": _plain(_cut(text, _MOST_TEXT))}


def _quiet(text: str) -> Block:
    return {"type": "context", "elements": [_plain(_cut(plain(text), 1_900))]}


def _button(label: str, action: str, value: str, style: str = "") -> Block:
    made: Block = {
        "type": "button",
        "text": _plain(_cut(label, _MOST_BUTTON)),
        "action_id": action,
        "value": value,
    }
    return {**made, "style": style} if style else made


def _open(link: Link) -> Block:
    return {
        "type": "button",
        "text": _plain(_cut(link.label, _MOST_BUTTON)),
        "action_id": OPEN,
        "url": link.address,
    }


def _link(link: Link | None) -> list[Block]:
    return _links((link,) if link else ())


def _links(links: Sequence[Link]) -> list[Block]:
    return [{"type": "actions", "elements": [_open(link) for link in links]}] if links else []


def _within(made: list[Block]) -> list[Block]:
    """At most as many blocks as a message holds; what follows is in the panel, whose link comes last."""
    if len(made) <= MOST_BLOCKS:
        return made
    last = [made[-1]] if made[-1]["type"] == "actions" else []
    cut = _quiet(said("The rest is in the panel."))
    return [*made[: MOST_BLOCKS - 1 - len(last)], cut, *last]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
