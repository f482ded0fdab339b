"""How a part of the schema says that it will go, and what to use instead. The policy is in docs/deprecation.md."""

import re

REASON = re.compile(r"Since (?P<since>\d+\.\d+): use `(?P<instead>[\w.]+)`\.(?: .+)?")


def deprecated(*, since: str, instead: str, why: str = "") -> str:
    """The reason of something deprecated: since which version, and the field, argument or value to use instead."""
    return f"Since {since}: use `{instead}`." + (f" {why}" if why else "")
