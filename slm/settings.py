"""What can be set from outside, with defaults that are safe in production. Described in docs/settings.md."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.server import OrganisationSetting
from slm.database_url import normalise_database_url
from slm.local_database import default_data_dir

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


class Environment(StrEnum):
    """Where the program runs; only a development machine gets conveniences that would be holes elsewhere."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


def _normalised(url: SecretStr) -> SecretStr:
    return SecretStr(normalise_database_url(url.get_secret_value()))


def _origins(listed: object) -> object:
    """Origins exactly as browsers send them: a scheme, a host and perhaps a port, and nothing else."""
    origins = [each.strip() for each in listed.split(",") if each.strip()] if isinstance(listed, str) else listed
    for origin in origins if isinstance(origins, list | tuple) else []:
        if not _ORIGIN.fullmatch(str(origin)):
            raise ValueError("expected origins such as https://app.example.org, without a path and without *")
    return origins


def _words(given: object) -> object:
    return frozenset(word.strip() for word in given.split(",") if word.strip()) if isinstance(given, str) else given


class Settings(BaseSettings):
    """Read from environment variables: `SLM_` and the field's name, except DATABASE_URL; nothing is read from files.

    SLM_PG_BIN belongs to the local server alone and is read where its programs are found.
    """

    model_config = SettingsConfigDict(
        env_prefix="SLM_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True, validate_by_name=True
    )

    database_url: Annotated[SecretStr, AfterValidator(_normalised)] | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="The PostgreSQL server to use, in any usual spelling; without it a local server is run.",
    )
    organisation_setting: OrganisationSetting = Field(
        default=OrganisationSetting.SESSION,
        description="`session`, or `transaction` for a distributed server or a pooler that lends by the transaction.",
    )
    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Where the local server keeps its data: a directory on a local disk.",
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on; 0.0.0.0 is every interface.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    share_port: bool = Field(
        default=False,
        description="Let other processes listen on the same port, too; the system spreads connections among them.",
    )
    environment: Environment = Field(
        default=Environment.PRODUCTION,
        description="`production`, or `development` for GraphiQL, introspection and readable logs.",
    )
    demo_organisation: str | None = Field(
        default=None,
        description="The key of the one organisation anybody may read without a token; only `slm demo` sets it.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)] = Field(
        default=(),
        description="Origins whose pages may call the API from a browser, with commas between; none unless listed.",
    )
    cost_per_minute: int = Field(
        default=10_000_000,
        ge=1_000,
        description="The objects each account may ask for in a minute, in each process of the API.",
    )
    fast_path: bool = Field(
        default=True,
        description="Whether known queries are answered from plans kept of them; `off` to tell where a fault lies.",
    )
    trusted_documents: Path | None = Field(
        default=None,
        description="A manifest of documents by their ids; in production no others are executed.",
    )
    metrics_port: int | None = Field(
        default=None, ge=1, le=65535, description="The port to answer Prometheus on; without one nothing is measured."
    )
    metrics_host: str = Field(default="127.0.0.1", description="The address to answer Prometheus on.")
    metrics_operations: Annotated[frozenset[str], NoDecode, BeforeValidator(_words)] = Field(
        default=frozenset(),
        description="Names of operations that figures and spans tell, with commas between; no others are named.",
    )
    metrics_file: Path | None = Field(
        default=None, description="Where an import leaves its figures for Prometheus: a file whose name ends in .prom."
    )
    traces_endpoint: Annotated[str, Field(pattern=r"^https?://[^\s@]+$")] | None = Field(
        default=None,
        description="Where spans are sent, as OTLP over HTTP; needs the extra `opentelemetry`. None without.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least serious log lines written."
    )
