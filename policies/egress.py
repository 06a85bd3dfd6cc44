"""What may leave for a hosted model, by class of data and site: packaged, with an own file over it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from erp_adapters.errors import ConfigurationError
from policies.limits import read_text

Chat: TypeAlias = Literal["slack", "teams"]
DataClass: TypeAlias = Literal["question", "names", "materials", "amounts", "free_text", "schema"]
Treatment: TypeAlias = Literal["send", "mask", "keep"]
CLASSES: tuple[DataClass, ...] = get_args(DataClass)
TREATMENTS: tuple[Treatment, ...] = get_args(Treatment)
"""From the laxest to the strictest."""
CHATS: tuple[Chat, ...] = get_args(Chat)
_WHOLE: frozenset[DataClass] = frozenset({"question", "schema"})
"""Nothing is left of them that could be masked."""


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """What is done with each class before anything is sent."""

    default: Mapping[DataClass, Treatment]
    sites: Mapping[str, Mapping[DataClass, Treatment]] = field(default_factory=dict)
    """What is other than the default, by site."""
    chats: Mapping[str, Mapping[Chat, Treatment]] = field(default_factory=dict)
    """What is done with answers and cards on their way to chat platforms: by site, under `""` by default."""

    def at(self, site: str) -> dict[DataClass, Treatment]:
        """What holds at one site."""
        return {**self.default, **self.sites.get(site, {})}

    def strictest(self, sites: Iterable[str]) -> dict[DataClass, Treatment]:
        """What holds for somebody who may see these sites: of each class the strictest."""
        found = [self.at(site) for site in sites] or [dict(self.default)]
        return {each: max((treated[each] for treated in found), key=TREATMENTS.index) for each in CLASSES}

    def sends(self, classes: Iterable[DataClass]) -> bool:
        """True where these classes go out as they are at every site."""
        every = (self.default, *(self.at(site) for site in self.sites))
        return all(treated[of] == "send" for treated in every for of in classes)

    def posts(self, chat: Chat, sites: Iterable[str]) -> bool:
        """True where what somebody who may see these sites is answered may be posted on a chat platform."""
        default = self.chats.get("", {}).get(chat, "send")
        return all(self.chats.get(site, {}).get(chat, default) == "send" for site in sites)

    def over(self, other: EgressPolicy) -> EgressPolicy:
        """This policy, where it says anything, and the other one where it does not."""
        sites = {
            site: {**other.sites.get(site, {}), **self.sites.get(site, {})}
            for site in (*other.sites, *self.sites)
        }
        chats = {
            site: {**other.chats.get(site, {}), **self.chats.get(site, {})}
            for site in (*other.chats, *self.chats)
        }
        return EgressPolicy({**other.default, **self.default}, sites, chats)


@cache
def packaged_egress() -> EgressPolicy:
    """What holds where nobody says otherwise."""
    text = (resources.files("policies") / "egress.toml").read_text(encoding="utf-8")
    return parse_egress(text, "egress.toml")


def egress_of(file: Path | None) -> EgressPolicy:
    """The packaged policy with the file's over it.

    Raises:
        ConfigurationError: the file cannot be read, or says what cannot be.
    """
    if file is None:
        return packaged_egress()
    return parse_egress(read_text(file), str(file)).over(packaged_egress())


def parse_egress(text: str, name: str) -> EgressPolicy:
    """What a file says, which may be less than all.

    Raises:
        ConfigurationError: it is no TOML, or names a class or a treatment that there is not.
    """
    try:
        held = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{name!r} is no TOML: {error}") from error
    if unknown := held.keys() - {"default", "site"}:
        raise ConfigurationError(
            f"{name!r} has a part {sorted(unknown)[0]!r}; there may be [default] and [site.CODE]"
        )
    sites = held.get("site", {})
    if not isinstance(sites, dict):
        raise ConfigurationError(f"{name!r}: a site is written as [site.CODE]")
    parts = {"": (held.get("default", {}), f"{name!r} under [default]")}
    parts |= {site: (given, f"{name!r} under [site.{site}]") for site, given in sites.items()}
    classes, chats = {}, {}
    for site, (given, where) in parts.items():
        chats[site] = _chats(given, where)
        rest = {key: value for key, value in given.items() if key not in CHATS}
        classes[site] = _classes(rest, where)
    default = classes.pop("")
    return EgressPolicy(default, classes, chats)


def _chats(given: object, where: str) -> dict[Chat, Treatment]:
    if not isinstance(given, dict):
        raise ConfigurationError(f'{where}: give classes, such as names = "mask"')
    found: dict[Chat, Treatment] = {}
    for chat in CHATS:
        value = given.get(chat)
        if value == "send" or value == "keep":
            found[chat] = value
        elif value is not None:
            raise ConfigurationError(f"{where}: {chat} is {value!r}; it may be send, keep")
    return found


def _classes(given: Mapping[str, object], where: str) -> dict[DataClass, Treatment]:
    found: dict[DataClass, Treatment] = {}
    for key, value in given.items():
        known = next((each for each in CLASSES if each == key), None)
        treated = next((each for each in TREATMENTS if each == value), None)
        if known is None:
            raise ConfigurationError(
                f"{where}: there is no class {key!r}; there are {', '.join((*CLASSES, *CHATS))}"
            )
        if treated is None:
            raise ConfigurationError(f"{where}: {key} is {value!r}; it may be {', '.join(TREATMENTS)}")
        if treated == "mask" and known in _WHOLE:
            raise ConfigurationError(f"{where}: {key} cannot be masked, only sent or kept")
        found[known] = treated
    return found
