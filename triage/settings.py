"""Triage's settings, from ``TRIAGE_*`` environment variables; a secret comes from a file or a variable."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from homeostat.errors import ConfigError
from homeostat.matching import matching
from homeostat.sentences import sentences
from triage.repository_name import RepositoryName

#: where the kubelet puts a pod's own credentials
_SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")

Address = Annotated[str, matching("https?://.+", "an address that begins with http:// or https://")]

ChannelId = Annotated[
    str, matching("[CGD][A-Z0-9]{6,}", "a channel's id such as C0123ABCDEF, as the channel's details show it")
]


class ProviderName(StrEnum):
    """Whose language models can be asked."""

    GEMINI = "gemini"
    #: Gemini through Google Cloud
    VERTEX = "vertex"
    #: any server with OpenAI's chat API
    OPENAI = "openai"
    OLLAMA = "ollama"


class RetrainingWay(StrEnum):
    """How code asks for a model to be trained again."""

    #: a ``repository_dispatch`` in ``github_repository``
    GITHUB = "github"
    #: a commit on ``main`` of ``forge``, which this machine's runner works off
    FORGE = "forge"


class Settings(BaseSettings):
    """Everything that may differ between places; each field is ``TRIAGE_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="TRIAGE_", frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8090, ge=0, le=65535)
    #: senders must show this token's content as a bearer; only a client CA makes up for it
    token_file: Path | None
    #: served over TLS when both are set
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None
    #: with it every connection needs a certificate of this authority, which then is who a sender is
    client_ca_file: Path | None = None
    database_url: str
    #: how long a write waits for another process's before the sender is told to try again
    database_patience_seconds: float = Field(default=5.0, gt=0, le=60)
    reports: Path
    #: services' log files; None in a cluster, where logs are the containers'
    logs: Path | None = None
    #: the bare repository with the releases; a mirror of ``forge_url`` where that is set
    forge: Path
    forge_url: Address | None = None
    mirror_timeout_seconds: float = Field(default=30.0, gt=0, le=300)
    prometheus_url: Address
    #: the tracking server whose runs are compared when a model drifts; without it none are
    mlflow_url: Address | None = None

    #: the Kubernetes API server; without it triage looks at no cluster
    kubernetes_url: Address | None = None
    kubernetes_token_file: Path = _SERVICE_ACCOUNT / "token"
    kubernetes_ca_file: Path = _SERVICE_ACCOUNT / "ca.crt"
    #: for all that one alert asks of the API server together
    kubernetes_budget_seconds: float = Field(default=30.0, gt=0, le=120)
    #: where the models are, and where Argo CD keeps its Applications
    models_namespace: str = "models"
    argocd_namespace: str = "argocd"

    lookback_seconds: float = Field(default=1_800.0, ge=30, le=86_400)
    rate_window_seconds: float = Field(default=60.0, ge=2, le=3_600)
    quiet_seconds: float = Field(default=300.0, ge=0)
    #: the watcher's heartbeat may stay out this long before its silence is an incident
    heartbeat_patience_seconds: float = Field(default=300.0, ge=1)
    collector_timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    most_body_bytes: int = Field(default=16 << 20, ge=1 << 10)
    job_attempts: int = Field(default=5, ge=1, le=50)
    #: a worker renews it three times as often; one that died keeps its job from others for so long
    lease_seconds: float = Field(default=60.0, ge=1)
    #: more groups than this that begin within a minute are a storm, of which the gravest are triaged in full
    storm_groups_per_minute: int = Field(default=20, ge=1)
    storm_full_reports: int = Field(default=10, ge=1)
    #: incidents of which nothing was heard for so long are forgotten
    retention_days: float = Field(default=90.0, gt=0)

    #: who is asked; unset: an OpenAI-compatible server where one is named, else Gemini where there is a key
    llm_provider: ProviderName | None = None
    #: of an OpenAI-compatible server or Ollama
    llm_base_url: Address | None = None
    llm_model: str | None = None
    llm_api_key: SecretStr | None = None
    llm_timeout_seconds: float = Field(default=45.0, gt=0, le=300)
    #: only for an own gateway in front of Gemini
    gemini_base_url: Address | None = None
    #: Gemini by a project of Google Cloud; its credentials are found as Google's own tools find them
    vertex_project: str | None = None
    vertex_location: str = "global"
    #: in US dollars for a million tokens; without prices only calls and tokens are bounded
    llm_input_price: float = Field(default=0.0, ge=0)
    llm_output_price: float = Field(default=0.0, ge=0)
    #: the most for one incident, within an hour and within a day
    llm_incident_calls: int = Field(default=6, ge=0)
    llm_incident_tokens: int = Field(default=250_000, ge=0)
    llm_incident_usd: float = Field(default=0.5, ge=0)
    llm_hour_calls: int = Field(default=60, ge=0)
    llm_hour_tokens: int = Field(default=2_000_000, ge=0)
    llm_hour_usd: float = Field(default=2.0, ge=0)
    llm_day_calls: int = Field(default=300, ge=0)
    llm_day_tokens: int = Field(default=10_000_000, ge=0)
    llm_day_usd: float = Field(default=10.0, ge=0)

    #: where people reach triage: what links in messages begin with
    public_url: Address | None = None
    #: a channel's id; without it nothing is sent to Slack
    slack_channel: ChannelId | None = None
    slack_token_file: Path | None = None
    slack_url: Address = "https://slack.com/api/"
    #: what GitHub signs its deliveries with; without it /webhooks/github takes none
    github_secret_file: Path | None = None
    #: OWNER/NAME, where comments and issues are written; without it nothing is sent to GitHub
    github_repository: RepositoryName | None = None
    github_token_file: Path | None = None
    github_url: Address = "https://api.github.com"
    github_default_branch: str = "main"
    #: every issue gets it, and by it triage finds its own
    github_label: str = Field(default="homeostat", min_length=1, max_length=50)
    #: GitHub logins, with commas between
    github_assignees: str = ""
    #: which reports go where, and what teams are called there; see the tutorial on destinations
    routing_file: Path | None = None
    #: what a P0 drift sets going; unset: nothing, and the report says so
    retraining: RetrainingWay | None = None
    #: a model is not trained again by drift within so long after the last time
    retraining_cooldown_seconds: float = Field(default=86_400.0, ge=0)

    #: for one call of a destination
    delivery_timeout_seconds: float = Field(default=10.0, gt=0, le=60)
    #: with the pauses between them, about half a day
    delivery_attempts: int = Field(default=60, ge=1, le=1000)

    @field_validator(
        "public_url", "slack_channel", "slack_token_file", "github_repository", "github_token_file",
        "github_secret_file",
        "routing_file", "mlflow_url", "retraining", mode="before",
    )  # fmt: skip
    @classmethod
    def _blank_is_off(cls, value: object) -> object:
        # manifests name what may be set, and leave it empty
        return None if value == "" else value

    @model_validator(mode="before")
    @classmethod
    def _client_certificates_need_no_token(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        given = cast("Mapping[str, Any]", values)
        return {"token_file": None, **given} if given.get("client_ca_file") else given

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Settings:
        if (self.tls_cert_file is None) is not (self.tls_key_file is None):
            raise ValueError("TRIAGE_TLS_CERT_FILE and TRIAGE_TLS_KEY_FILE must be set together")
        if self.client_ca_file is not None and self.tls_cert_file is None:
            raise ValueError(
                "TRIAGE_CLIENT_CA_FILE is set, so TRIAGE_TLS_CERT_FILE and TRIAGE_TLS_KEY_FILE must be too"
            )
        if self.token_file is None and self.client_ca_file is None:
            raise ValueError(
                "TRIAGE_TOKEN_FILE or TRIAGE_CLIENT_CA_FILE must be set: senders show who they are"
            )
        return self

    @model_validator(mode="after")
    def _destination_needs_a_token(self) -> Settings:
        if self.slack_channel and not self.slack_token_file:
            raise ValueError(
                "TRIAGE_SLACK_CHANNEL is set, so TRIAGE_SLACK_TOKEN_FILE must name a token's file"
            )
        if self.github_repository and not self.github_token_file:
            raise ValueError(
                "TRIAGE_GITHUB_REPOSITORY is set, so TRIAGE_GITHUB_TOKEN_FILE must name a token's file"
            )
        return self

    @model_validator(mode="after")
    def _retraining_has_a_place(self) -> Settings:
        if self.retraining is RetrainingWay.GITHUB and not self.github_repository:
            raise ValueError(
                "TRIAGE_RETRAINING is github, so TRIAGE_GITHUB_REPOSITORY must name a repository"
            )
        if self.retraining is RetrainingWay.FORGE and self.forge_url:
            raise ValueError(
                "TRIAGE_RETRAINING is forge, so TRIAGE_FORGE must be the forge itself: unset TRIAGE_FORGE_URL"
            )
        return self

    @model_validator(mode="after")
    def _provider_is_complete(self) -> Settings:
        if self.llm_base_url and not self.llm_model:
            raise ValueError("TRIAGE_LLM_BASE_URL is set, so TRIAGE_LLM_MODEL must name one of its models")
        if self.llm_provider is ProviderName.OPENAI and not self.llm_base_url:
            raise ValueError("TRIAGE_LLM_PROVIDER is openai, so TRIAGE_LLM_BASE_URL must name a server")
        if self.llm_provider is ProviderName.OLLAMA and not self.llm_model:
            raise ValueError("TRIAGE_LLM_PROVIDER is ollama, so TRIAGE_LLM_MODEL must name one of its models")
        if self.llm_provider is ProviderName.VERTEX and not self.vertex_project:
            raise ValueError("TRIAGE_LLM_PROVIDER is vertex, so TRIAGE_VERTEX_PROJECT must name a project")
        return self


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        ConfigError: with one sentence for every variable that is missing or wrong.
    """
    try:
        # pydantic-settings fills the fields from the environment
        return Settings()  # pyright: ignore[reportCallIssue]
    except ValidationError as error:
        raise ConfigError("the TRIAGE_* environment", sentences(error, Settings)) from None
