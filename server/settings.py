"""What a person can set, read once from the environment; nothing else reads it."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from agents.models.prices import Prices
from erp_adapters.errors import ConfigurationError
from server.origins import is_loopback_host, origin_of

DEFAULT_PORT = 8046
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def default_home() -> Path:
    """The platform's folder for application data; a system folder for root.

    The embedded database opens every parent of its data folder to its own operating-system user when root
    starts it, so root's data must not lie below a private home folder.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/plantwright")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "plantwright"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "plantwright"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "plantwright"


class Settings(BaseSettings):
    """Every setting with its default; each is an environment variable `PLANTWRIGHT_<NAME>`."""

    model_config = SettingsConfigDict(
        env_prefix="PLANTWRIGHT_", extra="ignore", frozen=True, env_ignore_empty=True
    )

    home: Path = Field(default_factory=default_home)
    """Folder of the embedded database and of what the program keeps."""
    database_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("DATABASE_URL", "PLANTWRIGHT_DATABASE_URL")
    )
    """Address of a Postgres with pgvector to use in place of the embedded one."""
    owner_database_url: SecretStr | None = None
    """Address for the role that migrates and loads, where it is not DATABASE_URL with another user."""
    record_database_url: SecretStr | None = None
    """Address for the role that reads the record and nothing else: the server makes audit packets with it."""
    loader_database_url: SecretStr | None = None
    """Address for the role that keeps what is read of systems, and sees neither drafts nor the record."""
    model: str = "embedded"
    """`embedded`, `local:<file>`, `openai:<model>`, or a LangChain name such as `anthropic:<model>`."""
    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_API_KEY", "PLANTWRIGHT_OPENAI_API_KEY")
    )
    openai_base_url: str | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_BASE_URL", "PLANTWRIGHT_OPENAI_BASE_URL")
    )
    """Address of any compatible endpoint: Azure, vLLM, Ollama, llama.cpp."""
    embedder: str = "packaged"
    """What makes vectors of documents: `packaged`, or `openai:<model>` at the same endpoint."""
    model_form: Literal["found", "tools", "offered", "schema", "text"] = "found"
    """How an `openai:` endpoint is asked for tool calls; `found` tries at the first question."""
    second_reader: bool = True
    """Have the embedded model read each question beside a hosted one, and ask back where they differ."""
    model_prices: Prices | None = None
    """Prices of the model for a million tokens, as JSON; without them an answer has no cost."""
    host: str = "127.0.0.1"
    """Address that the server listens on."""
    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    person: str = "planner"
    """Who asks in a demo home when nobody is named."""
    demo_bind: str = ""
    """Address that a demo home listens on for other machines, such as 0.0.0.0 in a container; the link that
    is printed at start lets one browser in."""
    public_url: str = ""
    """Origin under which browsers reach the service, such as https://copilot.example."""
    embed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins of the pages that may embed the panel, separated by commas or as JSON."""
    oidc_issuer: str = ""
    """The identity provider's issuer, exactly as its discovery document names it."""
    oidc_client_id: str = ""
    """What the provider knows this service as."""
    oidc_client_secret: SecretStr | None = None
    """Not needed where the provider registers this service as a public client."""
    oidc_audience: str = ""
    """Audience of access tokens that programs may send; without it none is accepted."""
    oidc_subject_claim: str = "sub"
    """Claim of a token that names the person as the people table does: `sub`, `oid`, `email`, ..."""
    oidc_tenant: str = ""
    """Value that a token's `tid` must have, where the provider serves several tenants."""
    session_idle_hours: float = Field(default=8, gt=0, le=24 * 30)
    """After so long without a request a session ends."""
    session_hours: float = Field(default=12, gt=0, le=24 * 30)
    """After so long it ends in any case."""
    audit_keys: Path | None = None
    """Folder of the audit's keys, `audit` in the home by itself; never in the database or its backups."""
    audit_checkpoints: Path | None = None
    """File that signed checkpoints are added to, `audit/checkpoints.jsonl` in the home by itself."""
    worker: Literal["within", "separate"] = "within"
    """Who writes to ERPs what was confirmed: `serve` itself, or only `plantwright worker` beside it."""
    log: Literal["text", "json"] = "text"
    """How lines of the log look: for people, or a JSON object each."""
    mcp: bool = False
    """Offers the tools at /mcp to other assistants of the people who may come in (docs/assistants.md)."""
    teams_app_id: str = ""
    """Id of the app registration under which people write to the program in Teams (docs/teams.md)."""
    teams_tenant: str = ""
    """Id of the directory whose people may; activities of every other one are refused."""
    teams_secret: str = ""
    """Where the registration's secret is: `env:NAME` or `file:PATH`."""
    teams_cloud: Literal["public", "usgov", "usgovdod"] = "public"
    """Microsoft's cloud that the directory is in; `public` serves GCC too."""
    teams_stand_in: str = ""
    """Origin of a program of this machine that stands in for Microsoft's side, in demo homes alone."""
    slack_workspace: str = ""
    """Id of the workspace of Slack that is answered, `T…`; without it none is (docs/slack.md)."""
    slack_token: str = ""
    """Where the bot's token is: `env:NAME` or `file:PATH`."""
    slack_signing_secret: str = ""
    """Where the secret is that Slack signs its requests with, likewise."""
    slack_api: str = "https://slack.com/api/"
    """Address of Slack's web API; in a demo home it may be a stand-in on this machine."""
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    """Port of its own for `/metrics`; by itself it is on the service's port, for this machine only."""
    otlp_endpoint: str | None = Field(
        default=None,
        validation_alias=AliasChoices("PLANTWRIGHT_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
    )
    """Where traces are sent over OTLP/HTTP, such as `http://localhost:4318`; without it none are made."""
    grace_s: float = Field(default=20.0, ge=0.0, le=600.0)
    """Seconds that running questions are given to finish when the service is told to end."""
    keep_done_days: int = Field(default=90, ge=1, le=3650)
    """How long jobs that have ended and messages that were delivered or given up are kept."""
    keep_samples_days: int = Field(default=400, ge=7, le=36500)
    """How long single samples of machines are kept; trends of five minutes stay."""
    systems: Path | None = None
    """TOML file of the ERPs that are written to, and for which sites; without it the demo ERP is."""
    collectors: Path | None = None
    """TOML file of the collectors that hand over what machines tell, and of the port they come to."""
    egress: Path | None = None
    """TOML file over the packaged policy of what may be sent to a hosted model."""
    body_limit: int = Field(default=256 * 1024, ge=1024)
    """Largest request body in bytes."""
    runs_at_once: int = Field(default=4, ge=1, le=1000)
    """Questions of one person that are answered at a time."""
    requests_a_minute: int = Field(default=600, ge=1)
    """Requests of one person to one process; a minute's worth may come at once."""
    requests_a_minute_of_address: int = Field(default=6000, ge=1)
    """The same of one address; behind a proxy everybody has the proxy's."""
    failpoint: str = ""
    """For crash tests: where the process kills itself, such as `called`, or `called:3` the third time."""
    debug: bool = False
    """Show tracebacks of faults in the program."""

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @field_validator("model")
    @classmethod
    def _named(cls, model: str) -> str:
        provider, colon, name = model.partition(":")
        if model == "embedded" or (provider and colon and name):
            return model
        raise ValueError("give `embedded`, `local:<file>`, `openai:<model>` or `<provider>:<model>`")

    @field_validator("embedder")
    @classmethod
    def _embedding(cls, embedder: str) -> str:
        provider, colon, name = embedder.partition(":")
        if embedder == "packaged" or (provider == "openai" and colon and name):
            return embedder
        raise ValueError("give `packaged` or `openai:<model>`")

    @field_validator("embed_origins", mode="before")
    @classmethod
    def _listed(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        if not given.lstrip().startswith("["):
            return [each.strip() for each in given.split(",") if each.strip()]
        try:
            return json.loads(given)
        except json.JSONDecodeError as exc:
            raise ValueError('give origins with commas between, or JSON: ["https://erp.example"]') from exc

    @field_validator("embed_origins")
    @classmethod
    def _origins(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(origin_of(each) for each in given))

    @field_validator("teams_app_id", "teams_tenant")
    @classmethod
    def _guid(cls, given: str) -> str:
        if given and not _GUID.fullmatch(given):
            raise ValueError(
                "give an id such as 2c8a9d1e-5f41-4b6e-9a0d-3d7f1c52ab10, as the portal shows it"
            )
        return given.lower()

    @field_validator("teams_stand_in")
    @classmethod
    def _of_this_machine(cls, given: str) -> str:
        if given and not is_loopback_host(origin_of(given).partition("://")[2]):
            raise ValueError("a stand-in is on this machine, such as http://127.0.0.1:9000")
        return origin_of(given) if given else ""

    @field_validator("public_url")
    @classmethod
    def _origin(cls, given: str) -> str:
        return origin_of(given) if given else ""

    @model_validator(mode="after")
    def _registered(self) -> Settings:
        if bool(self.oidc_issuer) != bool(self.oidc_client_id):
            raise ValueError("PLANTWRIGHT_OIDC_ISSUER and PLANTWRIGHT_OIDC_CLIENT_ID go together; set both")
        return self

    @model_validator(mode="after")
    def _in_teams(self) -> Settings:
        given = (self.teams_app_id, self.teams_tenant, self.teams_secret)
        if any(given) and not all(given):
            raise ValueError(
                "PLANTWRIGHT_TEAMS_APP_ID, PLANTWRIGHT_TEAMS_TENANT and PLANTWRIGHT_TEAMS_SECRET go together;"
                " set all three"
            )
        return self

    @model_validator(mode="after")
    def _in_slack(self) -> Settings:
        given = (self.slack_workspace, self.slack_token, self.slack_signing_secret)
        if any(given) and not all(given):
            raise ValueError(
                "PLANTWRIGHT_SLACK_WORKSPACE, PLANTWRIGHT_SLACK_TOKEN and PLANTWRIGHT_SLACK_SIGNING_SECRET go"
                " together; set all three"
            )
        return self

    @property
    def migrates(self) -> bool:
        """True where starting up brings the schema forward: not where an administrator runs the database."""
        return self.database_url is None or self.owner_database_url is not None

    @property
    def is_given(self) -> bool:
        """True where somebody else runs the database."""
        return self.database_url is not None

    @property
    def keys(self) -> Path:
        """Folder of the audit's keys."""
        return self.audit_keys or self.home / "audit"

    @property
    def checkpoints(self) -> Path:
        """File of the audit's checkpoints."""
        return self.audit_checkpoints or self.home / "audit" / "checkpoints.jsonl"

    @property
    def models(self) -> Path:
        """Folder of the models that were fetched, and of what they have read."""
        return self.home / "models"

    @property
    def is_hosted(self) -> bool:
        """True where questions are sent to a model's endpoint."""
        return self.model != "embedded" and not self.is_local

    @property
    def is_local(self) -> bool:
        """True where a model in a file reads along."""
        return self.model.startswith("local:")

    @property
    def has_unused_key(self) -> bool:
        """True where a key for a language model is set and the embedded model answers all the same."""
        return self.openai_api_key is not None and self.model == "embedded"


def secret(reference: str) -> str:
    """What stands where `env:NAME` or `file:PATH` says.

    Raises:
        ConfigurationError: it is no such reference, or nothing is there; the message shows no secret.
    """
    kind, colon, where = reference.partition(":")
    if not colon or kind not in ("env", "file") or not where:
        # It may be the secret itself, so it is not repeated.
        raise ConfigurationError("a secret is given by where it is: `env:NAME` or `file:PATH`")
    if kind == "env":
        held = os.environ.get(where, "")
    else:
        try:
            held = Path(where).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as exc:
            raise ConfigurationError(f"the secret at {reference!r} cannot be read") from exc
    if not held:
        raise ConfigurationError(f"there is no secret at {reference!r}")
    return held


def switch_tracing_off() -> None:
    """Keep LangChain from sending turns to a tracing service that the environment happens to name."""
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"):
        os.environ[name] = "false"


def keep_dotenv_out() -> None:
    """Keep packages from reading settings out of a file `.env` that happens to lie where the program runs."""
    os.environ["PYTHON_DOTENV_DISABLED"] = "1"


def one_thread_a_question() -> None:
    """Let numpy read a question on one core, unless the environment says otherwise; before numpy is loaded.

    Its matrices are small: more threads wait for each other, and for the other questions of a busy server.
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ.setdefault(name, "1")


def _secrets_folder() -> str | None:
    """The folder that PLANTWRIGHT_SECRETS_FOLDER names, with a file for each setting that is kept there.

    Raises:
        ConfigurationError: there is no such folder.
    """
    folder = os.environ.get("PLANTWRIGHT_SECRETS_FOLDER", "")
    if folder and not Path(folder).is_dir():
        raise ConfigurationError(
            f"PLANTWRIGHT_SECRETS_FOLDER: {folder!r} is no folder; mount the secrets there"
        )
    return folder or None


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment, with what the command line names put over them.

    Raises:
        ConfigurationError: a value is not valid; the message names the variable and what it may be.
    """
    given: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(_secrets_dir=_secrets_folder(), **given)
    except SettingsError as exc:
        # Prices are the only setting that is JSON.
        raise ConfigurationError(
            'PLANTWRIGHT_MODEL_PRICES: is no JSON; it may be {"input": 2.0, "output": 8.0, "currency": "USD"}'
        ) from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        variable = name if name.isupper() else f"PLANTWRIGHT_{name.upper()}"
        raise ConfigurationError(f"{variable}: {first['msg'].removeprefix('Value error, ')}") from exc
