"""Words for people in the language that they ask in: English, German, Spanish or French."""

from tools.languages.speaking import LANGUAGES, Language, counted, language, said, speaking

__all__ = ["LANGUAGES", "Language", "counted", "language", "said", "speaking"]
