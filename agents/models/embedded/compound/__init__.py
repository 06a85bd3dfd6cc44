"""Compound questions: one kind of record, several conditions, several columns, in one sentence or two.

`Which orders are in process and past their due date? Number, material and quantity, oldest first.` The two
readers look for one figure or one list; this one reads the whole question as the request for a table, and
gives nothing where a word of it finds no place.
"""

from agents.models.embedded.compound.beside import Beside
from agents.models.embedded.compound.reader import CompoundReader

__all__ = ["Beside", "CompoundReader"]
