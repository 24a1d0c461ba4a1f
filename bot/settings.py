"""Settings: the only reader of the environment, and of a `.env` beside the checkout."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ModelWrapValidatorHandler, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import PydanticBaseSettingsSource as Source

from bot.settings_rules import problems, without_slashes

DATABASES = ("sqlite:///", "postgresql://")
SLACK_API = "https://slack.com/api"


def _database(url: str) -> str:
    if not url.startswith(DATABASES):
        raise ValueError(f"must start with {' or '.join(DATABASES)}")
    return url


def _trimmed(secret: SecretStr) -> SecretStr:
    return SecretStr(secret.get_secret_value().strip())


def _api(url: str) -> str:
    return f"{without_slashes(url) or SLACK_API}/"


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
