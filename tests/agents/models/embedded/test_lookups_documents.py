"""Questions about what is written down are told from those about figures, in every language of documents."""

from __future__ import annotations

import pytest

from agents.models.embedded.lookups_documents import asks_documents, document_reading
from tests.agents.models.embedded.plant_names import plant

WRITTEN = (
    "What does the contract with Voltamo say about price increases?",
    "what does our procedure say about partial deliveries?",
    "What do the contracts with our suppliers require on recalls?",
    "who may approve a change of supplier at Olomouc?",
    "Who is allowed to release blocked stock?",
    "According to the contract, what happens when the steel index rises?",
    "Where is it written who signs for scrap?",
    "do we have a guideline for emergency purchases?",
    "Was steht im Rahmenvertrag über Preisanpassungen?",
    "Was sagt die Verfahrensanweisung zu Teillieferungen?",
    "Was gilt laut Richtlinie bei Notkäufen?",
    "Wer darf gesperrten Bestand freigeben?",
    "Wo ist die Vertretung im Urlaub geregelt?",
    "Wie ist die Betriebsruhe geregelt?",
    "Gibt es eine Betriebsvereinbarung zum Resturlaub?",
    "¿Qué dice el contrato marco sobre el precio?",
    "¿Quién puede liberar el material bloqueado?",
    "Que dit la procédure sur les livraisons partielles ?",
    "Cosa dice il contratto quadro sulla revisione dei prezzi?",
    "Co mówi procedura o dostawach częściowych?",
    "Co říká směrnice o dílčích dodávkách?",
)
FIGURES = (
    "what did we pay per piece for EM-1.5 on the last order, and what does the contract say?",
    "Was zahlen wir für EM-1.5, und was sagt der Kontrakt?",
    "How many contracts expire this year?",
    "Total value of contracts by supplier",
    "who approved order 4500",
    "Which purchase orders are not approved?",
    "What was released yesterday?",
    "What was written off on account Vehicles?",
    "Motor 4 kW, Kassel: what have we called off under the contract?",
    "was steht im rahmenvertrag C25001?",
    "Wie viele Verträge laufen aus?",
    "Wer hat den Auftrag freigegeben?",
    "Wo steht der Bestand am höchsten?",
    "Blocked stock by site",
    "How long until it's here according to the agreement?",
)


@pytest.mark.parametrize("question", WRITTEN)
def test_what_is_written_down_is_searched_for_as_it_was_asked(question: str) -> None:
    """The whole question is the argument: no reader decides what of it matters."""
    reading = document_reading(question, plant())
    assert reading is not None
    assert reading.calls[0].name == "find_in_documents"
    assert reading.calls[0].arguments.model_dump()["question"] == question


@pytest.mark.parametrize("question", FIGURES)
def test_figures_and_records_are_left_to_the_other_readers(question: str) -> None:
    assert not asks_documents(question)


def test_a_long_question_is_cut_between_words() -> None:
    reading = document_reading("What does our procedure say about " + "goods " * 60, plant())
    assert reading is not None
    text = reading.calls[0].arguments.model_dump()["question"]
    assert len(text) <= 200
    assert text.endswith("goods")
