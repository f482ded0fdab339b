"""What attainment can be asked for."""

from enum import StrEnum


class Dimension(StrEnum):
    """What attainment may be grouped by; several together make finer groups."""

    TARGET = "target"
    SERVICE = "service"
    PRIORITY = "priority"
    TEAM = "team"
    CATEGORY = "category"
    SUBCATEGORY = "subcategory"
    ASSIGNEE = "assignee"
