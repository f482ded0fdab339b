"""What is said of every number of a service: whether it means anything, and who sat in at its design gates."""

MEANINGFUL = (
    "Whether this number means anything: false if nobody had agreed before the service went live what level it is to"
    " reach; null if nothing says when that was."
)
MEANINGLESS_BECAUSE = "Why it means nothing, or why that cannot be told; null if it means something."
DESIGN_GATES = (
    "Where service level management was when the service was designed. Absent from a gate: the number is compromised."
)
"""The descriptions of those fields wherever they are."""
