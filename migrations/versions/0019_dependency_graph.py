"""What services are built of, who works on their tickets in which order, and which agreement supports what.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

from migrations.operations import secure_table

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = (
    "component",
    "component_version",
    "component_need",
    "service_structure",
    "response_chain",
    "response_chain_version",
    "response_hop",
    "component_support",
)


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE component (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            kind VARCHAR(40) NOT NULL,
            service_id UUID,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            version BIGINT DEFAULT 1 NOT NULL,
            CONSTRAINT pk_component PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_component_organisation_id_key UNIQUE (organisation_id, key),
            CONSTRAINT fk_component_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id),
            CONSTRAINT ck_component_componentkind CHECK (kind IN ('element', 'group'))
        )
        """
    )
    secure_table(
        "component",
        "organisation_id id key name kind service_id recorded_at received_at recorded_by version",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE component_version (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            component_id UUID NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            provider_id UUID,
            gate VARCHAR(40),
            at_least BIGINT,
            reason TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_component_version PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_component_version_organisation_id_component_id_valid_from UNIQUE (organisation_id, component_id, valid_from),
            CONSTRAINT fk_component_version_organisation_id_component_id FOREIGN KEY(organisation_id, component_id) REFERENCES component (organisation_id, id),
            CONSTRAINT fk_component_version_organisation_id_provider_id FOREIGN KEY(organisation_id, provider_id) REFERENCES party (organisation_id, id),
            CONSTRAINT ck_component_version_at_least CHECK ((at_least IS NULL) = (gate IS DISTINCT FROM 'at_least')),
            CONSTRAINT ck_component_version_gate CHECK (gate IN ('all_of', 'any_of', 'at_least'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_component_version_organisation_id_provider_id ON component_version (organisation_id, provider_id)"
    )
    secure_table(
        "component_version",
        "organisation_id id component_id valid_from provider_id gate at_least reason recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE component_need (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            component_version_id UUID NOT NULL,
            needed_id UUID NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_component_need PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_component_need_organisation_id_component_version_id__688b UNIQUE (organisation_id, component_version_id, needed_id),
            CONSTRAINT fk_component_need_organisation_id_component_version_id FOREIGN KEY(organisation_id, component_version_id) REFERENCES component_version (organisation_id, id),
            CONSTRAINT fk_component_need_organisation_id_needed_id FOREIGN KEY(organisation_id, needed_id) REFERENCES component (organisation_id, id)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_component_need_organisation_id_needed_id ON component_need (organisation_id, needed_id)"
    )
    secure_table(
        "component_need",
        "organisation_id id component_version_id needed_id recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE service_structure (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            service_id UUID NOT NULL,
            component_id UUID NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_service_structure PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_service_structure_organisation_id_service_id_valid_from UNIQUE (organisation_id, service_id, valid_from),
            CONSTRAINT fk_service_structure_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id),
            CONSTRAINT fk_service_structure_organisation_id_component_id FOREIGN KEY(organisation_id, component_id) REFERENCES component (organisation_id, id)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_service_structure_organisation_id_component_id ON service_structure (organisation_id, component_id)"
    )
    secure_table(
        "service_structure",
        "organisation_id id service_id component_id valid_from reason recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE response_chain (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            key TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL,
            service_id UUID NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            version BIGINT DEFAULT 1 NOT NULL,
            CONSTRAINT pk_response_chain PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_response_chain_organisation_id_key UNIQUE (organisation_id, key),
            CONSTRAINT fk_response_chain_organisation_id_service_id FOREIGN KEY(organisation_id, service_id) REFERENCES service (organisation_id, id)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_response_chain_organisation_id_service_id ON response_chain (organisation_id, service_id, key, id)"
    )
    secure_table(
        "response_chain",
        "organisation_id id key name service_id recorded_at received_at recorded_by version",
        append_only=False,
    )
    op.execute(
        """
        CREATE TABLE response_chain_version (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            response_chain_id UUID NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            stop_states TEXT[] COLLATE "C" NOT NULL,
            reason TEXT COLLATE "C" NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_response_chain_version PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_response_chain_version_start UNIQUE (organisation_id, response_chain_id, valid_from),
            CONSTRAINT fk_response_chain_version_organisation_id_response_chain_id FOREIGN KEY(organisation_id, response_chain_id) REFERENCES response_chain (organisation_id, id)
        )
        """
    )
    secure_table(
        "response_chain_version",
        "organisation_id id response_chain_id valid_from stop_states reason recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE response_hop (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            response_chain_version_id UUID NOT NULL,
            position BIGINT NOT NULL,
            component_id UUID NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_response_hop PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_response_hop_component UNIQUE (organisation_id, response_chain_version_id, position, component_id),
            CONSTRAINT fk_response_hop_organisation_id_response_chain_version_id FOREIGN KEY(organisation_id, response_chain_version_id) REFERENCES response_chain_version (organisation_id, id),
            CONSTRAINT fk_response_hop_organisation_id_component_id FOREIGN KEY(organisation_id, component_id) REFERENCES component (organisation_id, id),
            CONSTRAINT ck_response_hop_position CHECK (position >= 0)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_response_hop_organisation_id_component_id ON response_hop (organisation_id, component_id)"
    )
    secure_table(
        "response_hop",
        "organisation_id id response_chain_version_id position component_id recorded_at received_at recorded_by",
        append_only=True,
    )
    op.execute(
        """
        CREATE TABLE component_support (
            organisation_id UUID NOT NULL,
            id UUID NOT NULL,
            agreement_id UUID NOT NULL,
            component_id UUID NOT NULL,
            tenure VARCHAR(40) NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            recorded_by UUID NOT NULL,
            CONSTRAINT pk_component_support PRIMARY KEY (organisation_id, id),
            CONSTRAINT uq_component_support_start UNIQUE (organisation_id, agreement_id, component_id, valid_from),
            CONSTRAINT fk_component_support_organisation_id_agreement_id FOREIGN KEY(organisation_id, agreement_id) REFERENCES agreement (organisation_id, id),
            CONSTRAINT fk_component_support_organisation_id_component_id FOREIGN KEY(organisation_id, component_id) REFERENCES component (organisation_id, id),
            CONSTRAINT ck_component_support_tenure CHECK (tenure IN ('held', 'ended'))
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_component_support_organisation_id_component_id ON component_support (organisation_id, component_id)"
    )
    secure_table(
        "component_support",
        "organisation_id id agreement_id component_id tenure valid_from recorded_at received_at recorded_by",
        append_only=True,
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
