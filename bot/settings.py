"""Settings: the only reader of the environment, and of a `.env` beside the checkout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ModelWrapValidatorHandler, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import PydanticBaseSettingsSource as Source

from bot import settings_teams
from bot.settings_rules import problems, without_slashes

DATABASES = ("sqlite:///", "postgresql://")
SLACK_API = "https://slack.com/api"
TEAMS_METADATA = "https://login.botframework.com/v1/.well-known/openidconfiguration"


def _database(url: str) -> str:
    if not url.startswith(DATABASES):
        raise ValueError(f"must start with {' or '.join(DATABASES)}")
    return url


def _trimmed(secret: SecretStr) -> SecretStr:
    return SecretStr(secret.get_secret_value().strip())


def _api(url: str) -> str:
    return f"{without_slashes(url) or SLACK_API}/"


def _or(default: str) -> Callable[[str], str]:
    """An address; where it is empty, the usual one."""
    return lambda url: url.strip() or default


Secret = Annotated[SecretStr, AfterValidator(_trimmed)]


class Settings(BaseSettings):
    """How this process is set up. Every field is an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", hide_input_in_errors=True
    )

    database_url: Annotated[str, AfterValidator(_database)] = "sqlite:///data/worthwhile.db"
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8080, ge=1, le=65535)
    worker_port: int = Field(default=0, ge=0, le=65535)
    public_url: Annotated[str, AfterValidator(without_slashes)] = ""
    secret_keys: Secret = SecretStr("")
    slack_signing_secret: Secret = SecretStr("")
    slack_bot_token: Secret = SecretStr("")
    slack_app_token: Secret = SecretStr("")
    slack_client_id: Annotated[str, AfterValidator(str.strip)] = ""
    slack_client_secret: Secret = SecretStr("")
    slack_api_url: Annotated[str, AfterValidator(_api)] = f"{SLACK_API}/"
    teams_app_id: Annotated[str, AfterValidator(str.strip)] = ""
    teams_app_password: Secret = SecretStr("")
    teams_app_type: Annotated[str, AfterValidator(str.strip)] = "SingleTenant"
    teams_tenant_id: str = ""
    teams_admins: str = ""
    teams_service_hosts: str = ""
    teams_openid_metadata_url: Annotated[str, AfterValidator(_or(TEAMS_METADATA))] = TEAMS_METADATA
    teams_token_url: Annotated[str, AfterValidator(str.strip)] = ""
    teams_local_tools: Annotated[str, AfterValidator(str.strip)] = ""
    identity_endpoint: str = ""
    identity_header: Secret = SecretStr("")

    @property
    def has_slack(self) -> bool:
        """Whether the bot is to be in Slack at all."""
        return self.installs_by_oauth or bool(self.slack_bot_token.get_secret_value())

    @property
    def installs_by_oauth(self) -> bool:
        """Whether workspaces install it by themselves; else it is in the one that its token is for."""
        return bool(self.slack_client_id)

    @property
    def slack_over_http(self) -> bool:
        """Whether Slack's requests come to `/slack/events`."""
        return self.has_slack and bool(self.slack_signing_secrets)

    @property
    def slack_over_socket(self) -> bool:
        """Whether Slack's requests come through a socket that the bot opens."""
        return self.has_slack and bool(self.slack_app_token.get_secret_value())

    @property
    def slack_signing_secrets(self) -> tuple[str, ...]:
        """What Slack signs its requests with, newest first."""
        return _listed(self.slack_signing_secret)

    @property
    def has_teams(self) -> bool:
        """Whether the bot is to be in Teams at all."""
        return bool(self.teams_app_id) or self.lets_in_local_tools

    @property
    def lets_in_local_tools(self) -> bool:
        """Whether requests that nobody signed are let in: in the demo alone, from this machine."""
        return settings_teams.is_on(self.teams_local_tools)

    @property
    def teams_tenants(self) -> tuple[str, ...]:
        """The tenants whose people may speak to the bot, that of its own registration first."""
        return settings_teams.listed(self.teams_tenant_id)

    @property
    def teams_service_host_list(self) -> tuple[str, ...]:
        """Hosts that the bot may call besides Teams' own."""
        return settings_teams.listed(self.teams_service_hosts)

    @property
    def teams_admin_list(self) -> tuple[str, ...]:
        """Who is an admin: user names or object ids, in small letters."""
        return settings_teams.listed(self.teams_admins.lower())

    @property
    def secret_key_list(self) -> tuple[str, ...]:
        """The keys of what is kept encrypted, newest first."""
        return _listed(self.secret_keys)


class SettingsError(Exception):
    """The settings are wrong; the text lists every problem and how to mend it."""


class _Checked(Settings):
    """Settings of a process that serves: each value is right, and so is what must come together."""

    @model_validator(mode="wrap")
    @classmethod
    def _all_at_once(cls, given: Any, make: ModelWrapValidatorHandler[Self]) -> Self:
        lines = [f"{name.upper()}: {sentence}" for name, sentence in problems(_plain(given))]
        try:
            made = make(given)
        except ValidationError as wrong:
            lines = [_line(error) for error in wrong.errors()] + lines
        if lines:
            raise SettingsError("\n".join(lines))
        return made


class _Alone(Settings):
    """Settings of a process that takes nothing from where it is started."""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: Source, *_others: Source, **_more: Source
    ) -> tuple[Source, ...]:
        return (init_settings,)


def alone(**values: object) -> Settings:
    """These settings and else the defaults, whatever the environment and `.env` hold."""
    return _Alone(**values)  # type: ignore[arg-type]


def load(**overrides: object) -> Settings:
    """The settings from the environment. Raises SettingsError with everything that is wrong, at once."""
    return _Checked(**overrides)  # type: ignore[arg-type]


class _LocalTools(BaseSettings):
    """All that the demo reads: whether a local test client may speak to it, and what forbids that."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore")

    teams_local_tools: str = ""
    public_url: str = ""
    teams_app_password: Secret = SecretStr("")


def local_tools() -> bool:
    """Whether the demo lets in a local test client of Teams'. Raises SettingsError where it must not."""
    given = _plain(_LocalTools().model_dump())
    if wrong := settings_teams.local_tools_problems(given):
        raise SettingsError("\n".join(f"{name.upper()}: {sentence}" for name, sentence in wrong))
    return settings_teams.is_on(given["teams_local_tools"])


def _plain(given: dict[str, Any]) -> dict[str, str]:
    """What was given, in plain text and under each field's own name."""
    return {
        name.lower(): (value.get_secret_value() if isinstance(value, SecretStr) else str(value)).strip()
        for name, value in given.items()
    }


def _line(error: ErrorDetails) -> str:
    """What Pydantic found, without the words that tell an operator nothing."""
    sentence = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{'.'.join(map(str, error['loc'])).upper()}: {sentence}"


def _listed(values: SecretStr) -> tuple[str, ...]:
    """The values between the commas."""
    return tuple(value.strip() for value in values.get_secret_value().split(",") if value.strip())
