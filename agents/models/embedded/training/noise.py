"""What people do to a question: greet, ramble, drop words and letters."""

from __future__ import annotations

import random
import re

_OPENINGS = (
    "please",
    "pls",
    "hey",
    "hi",
    "can you tell me",
    "could you tell me",
    "i'd like to know",
    "just wondering",
    "quick one",
    "question",
    "do you know",
    "tell me",
    "i need to know",
    "for my report",
    "my boss asks",
    "before the meeting",
    "one more",
    "ok",
    "so",
    "also",
    "now",
    "good morning",
    "can u check",
    "need",
    "i want to know",
    "would you show me",
    "please show",
    "let me know",
    "for the audit",
    "show",
    "help me out",
    "we are wondering",
    "somebody asked me",
    "could you pull",
    "can you pull",
    "i would like to see",
)
_STORIES = (
    "i am preparing the monthly review",
    "the auditors are here tomorrow",
    "the boss wants to see it",
    "we had a discussion in the team about it",
    "i keep hearing complaints",
    "purchasing claims it is fine",
    "finance keeps asking",
    "i was walking through the plant this morning",
    "we are planning next year",
    "this has been bothering me for a while",
    "i have to settle a bet",
    "the numbers in my sheet look odd",
    "i have no time to dig through the reports",
    "nobody here could tell me",
    "the planning meeting starts in an hour",
)
_ENDINGS = (
    "please",
    "pls",
    "thanks",
    "thx",
    "asap",
    "in total",
    "overall",
    "right now",
    "at the moment",
    "today",
    "so far",
    "all together",
    "if possible",
    "rounded",
    "roughly",
    "for all",
    "ever",
    "to date",
    "on file",
    "in the system",
    "in our data",
    "for the whole plant",
    "the names too",
    "just the number",
    "in CURRENCY",
    "in CURRENCY",
    "in CURRENCY",
)
_NUMBERS = ("three", "five", "ten", "two", "four", "eight", "twenty", "a dozen", "hundred", "one")
_REMARKS = (
    "give the name and the number",
    "name and number",
    "show both",
    "both figures",
    "with the number",
    "and show the total",
    "ties included",
    "show all if there is a tie",
    "all dates",
    "any status",
    "all of them",
    "simple average",
    "not rounded",
    "over everything",
    "including the ones without",
    "and who are they",
    "and which one is it",
    "and what are they",
    "two numbers please",
    "i only need the total",
    "no details",
    "with units",
    "count each only once",
    "leaving out the empty ones",
    "only where there is one",
    "by name",
    "put the rest on one line",
    "show zero where there is nothing",
    "from largest to smallest",
)
_DROPPED = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "is",
        "are",
        "was",
        "were",
        "do",
        "we",
        "our",
        "do",
        "did",
        "in",
        "for",
        "any",
        "that",
    ]
)
_PLACEHOLDER = re.compile(r"^[A-Z_]{2,}$")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def noisy(words: str, chance: random.Random) -> str:
    """The question as somebody might type it."""
    tokens = [_worded(token, chance) for token in words.split()]
    roll = chance.random()
    if roll < 0.10:
        tokens = [token for token in tokens if token not in _DROPPED or chance.random() < 0.3]
    if roll > 0.9 and len(tokens) > 4:
        tokens = _swapped(tokens, chance)
    if chance.random() < 0.12:
        tokens = [_mistyped(token, chance) if chance.random() < 0.15 else token for token in tokens]
    text = " ".join(tokens)
    if chance.random() < 0.2:
        text = f"{chance.choice(_OPENINGS)} {text}"
    if chance.random() < 0.06:
        text = f"{chance.choice(_STORIES)} {chance.choice(('-', '.', ',', 'so', ':'))} {text}"
    if chance.random() < 0.15:
        text = f"{text} {chance.choice(_ENDINGS)}"
    if chance.random() < 0.1:
        text = f"{text}{chance.choice((',', ' -', '.', '?', ' ('))} {chance.choice(_REMARKS)}"
    if chance.random() < 0.45:
        text += "?"
    return text


def _worded(token: str, chance: random.Random) -> str:
    if token == "NUMBER" and chance.random() < 0.25:
        return chance.choice(_NUMBERS)
    if token == "PERIOD" and chance.random() < 0.08:
        return "DAY"
    return token


def _swapped(tokens: list[str], chance: random.Random) -> list[str]:
    """Another order of the parts: the end first."""
    cut = chance.randrange(2, len(tokens) - 1)
    return [*tokens[cut:], *chance.choice(((",",), (":",), ("-",), ())), *tokens[:cut]]


def _mistyped(word: str, chance: random.Random) -> str:
    if len(word) < 4 or _PLACEHOLDER.match(word):
        return word
    at = chance.randrange(1, len(word) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + chance.choice(_LETTERS) + word[at + 1 :]
