"""The settings of GraphQL on the wire."""

from typing import Literal

from pydantic import Field

from vivavoce.chassis.settings import OptionalPath, ServiceSettings


class GraphqlHttpSettings(ServiceSettings):
    """What the gateway's settings have of GraphQL's streams and page."""

    environment: Literal["development", "production"] = Field(
        default="production", description="In development, errors carry their details."
    )

    graphql_streams_per_principal: int = Field(
        default=100, ge=1, description="GraphQL streams and WebSockets that one principal may have open here."
    )
    graphql_streams_per_organization: int = Field(
        default=2_000, ge=1, description="The same for one organization."
    )
    graphql_operations_per_connection: int = Field(
        default=50, ge=1, description="Operations that run on one WebSocket at the same time."
    )
    graphql_init_seconds: float = Field(
        default=10.0, gt=0, description="How long a WebSocket may take to say who it is."
    )
    graphql_recheck_seconds: float = Field(
        default=5.0, gt=0, description="How often the credentials of open GraphQL streams are checked again."
    )
    graphql_send_seconds: float = Field(
        default=30.0, gt=0, description="How long a reader of a GraphQL stream may take nothing of it."
    )
    graphql_end_seconds: float = Field(
        default=60.0,
        gt=0,
        description="How long after its fact an interview's end may take to be readable before those who "
        "follow it are told that they missed it.",
    )
    graphiql: Literal["auto", "on", "off"] = Field(
        default="auto", description="GraphiQL for browsers at /graphql; `auto` is on in development only."
    )
    graphiql_folder: OptionalPath = Field(
        default=None, description="Where GraphiQL's files are, as `make graphiql` fetches them."
    )

    @property
    def shows_graphiql(self) -> bool:
        """Whether browsers are shown GraphiQL."""
        return self.graphiql == "on" or (self.graphiql == "auto" and self.environment == "development")
