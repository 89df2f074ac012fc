"""The life of a product version: draft → checked → approved → published → withdrawn."""

from collections.abc import Mapping
from enum import Enum, unique
from types import MappingProxyType
from typing import Final


@unique
class Status(Enum):
    """How far a version has come; in this order, and never back but to a draft that is written anew."""

    DRAFT = "draft"
    """Written, and not yet sound."""
    CHECKED = "checked"
    """Every check holds."""
    APPROVED = "approved"
    """Another person than its author agrees."""
    PUBLISHED = "published"
    """Contracts may be opened on it from its effective date; it never changes again."""
    WITHDRAWN = "withdrawn"
    """No contract may be opened on it any more; those that are there go on."""

    @property
    def chinese(self) -> str:
        """The status in Chinese."""
        return _CHINESE[self]

    @property
    def is_fixed(self) -> bool:
        """Whether the version can never change."""
        return self in (Status.PUBLISHED, Status.WITHDRAWN)


_CHINESE: Final[Mapping[Status, str]] = MappingProxyType(
    {
        Status.DRAFT: "草稿",
        Status.CHECKED: "已检查",
        Status.APPROVED: "已批准",
        Status.PUBLISHED: "已发布",
        Status.WITHDRAWN: "已撤销",
    }
)
