"""Named expressions about what is watched and shown."""


def last_data_at(monitor: str) -> str:
    """SQL text: the latest instant any data of the monitor bear, NULL without any. `$1` is the organisation."""
    return (
        "(SELECT max(report.last_data_at) FROM monitor_report AS report"  # noqa: S608 - an alias, no input
        f" WHERE report.organisation_id = $1::uuid AND report.monitor_id = {monitor}.id)"
    )
