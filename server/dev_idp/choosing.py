"""The page on which somebody picks who to be: three roles first, everybody else below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from fastapi.responses import HTMLResponse

from erp_adapters.caller import Caller
from server.dev_idp.asked import Authorization
from server.dev_idp.issuing import PATH
from server.door import Language, door_page

_FIRST: Final = ("planner", "buyer", "controller")

_ROLES: Final[Mapping[Language, Mapping[str, tuple[str, str]]]] = {
    "en": {
        "planner": ("Planner", "Plans material and production: shortages, orders, what to bring forward."),
        "buyer": ("Buyer", "Buys: suppliers, prices and dates; confirms requisitions."),
        "controller": ("Controller", "Looks after cost and margin; signs large amounts."),
        "inventory": ("Inventory", "Stock, movements, transfers."),
        "production": ("Production", "Orders, scrap, machines."),
        "steward": ("Data steward", "Rules of sites, quality of data."),
        "admin": ("Administrator", "Limits, switches, records."),
    },
    "de": {
        "planner": ("Disposition", "Plant Material und Fertigung: Fehlteile, Aufträge, was vorgezogen wird."),
        "buyer": ("Einkauf", "Kauft ein: Lieferanten, Preise, Termine; bestätigt Bestellanforderungen."),
        "controller": ("Controlling", "Achtet auf Kosten und Marge; zeichnet große Beträge mit."),
        "inventory": ("Lager", "Bestände, Bewegungen, Umlagerungen."),
        "production": ("Fertigung", "Aufträge, Ausschuss, Maschinen."),
        "steward": ("Datenpflege", "Regeln der Werke, Qualität der Daten."),
        "admin": ("Administration", "Grenzen, Schalter, Aufzeichnungen."),
    },
}
_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "title": "Who would you like to be?",
        "lead": "This is a demo with invented plants. Pick a role and you are in; you can change it later.",
        "sees": "Sees {plants}",
        "all": "all {count} plants",
        "others": "Other roles for all plants",
        "other": "Other roles",
        "plants": "Roles at one plant",
        "count": "{count} people",
        "note": "No passwords: this sign-in exists only in demos. Elsewhere your own identity provider asks.",
    },
    "de": {
        "title": "Wer möchten Sie sein?",
        "lead": "Dies ist eine Demo mit erfundenen Werken. Wählen Sie eine Rolle, und Sie sind drin;"
        " sie lässt sich jederzeit wechseln.",
        "sees": "Sieht {plants}",
        "all": "alle {count} Werke",
        "others": "Weitere Rollen für alle Werke",
        "other": "Weitere Rollen",
        "plants": "Rollen an einem Werk",
        "count": "{count} Personen",
        "note": "Ohne Kennwort: So geht es nur in Demos. Sonst fragt Ihr eigener Identitätsanbieter.",
    },
}


def choosing_page(
    asked: Authorization, people: Sequence[Caller], names: Mapping[str, str], language: Language
) -> HTMLResponse:
    """The page; each button sends the request back with a person.

    Args:
        names: of the sites, by their codes.
    """
    words = _WORDS[language]
    every = frozenset().union(*(person.sites for person in people))
    everywhere = [person for person in people if person.sites == every]
    first = [person for role in _FIRST for person in everywhere if person.roles == {role}][: len(_FIRST)]
    others = [person for person in everywhere if person not in first]
    by_site: dict[str, list[Caller]] = {}
    for person in people:
        if person not in everywhere:
            by_site.setdefault(", ".join(names.get(site, site) for site in sorted(person.sites)), []).append(
                person
            )
    several = len(every) > 1
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in asked.parameters().items()
    )
    parts = [
        f'<h1>{words["title"]}</h1><p class="lead">{words["lead"]}</p>',
        f'<form method="post" action="{PATH}/authorize">{hidden}',
        f'<div class="people first">{"".join(_button(each, names, every, language) for each in first)}</div>',
    ]
    if others:
        parts.append(f'<h2>{words["others" if several else "other"]}</h2><div class="people">')
        parts += [_button(each, names, every, language, short=True) for each in others]
        parts.append("</div>")
    if by_site:
        parts.append(f"<h2>{words['plants']}</h2>")
        for site, there in sorted(by_site.items()):
            count = words["count"].format(count=len(there))
            buttons = "".join(_button(each, names, every, language, short=True) for each in there)
            parts.append(
                f"<details><summary>{escape(site)} <span>{count}</span></summary>"
                f'<div class="people">{buttons}</div></details>'
            )
    parts.append(f'</form><p class="note">{words["note"]}</p>')
    return door_page(words["title"], "".join(parts), language, form_to=f"'self' {asked.return_origin}")


def _button(
    person: Caller,
    names: Mapping[str, str],
    every: frozenset[str],
    language: Language,
    *,
    short: bool = False,
) -> str:
    known = _ROLES[language]
    titles = [known.get(role, (role.capitalize(), ""))[0] for role in sorted(person.roles)]
    what = " ".join(known[role][1] for role in sorted(person.roles) if role in known)
    title = escape(", ".join(titles) or person.name)
    begin = (
        f'<button name="subject" value="{escape(person.subject)}"><b>{title}</b><span>{escape(what)}</span>'
    )
    if short:
        return begin + "</button>"
    words = _WORDS[language]
    plants = words["all"].format(count=len(every)) if person.sites == every and len(every) > 1 else ""
    plants = plants or ", ".join(names.get(site, site) for site in sorted(person.sites))
    return f'{begin}<span class="sees">{escape(words["sees"].format(plants=plants))}</span></button>'
