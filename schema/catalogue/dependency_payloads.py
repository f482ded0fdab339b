"""What mutations of the dependency graph and of response chains answer."""

from typing import Annotated

import strawberry

from schema.bulk import BulkPayload
from schema.catalogue.dependency_types import (
    Component,
    ComponentVersion,
    ResponseChain,
    ResponseChainVersion,
    ServiceStructure,
)
from schema.mutation import Refusal
from schema.planner.declarations import stored


@strawberry.type(description="A component was written.")
class ComponentPayload:
    """See createComponent and renameComponent."""

    component: Component = stored("The component as it stands.")


@strawberry.type(description="A version of a component was published.")
class ComponentVersionPayload:
    """See publishComponentVersion."""

    version: ComponentVersion = stored("The version.")


@strawberry.type(description="It was recorded on which component a service stands.")
class ServiceStructurePayload:
    """See defineServiceStructure."""

    structure: ServiceStructure = stored("The entry.")


@strawberry.type(description="A response chain was written.")
class ResponseChainPayload:
    """See createResponseChain and renameResponseChain."""

    response_chain: ResponseChain = stored("The response chain as it stands.")


@strawberry.type(description="A version of a response chain was published.")
class ResponseChainVersionPayload:
    """See publishResponseChainVersion."""

    version: ResponseChainVersion = stored("The version.")


CreateComponentResult = Annotated[
    ComponentPayload | Refusal,
    strawberry.union("CreateComponentResult", description="What came of creating a component."),
]
CreateComponentsResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("CreateComponentsResult", description="What came of creating components."),
]
PublishComponentVersionResult = Annotated[
    ComponentVersionPayload | Refusal,
    strawberry.union("PublishComponentVersionResult", description="What came of saying a component anew."),
]
RenameComponentResult = Annotated[
    ComponentPayload | Refusal,
    strawberry.union("RenameComponentResult", description="What came of renaming a component."),
]
DefineServiceStructureResult = Annotated[
    ServiceStructurePayload | Refusal,
    strawberry.union("DefineServiceStructureResult", description="What came of defining a structure."),
]
DefineServiceStructuresResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("DefineServiceStructuresResult", description="What came of defining structures."),
]
CreateResponseChainResult = Annotated[
    ResponseChainPayload | Refusal,
    strawberry.union("CreateResponseChainResult", description="What came of creating a response chain."),
]
CreateResponseChainsResult = Annotated[
    BulkPayload | Refusal,
    strawberry.union("CreateResponseChainsResult", description="What came of creating response chains."),
]
PublishResponseChainVersionResult = Annotated[
    ResponseChainVersionPayload | Refusal,
    strawberry.union("PublishResponseChainVersionResult", description="What came of saying a response chain anew."),
]
RenameResponseChainResult = Annotated[
    ResponseChainPayload | Refusal,
    strawberry.union("RenameResponseChainResult", description="What came of renaming a response chain."),
]
