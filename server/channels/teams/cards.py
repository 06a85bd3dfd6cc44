"""What is posted in Teams, as Adaptive Cards: every text is a run of text, which is taken for no markup."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias, assert_never

from agents.answer import Answer
from policies.cards import Card, CardRow, CardTable
from server.channels.records import CardPost, Content, Link, Note, Reply
from server.channels.wording import TableShown, evidence_of, figures_of, is_waiting, tables_of, who_may
from server.wording import plain, titled
from tools.languages import said, speaking

Element: TypeAlias = dict[str, object]
"""A piece of a card, as its JSON is."""

MOST_BYTES: Final = 44_000
"""Of a message: Teams takes 100 KB, which it counts two bytes a letter."""
MOST_PICTURE: Final = 24_000
"""Of a picture as text within a card; a larger one is seen in the panel."""
_ROWS: Final = (10, 5, 3)
_MOST_ALTERNATIVES: Final = 3
_MOST_SUGGESTIONS: Final = 3
_LONGEST_TITLE: Final = 60
_VERDICTS: Final[Mapping[str, str]] = {
    "answered": "",
    "clarify": "",
    "cannot_answer": "Cannot be answered from this data",
    "refused": "Refused",
}


def rendered(content: Content, picture: bytes | None = None) -> Element:
    """The card of what is to be posted.

    Args:
        content: what it is.
        picture: a PNG of its chart; left out where it is too large for a message.
    """
    match content:
        case Note():
            return _card(_lines(content.text), _opened(content.links))
        case Reply(is_kept_back=True):
            return _kept_back(content.link)
        case Reply():
            return _fitting(content, picture)
        case CardPost(is_kept_back=True):
            return _kept_back(content.link, content.headline)
        case CardPost():
            return _draft(content)
        case _:
            assert_never(content)


def summary_of(content: Content) -> str:
    """The line by which a person is notified; plain text."""
    match content:
        case Note():
            return _cut(_plain(content.text), 120)
        case Reply(is_kept_back=True):
            return said("The answer is in the panel.")
        case Reply():
            return _cut(_plain(content.answer.answer or content.answer.reading), 120)
        case CardPost():
            return _cut(_plain(content.headline or content.shown.summary), 120)
        case _:
            assert_never(content)


def bytes_of(card: Element) -> int:
    """How many bytes a card is."""
    return len(json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode("utf-8"))


# Answers.


def _fitting(reply: Reply, picture: bytes | None) -> Element:
    """The answer with as many rows as a message holds."""
    with speaking(reply.answer.language):
        shown = b64encode(picture).decode() if picture else ""
        image = _picture(shown, reply.answer) if 0 < len(shown) <= MOST_PICTURE else None
        for rows in _ROWS:
            found = tables_of(reply.answer, rows)
            for most in {len(found), min(1, len(found))}:
                card = _answer(reply, found[:most], image)
                if bytes_of(card) <= MOST_BYTES - (0 if image else MOST_PICTURE):
                    return card
        return _answer(reply, (), None)


def _answer(reply: Reply, tables: Sequence[TableShown], image: Element | None) -> Element:
    answer = reply.answer
    body: list[Element] = []
    verdict = _VERDICTS[answer.status]
    # A question back says itself what is meant.
    if verdict:
        body += _lines(said(verdict), weight="Bolder")
    if answer.hypothetical:
        what = "; ".join(answer.hypothetical)
        body += _lines(said("Hypothetical, nothing is changed by it: [[what]]", what=what), color="Warning")
    body += _lines(_cut(answer.answer, 6_000))
    if facts := figures_of(answer):
        body.append(_pairs(facts))
    if image is not None:
        body.append(image)
    for table in tables:
        body += _table(table)
    if len(tables) < len(tables_of(answer, 1)):
        body += _lines(said("The other tables are in the panel."), is_subtle=True)
    body += _remarks(answer)
    choices = [(f"{each.key}", each.reading) for each in answer.alternatives[:_MOST_ALTERNATIVES]]
    if choices:
        heading = said("Readings" if answer.status == "clarify" else "Other readings")
        body += _lines(heading, weight="Bolder", has_space=True)
        for key, reading in choices:
            body += _lines(f"{key}  {reading}")
        body.append(
            _buttons(_execute(key, "choose", {"answer": answer.id, "key": key}) for key, _ in choices)
        )
    if answer.suggestions:
        body += _lines(said("Ask next"), weight="Bolder", has_space=True)
        body.append(
            _buttons(_execute(text, "ask", {"text": text}) for text in answer.suggestions[:_MOST_SUGGESTIONS])
        )
    return _card(body, _opened((reply.link,) if reply.link else ()))


def _remarks(answer: Answer) -> list[Element]:
    """How the question was read, what to mind, and what the figures rest on."""
    found: list[Element] = []
    if answer.reading:
        found += _lines(f"{titled(said('read as'))}: {answer.reading}", is_subtle=True, has_space=True)
    for caveat in answer.caveats:
        found += _lines(caveat, is_subtle=True)
    if rests_on := evidence_of(answer):
        found += _lines(rests_on, is_subtle=True)
    return found


def _table(table: TableShown) -> list[Element]:
    found = _lines(table.title, weight="Bolder", has_space=True) if table.title else []
    if table.rows:
        found.append(_grid(table.headings, table.rows, table.is_number))
    if table.left_out:
        found += _lines(said("[[what]]: in the panel", what=table.left_out), is_subtle=True)
    return found


def _picture(shown: str, answer: Answer) -> Element:
    title = answer.charts[0].title if answer.charts else answer.reading
    return {"type": "Image", "url": f"data:image/png;base64,{shown}", "altText": _cut(_plain(title), 200)}


# Drafts.


def _draft(post: CardPost) -> Element:
    """The draft's card; without buttons where it does not fit, since nobody confirms what they do not see."""
    shown = post.shown
    head = [
        *(_lines(post.headline, color="Accent") if post.headline else []),
        *_lines(shown.card.title, weight="Bolder", size="Medium"),
        *(_lines(post.outcome, weight="Bolder", color=_tone(shown.state)) if post.outcome else []),
    ]
    links = _opened((post.link,) if post.link else ())
    version = said("Draft [[id]], version [[version]]", id=shown.id, version=shown.version)
    foot = _lines(f"{version} · {shown.digest}", is_subtle=True, size="Small", has_space=True)
    is_open = is_waiting(shown)
    if is_open:
        foot = [*_lines(who_may(shown), is_subtle=True, has_space=True), *foot]
    for parts in (_parts(shown.card), _short_parts(shown.card)):
        card = _card([*head, *parts, *foot], [*(_decisions(post) if is_open else ()), *links])
        if bytes_of(card) <= MOST_BYTES:
            return card
    why = said("This draft is too long to be shown here in full: confirm or reject it in the panel.")
    short = [*head, *_lines(shown.summary), *(_lines(why, color="Warning") if is_open else ()), *foot]
    return _card(short, links)


