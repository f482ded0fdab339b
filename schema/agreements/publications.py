"""Versions of agreements about to be published, for a preview and for good."""

from functools import partial

from schema.agreements.inputs import EndAgreementInput, PublishAgreementVersionInput, availability_of, definitions_of
from schema.mutation import Change
from schema.references import referenced
from services.agreements import commands
from services.compliance.recomputing import Publication, Subject


def new_version(change: Change, given: PublishAgreementVersionInput) -> Publication:
    """The version a client describes."""
    session, actor, now = change
    agreement_id = referenced(actor, "Agreement", given.agreement_id)
    publish = partial(
        commands.publish_agreement_version,
        session,
        actor=actor,
        agreement_id=agreement_id,
        valid_from=given.valid_from,
        targets=definitions_of(actor, given.targets),
        availability_targets=availability_of(actor, given.availability_targets),
        reason=given.reason,
        expected_version=given.expected_version,
        assumed=given.assumed,
        now=now,
    )
    return Publication(Subject.AGREEMENT, agreement_id, given.valid_from, publish)


def end(change: Change, given: EndAgreementInput) -> Publication:
    """The version that ends an agreement."""
    session, actor, now = change
    agreement_id = referenced(actor, "Agreement", given.agreement_id)
    since = given.valid_from or now
    publish = partial(
        commands.end_agreement,
        session,
        actor=actor,
        agreement_id=agreement_id,
        valid_from=since,
        reason=given.reason,
        expected_version=given.expected_version,
        now=now,
    )
    return Publication(Subject.AGREEMENT, agreement_id, since, publish)
