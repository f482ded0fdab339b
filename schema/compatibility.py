"""Refuses a schema that breaks clients of the released one: what goes was deprecated first (docs/deprecation.md).

The schema of the last release is `schema/released.graphql`. From it is forgotten what was deprecated for long enough
and is gone now, and the types that nothing else leads to; of the rest, nothing may break.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    get_named_type,
    is_non_null_type,
    is_union_type,
)

from schema.deprecation import REASON, parts

ROOT = Path(__file__).resolve().parent.parent
RELEASED = ROOT / "schema" / "released.graphql"
COMMITTED = ROOT / "schema" / "schema.graphql"
CHANGELOG = ROOT / "CHANGELOG.md"

Version = tuple[int, int]
"""A major and a minor version."""

_RELEASE = re.compile(r"^## \[?(\d+)\.(\d+)\.\d+", re.MULTILINE)
_REMOVED = re.compile(r"^## Unreleased$(?:(?!^## ).)*?^### Removed$.*?(?=^##|\Z)", re.MULTILINE | re.DOTALL)


def refusals(released: str, current: str, changelog: str) -> list[str]:
    """What the current schema takes from clients of the released one and may not, in words; both as SDL."""
    old, new = build_schema(released), build_schema(current)
    versions = {(int(major), int(minor)) for major, minor in _RELEASE.findall(changelog)}
    present = dict(parts(new))
    gone = {path: part for path, part in parts(old) if path not in present}
    removed = [path for path, part in gone.items() if _served_long_enough(part.deprecation_reason, versions)]
    _forget(old, removed, but=new)
    named = _REMOVED.search(changelog)
    return [
        *(change.description for change in find_breaking_changes(old, new)),
        *(f"{path} may no longer be null." for path in _no_longer_null(old, new)),
        *(
            f"{path} is not under Removed in CHANGELOG.md."
            for path in removed
            if not named or f"`{path}`" not in named[0]
        ),
    ]


def _served_long_enough(reason: str | None, versions: set[Version]) -> bool:
    """Whether enough minor versions came out in which it was deprecated: one, from version 1.0 on two."""
    said = REASON.fullmatch(reason or "")
    if said is None:
        return False
    major, minor = said["since"].split(".")
    needed = 1 if max(versions, default=(0, 0)) < (1, 0) else 2
    return sum(version >= (int(major), int(minor)) for version in versions) >= needed


def _forget(schema: GraphQLSchema, paths: list[str], *, but: GraphQLSchema) -> None:
    """Take these parts out of a schema, and the types that only they led to unless another schema has them still."""
    before = _reached(schema)
    types: dict[str, Any] = schema.type_map
    for path in paths:
        type_name, name, *argument = path.split(".")
        type_ = types[type_name]
        if argument:
            type_.fields[name].args.pop(argument[0])
        else:
            (type_.values if isinstance(type_, GraphQLEnumType) else type_.fields).pop(name)
    for name in before - _reached(schema) - but.type_map.keys():
        types.pop(name)


def _reached(schema: GraphQLSchema) -> set[str]:
    """The types that the fields of operations lead to."""
    waiting: list[Any] = [root for root in (schema.query_type, schema.mutation_type) if root]
    reached: set[str] = set()
    while waiting:
        type_ = get_named_type(waiting.pop())
        if type_.name not in reached:
            reached.add(type_.name)
            waiting += _led_to(type_)
    return reached


def _led_to(type_: Any) -> Iterator[Any]:
    if is_union_type(type_):
        yield from type_.types
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        yield from type_.interfaces
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        for field in type_.fields.values():
            yield field.type
            yield from (argument.type for argument in getattr(field, "args", {}).values())


def _no_longer_null(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[str]:
    """The fields that were nullable: a client may rely on it where it mirrors our types."""
    present = dict(parts(new))
    for path, part in parts(old):
        type_ = old.type_map[path.split(".")[0]]
        answered = path.count(".") == 1 and isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        if answered and path in present and not is_non_null_type(part.type) and is_non_null_type(present[path].type):
            yield path


def main() -> int:
    """Print every refusal; 1 when there is one."""
    found = refusals(*(file.read_text(encoding="utf-8") for file in (RELEASED, COMMITTED, CHANGELOG)))
    for refusal in found:
        print(f"breaks clients of the last release: {refusal}", file=sys.stderr)  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
