"""What a question asks for, counted by its words alone, beside what a plan does."""

from agents.models.embedded.accounting.accounts import Accounts
from agents.models.embedded.accounting.clause import CLAUSES, Clause, Left
from agents.models.embedded.accounting.cues import Asked

__all__ = ["CLAUSES", "Accounts", "Asked", "Clause", "Left"]
