"""Letters that deceive: invisible ones, ones that turn the direction, and ones that look like others."""

from __future__ import annotations

import unicodedata

UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
"""Unicode categories of characters that nobody sees or that nobody has assigned."""
_LOOKS_LATIN = {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "FULLWIDTH", "MATHEMATICAL"}
"""Scripts with letters that are taken for Latin ones."""


def made_visible(text: str) -> str:
    """The text with every character that cannot be seen written as its code, such as ⟨U+202E⟩."""
    if _is_plain(text):
        return text
    return "".join(
        character if character == "\n" or not _is_hidden(character) else f"⟨U+{ord(character):04X}⟩"
        for character in unicodedata.normalize("NFC", text)
    )


def remarks(text: str) -> tuple[str, ...]:
    """What is odd about the letters of a text, in words; empty where nothing is."""
    if _is_plain(text):
        return ()
    found = []
    hidden = sorted({f"U+{ord(c):04X}" for c in text if c != "\n" and _is_hidden(c)})
    if hidden:
        found.append(f"it holds characters that cannot be seen ({', '.join(hidden)})")
    for word in text.split():
        scripts = {_script(character) for character in word if character.isalpha()}
        if "LATIN" in scripts and scripts & _LOOKS_LATIN:
            odd = sorted({f"U+{ord(c):04X}" for c in word if c.isalpha() and _script(c) in _LOOKS_LATIN})
            found.append(
                f"{made_visible(word)!r} mixes Latin letters with look-alikes of another alphabet"
                f" ({', '.join(odd)})"
            )
        elif scripts and scripts <= {"CYRILLIC", "GREEK"} and _has_latin(text):
            found.append(f"{made_visible(word)!r} is written in another alphabet than what stands beside it")
        elif any(c.isdigit() and not c.isascii() for c in word):
            found.append(f"{made_visible(word)!r} holds digits of another script")
    return tuple(dict.fromkeys(found))


_UNIT_LETTERS = "\u03bc\u03a9"
"""Greek letters that units are written with: µm, kΩ."""


def deceiving(text: str) -> tuple[str, ...]:
    """Each character that nobody sees, or that is taken for a Latin letter inside a word or number; by code.

    A word that is wholly of another alphabet deceives nobody.
    """
    if _is_plain(text):
        return ()
    # Tabs and line ends, and spaces of any width, part words as a space does.
    found = {one for one in text if _is_hidden(one) and not one.isspace()}
    found |= {one for one in text if one == "\ufe0f" or "\U000e0100" <= one <= "\U000e01ef"}
    for word in text.split():
        if any(one.isdigit() or (one.isalpha() and _script(one) == "LATIN") for one in word):
            found |= {
                one
                for one in word
                if one.isalpha() and one not in _UNIT_LETTERS and _script(one) in _LOOKS_LATIN
            }
    return tuple(f"U+{ord(one):04X} ({unicodedata.name(one, 'no name')})" for one in sorted(found))


def _is_plain(text: str) -> bool:
    """True of most texts, which cards would otherwise spend most of their time on."""
    return text.isascii() and text.replace("\n", "").isprintable()


def _is_hidden(character: str) -> bool:
    category = unicodedata.category(character)
    if category in UNSEEN or category in ("Zl", "Zp"):
        return True
    # Blank, though they count as letters or marks; and spaces of other widths than those that numbers need.
    return character in "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5" or (
        category == "Zs" and character not in " \u00a0\u202f"
    )


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]


def _has_latin(text: str) -> bool:
    return any(character.isalpha() and _script(character) == "LATIN" for character in text)