def _decisions(post: CardPost) -> list[Element]:
    confirm: Element = {
        **_execute(said("Confirm"), "decide", {"card": str(post.id), "decision": "confirm"}),
        "style": "positive",
        "associatedInputs": "none",
    }
    reason: Element = {
        "type": "Input.Text",
        "id": "reason",
        "label": said("Why; it is kept with your name"),
        "isRequired": True,
        "errorMessage": said("a reason is needed"),
        "isMultiline": True,
        "maxLength": 500,
    }
    reject = {
        **_execute(said("Reject"), "decide", {"card": str(post.id), "decision": "reject"}),
        "style": "destructive",
    }
    asked: Element = {"type": "AdaptiveCard", "body": [reason], "actions": [reject]}
    return [confirm, {"type": "Action.ShowCard", "title": said("Reject"), "card": asked}]


def _parts(card: Card) -> list[Element]:
    """All that the card holds: warnings, rows and every row of its tables."""
    found: list[Element] = []
    for warning in card.warnings:
        found += _lines(warning, color="Warning")
    found.append(_facts(card.rows))
    for table in card.tables:
        found += _lines(table.title, weight="Bolder", has_space=True)
        found.append(_whole(table))
    return found


def _short_parts(card: Card) -> list[Element]:
    """The same in fewer bytes: a line for each row."""
    found: list[Element] = []
    for warning in card.warnings:
        found += _lines(warning, color="Warning")
    for row in card.rows:
        value = " / ".join(row.value.splitlines())
        found += _lines(f"{row.label}: {value}" + (f" ! {row.mark}" if row.mark else ""))
    for table in card.tables:
        found += _lines(table.title, weight="Bolder", has_space=True)
        for cells in (table.columns, *table.rows):
            found += _lines(" · ".join(cell or "–" for cell in cells))
    return found


