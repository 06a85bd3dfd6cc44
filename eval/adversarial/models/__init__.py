"""The characters, one file each."""

from eval.adversarial.models.adversary import Adversary, Bait, Character
from eval.adversarial.models.drafter import Drafter
from eval.adversarial.models.exfiltrator import Exfiltrator
from eval.adversarial.models.hallucinator import Hallucinator
from eval.adversarial.models.liar import Liar
from eval.adversarial.models.looper import Looper
from eval.adversarial.models.mutator import Mutator
from eval.adversarial.models.obey_all import ObeyAll
from eval.adversarial.models.random_caller import RandomCaller
from eval.adversarial.models.tool_forger import ToolForger

CHARACTERS: tuple[Character, ...] = (
    ObeyAll,
    RandomCaller,
    Mutator,
    Liar,
    Looper,
    Exfiltrator,
    ToolForger,
    Hallucinator,
    Drafter,
)

__all__ = [
    "CHARACTERS",
    "Adversary",
    "Bait",
    "Character",
    "Drafter",
    "Exfiltrator",
    "Hallucinator",
    "Liar",
    "Looper",
    "Mutator",
    "ObeyAll",
    "RandomCaller",
    "ToolForger",
]
