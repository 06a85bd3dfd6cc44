"""Settings: read once, with a default for everything, and a message that names a wrong one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from erp_adapters.errors import ConfigurationError
from server.settings import Settings, default_home, load_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have set some."""
    for name in [n for n in os.environ if n.startswith(("PLANTWRIGHT_", "OPENAI_")) or n == "DATABASE_URL"]:
        monkeypatch.delenv(name)


def test_everything_has_a_default() -> None:
    """A fresh machine needs no setting, and listens to itself alone."""
    settings = Settings()
    assert (settings.model, settings.host, settings.is_given, settings.has_unused_key) == (
        "embedded",
        "127.0.0.1",
        False,
        False,
    )
    assert settings.home.is_absolute()


def test_root_has_a_system_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root's data does not lie below a private home; other people's does, where the platform keeps data."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_home() == Path("/var/lib/plantwright")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/data/of/anna")
    monkeypatch.setattr("sys.platform", "linux")
    assert default_home() == Path("/data/of/anna/plantwright")


def test_environment_and_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command-line value stands over the environment; names without the prefix are those others use."""
    monkeypatch.setenv("PLANTWRIGHT_PORT", "9000")
    monkeypatch.setenv("PLANTWRIGHT_MODEL", "openai:a")
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("DATABASE_URL", "postgresql://x")
    settings = load_settings(model="embedded", host=None)
    assert (settings.port, settings.model, settings.is_given, settings.has_unused_key) == (
        9000,
        "embedded",
        True,
        True,
    )


def test_empty_values_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """`OPENAI_API_KEY=` in a shell profile is no key."""
    monkeypatch.setenv("OPENAI_API_KEY", "")
    monkeypatch.setenv("DATABASE_URL", "")
    assert not load_settings().has_unused_key
    assert not load_settings().is_given


def test_keys_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A printed Settings holds no secret."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hidden")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hidden@db/x")
    monkeypatch.setenv("PLANTWRIGHT_OIDC_CLIENT_SECRET", "hidden")
    assert "hidden" not in repr(load_settings())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PLANTWRIGHT_PORT", "http"),
        ("PLANTWRIGHT_PORT", "70000"),
        ("PLANTWRIGHT_MODEL", "gpt"),
        ("PLANTWRIGHT_MODEL", "openai:"),
    ],
)
def test_wrong_values_are_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The message begins with the variable."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"^{name}: "):
        load_settings()


def test_prices_are_json_with_a_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a customer pays is data; what is no price is named, and without any there is no cost."""
    assert Settings().model_prices is None
    monkeypatch.setenv("PLANTWRIGHT_MODEL_PRICES", '{"input": 2.5, "cached": 0.25, "output": 10}')
    prices = load_settings().model_prices
    assert prices is not None
    assert (prices.currency, str(prices.cost(1_000, 400, 100))) == ("USD", "0.002600")
    for wrong in ("{", "cheap", '{"input": -1, "output": 1}', '{"input": 1}'):
        monkeypatch.setenv("PLANTWRIGHT_MODEL_PRICES", wrong)
        with pytest.raises(ConfigurationError, match="PLANTWRIGHT_MODEL_PRICES"):
            load_settings()


def test_a_form_that_there_is_none_of_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip does not silently send every request in the wrong form."""
    monkeypatch.setenv("PLANTWRIGHT_MODEL_FORM", "functions")
    with pytest.raises(ConfigurationError, match="PLANTWRIGHT_MODEL_FORM"):
        load_settings()


def test_secrets_are_read_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As containers are given them: a file under the name of each variable; a variable stands over it."""
    (tmp_path / "DATABASE_URL").write_text("postgresql://from-a-file/db\n")
    (tmp_path / "PLANTWRIGHT_OIDC_CLIENT_SECRET").write_text("")
    (tmp_path / "OPENAI_API_KEY").write_text("of-a-file\n")
    monkeypatch.setenv("PLANTWRIGHT_SECRETS", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "of-a-variable")
    settings = load_settings()
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://from-a-file/db"
    assert settings.openai_api_key is not None
    assert settings.openai_api_key.get_secret_value() == "of-a-variable"
    assert not settings.oidc_client_secret
    monkeypatch.setenv("PLANTWRIGHT_SECRETS", str(tmp_path / "missing"))
    with pytest.raises(ConfigurationError, match="PLANTWRIGHT_SECRETS"):
        load_settings()
