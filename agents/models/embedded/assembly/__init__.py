"""One hypothesis about a question, assembled: which records it is about, and what each chunk does.

The same chunks are assembled once for every kind of record that they could be about; the reader then keeps
the assemblies that leave least unexplained.
"""

from agents.models.embedded.assembly.assembler import Assembler
from agents.models.embedded.assembly.hypothesis import Assembly, replace_measure
from agents.models.embedded.assembly.uses import Prefer

__all__ = ["Assembler", "Assembly", "Prefer", "replace_measure"]
