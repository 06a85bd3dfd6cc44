"""Planning cases as files hold them: families, their keys with synonyms, and results by case."""

from tools.engines.planning_cases.case_file import CasesUnreadable, Result, results

__all__ = ["CasesUnreadable", "Result", "results"]
