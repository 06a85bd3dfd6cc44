"""Languages by the tags that people's accounts hold."""

from __future__ import annotations

from tools.languages.speaking import LANGUAGES, Language


def language_for(locale: str) -> Language:
    """The language of a BCP 47 tag such as `de-AT`; English where it is not spoken here."""
    tag = locale.replace("_", "-").partition("-")[0].lower()
    return next((spoken for spoken in LANGUAGES if spoken == tag), "en")
