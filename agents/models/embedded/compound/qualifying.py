"""Puts the field that is meant in the place of one that is called alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agents.models.embedded.compound.pieces import Attribute, Meaning, Piece, Qualifier, Test
from tools.metrics.query import NamedTest


def qualified(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces where `unrestricted stock only` holds for each `stock` of the question.

    A word that would hold for nothing stays, and is strange.
    """
    found = [
        one for piece in pieces for one in piece.all(Qualifier) if isinstance(one, Qualifier) and one.instead
    ]
    instead = {said: meant for one in found for said, meant in one.instead}
    kept: list[Piece] = []
    used = False
    for piece in pieces:
        if piece.all(Qualifier) and not _others(piece):
            kept.append(piece)
            continue
        meanings = tuple(_meant(one, instead) for one in _others(piece)) if piece.meanings else ()
        used = used or meanings != piece.meanings or _is_meant(meanings, instead)
        kept.append(replace(piece, meanings=meanings))
    return [
        replace(piece, meanings=(), strange=True) if piece.all(Qualifier) else piece
        for piece in kept
        if not (piece.all(Qualifier) and (used or not instead))
    ]


def _others(piece: Piece) -> tuple[Meaning, ...]:
    return tuple(one for one in piece.meanings if not isinstance(one, Qualifier))


def _meant(one: Meaning, instead: Mapping[str, str]) -> Meaning:
    match one:
        case Attribute() if one.path in instead:
            return replace(one, path=instead[one.path])
        case Test(filter=NamedTest(entity=entity, condition=condition)):
            meant = instead.get(f"{entity}.{condition}", "").partition(".")[2]
            if not meant:
                return one
            return replace(one, filter=one.filter.model_copy(update={"condition": meant}))
        case _:
            return one


def _is_meant(meanings: Sequence[Meaning], instead: Mapping[str, str]) -> bool:
    return any(isinstance(one, Attribute) and one.path in instead.values() for one in meanings)
