"""Settings: the only reader of the environment, and of a `.env` beside the checkout."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

DATABASES = ("sqlite:///", "postgresql://")


def _database(url: str) -> str:
    if not url.startswith(DATABASES):
        raise ValueError(f"must start with {' or '.join(DATABASES)}")
    return url


class Settings(BaseSettings):
    """How this process is set up. Every field is an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore")

    database_url: Annotated[str, AfterValidator(_database)] = "sqlite:///data/worthwhile.db"
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    secret_keys: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_bot_token: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_client_id: str = ""
    slack_client_secret: SecretStr = SecretStr("")
    slack_api_url: str = "https://slack.com/api/"


class SettingsError(Exception):
    """The settings are wrong; the text lists every problem and how to mend it."""


def load(**overrides: object) -> Settings:
    """The settings from the environment. Raises SettingsError with everything that is wrong, at once."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as wrong:
        lines = [f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in wrong.errors()]
        raise SettingsError("\n".join(lines)) from None