def _facts(rows: Sequence[CardRow]) -> Element:
    lines = []
    for row in rows:
        values = _lines(row.value) or _lines("–")
        if row.mark:
            values += _lines(f"! {row.mark}", color="Attention")
        lines.append(([_text(row.label, is_subtle=True)], values))
    return _columns(lines, (1, 2))


def _whole(table: CardTable) -> Element:
    return _grid(table.columns, table.rows, (False,) * len(table.columns))


def _tone(state: str) -> str:
    match state:
        case "executed":
            return "Good"
        case "rejected" | "refused" | "expired" | "superseded":
            return "Attention"
        case "needs_reconciliation" | "partly_written":
            return "Warning"
        case _:
            return "Accent"


def _kept_back(link: Link | None, headline: str = "") -> Element:
    words = said("What this says may not leave the house for Teams: look at it in the panel.")
    return _card([*_lines(headline, weight="Bolder"), *_lines(words)], _opened((link,) if link else ()))


# Pieces of cards.


def _card(body: Sequence[Element], actions: Sequence[Element]) -> Element:
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "msteams": {"width": "full"},
        "body": list(body),
        "actions": list(actions),
    }


def _lines(
    text: str,
    *,
    weight: str = "",
    size: str = "",
    color: str = "",
    is_subtle: bool = False,
    has_space: bool = False,
) -> list[Element]:
    """The text, a block for each of its lines; the space stands before the first."""
    given = [line for line in plain(text, lines=True).splitlines() if line.strip()]
    return [
        _text(
            line, weight=weight, size=size, color=color, is_subtle=is_subtle, has_space=has_space and not at
        )
        for at, line in enumerate(given)
    ]


def _text(
    text: str,
    *,
    weight: str = "",
    size: str = "",
    color: str = "",
    is_subtle: bool = False,
    has_space: bool = False,
    aligned: str = "",
) -> Element:
    run: Element = {"type": "TextRun", "text": _plain(text)}
    looks = {"weight": weight, "size": size, "color": color, "isSubtle": is_subtle}
    run.update({name: look for name, look in looks.items() if look})
    # A run without looks is a text alone: most are, and a message holds only so much.
    found: Element = {"type": "RichTextBlock", "inlines": [run if len(run) > 2 else run["text"]]}
    if has_space:
        found["spacing"] = "Medium"
    if aligned:
        found["horizontalAlignment"] = aligned
    return found


def _pairs(pairs: Iterable[tuple[str, str]]) -> Element:
    return _columns(
        [([_text(label, is_subtle=True)], [_text(value, weight="Bolder")]) for label, value in pairs], (1, 1)
    )


def _columns(rows: Iterable[tuple[list[Element], list[Element]]], widths: tuple[int, int]) -> Element:
    return {
        "type": "Table",
        "showGridLines": False,
        "firstRowAsHeaders": False,
        "columns": [{"width": width} for width in widths],
        "rows": [
            {"type": "TableRow", "cells": [{"type": "TableCell", "items": items} for items in row]}
            for row in rows
        ],
    }


def _grid(headings: Sequence[str], rows: Sequence[Sequence[str]], is_number: Sequence[bool]) -> Element:
    def line(cells: Sequence[str], *, is_head: bool) -> Element:
        shown = [
            _text(cell, weight="Bolder" if is_head else "", aligned="Right" if right else "")
            for cell, right in zip(cells, is_number, strict=True)
        ]
        return {"type": "TableRow", "cells": [{"type": "TableCell", "items": [each]} for each in shown]}

    return {
        "type": "Table",
        "firstRowAsHeaders": True,
        "columns": [{"width": 1} for _ in headings],
        "rows": [line(headings, is_head=True), *(line(row, is_head=False) for row in rows)],
    }


def _buttons(actions: Iterable[Element]) -> Element:
    return {"type": "ActionSet", "actions": list(actions)}


def _execute(title: str, verb: str, data: Mapping[str, str]) -> Element:
    return {
        "type": "Action.Execute",
        "title": _cut(_plain(title), _LONGEST_TITLE),
        "verb": verb,
        "data": {"plantwright": verb, **data},
    }


def _opened(links: Iterable[Link]) -> list[Element]:
    return [
        {"type": "Action.OpenUrl", "title": _cut(_plain(link.label), _LONGEST_TITLE), "url": link.address}
        for link in links
    ]


def _plain(text: str) -> str:
    """Without what cannot be seen, and without the marks of Teams' own functions, such as `{{DATE(...)}}`."""
    return plain(text).replace("{{", "{ {")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
