"""A document of several operations is run only when the request names one of them."""

from collections.abc import Iterator
from typing import Any

from graphql import ASTValidationRule, DocumentNode, GraphQLError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension


class OneOperation(SchemaExtension):
    """Refuses what Strawberry would run the first operation of (GraphQL, 6.1, GetOperation)."""

    def on_operation(self) -> Iterator[None]:
        """Check the document where the request leaves open what to run."""
        if not getattr(self.execution_context.context, "names_operation", True):
            self.execution_context.validation_rules += (NamesNoOperation,)
        yield


class NamesNoOperation(ASTValidationRule):
    """Reports a document of several operations."""

    def enter_document(self, node: DocumentNode, *_: Any) -> None:
        """Count the operations."""
        count = sum(isinstance(each, OperationDefinitionNode) for each in node.definitions)
        if count > 1:
            self.report_error(
                GraphQLError(f"The document has {count} operations: name one in operationName.")
            )
