"""Questions in German, Spanish and French as the learned reader sees them: masked as English ones are, the
other words in their own language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agents.models.embedded.languages.goods import Goods
from agents.models.embedded.languages.rendering import Rendering
from agents.models.embedded.languages.tables import folded, table
from agents.models.embedded.languages.words import composed, words
from agents.models.embedded.lexicon import CatalogueHolder, catalogue_phrases
from agents.models.embedded.links import Link, Linker
from agents.models.embedded.masked import Masked, masked
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.periods import FoundPeriod, Period, Periods
from agents.models.embedded.text import Token
from tools.languages import Language
from tools.metrics.catalogue import Catalogue


class Masking:
    """Masks questions of one language other than English."""

    def __init__(self, catalogue: Catalogue, language: Language) -> None:
        self._catalogue = catalogue
        self._language = language
        self._phrases = catalogue_phrases(catalogue.hash, CatalogueHolder(catalogue))
        self._table = table(language)

    def masked(self, question: str, data: MasterData, before: Period | None = None) -> Masked:
        """The question with its names, periods and numbers masked; `before` is the period of the turn
        before."""
        goods = Goods(self._table, data)
        said = goods.split(words(composed(question), self._table))
        linker = Linker(self._phrases, data, self._catalogue)
        rendered = linker.tokens(Rendering(self._table, data).rendered(said), alone=False)
        periods = Periods(data.today, before).parts(rendered)
        links = linker.links(rendered, periods)
        places = _Places(said, rendered)
        found = masked(
            [self._read(token) for token in said],
            [_placed(link, places, said, goods) for link in links],
            [
                FoundPeriod(one.period, *places.of(one.first, one.after), one.dated)
                for one in periods
                if one.after > one.first
            ],
            data.today.year,
            data.base_currency[0],
        )
        return replace(found, language=self._language)

    def _read(self, token: Token) -> Token:
        """A token as the network reads it."""
        return replace(token, norm="half") if folded(token.norm) in self._table.half else token


def _placed(link: Link, places: _Places, said: Sequence[Token], goods: Goods) -> Link:
    """A link in its place of the question, with all that a word for goods may mean."""
    first, after = places.of(link.first, link.after)
    stretch = said[first:after]
    also = goods.also(stretch) if link.meanings else ()
    readable = link.readable or (not link.text and goods.means_more(stretch))
    # What is held first of a field is pointed at.
    meanings = tuple(dict.fromkeys((*also, *link.meanings)))
    return Link(first, after, meanings, readable, link.text)


class _Places:
    """Where a stretch of rendered tokens stands among those of the question."""

    def __init__(self, said: Sequence[Token], rendered: Sequence[Token]) -> None:
        self._rendered = rendered
        self._first: dict[int, int] = {}
        self._last: dict[int, int] = {}
        for at, token in enumerate(said):
            self._first.setdefault(token.start, at)
            self._last[token.end] = at

    def of(self, first: int, after: int) -> tuple[int, int]:
        """Positions [first, after) in the question."""
        stretch = self._rendered[first:after]
        start, end = min(token.start for token in stretch), max(token.end for token in stretch)
        return self._first[start], self._last[end] + 1
