"""A product under examination: what the laws of the whole look at."""

from collections.abc import Sequence

import msgspec

from yinhe.products.findings import Path
from yinhe.products.parts.base import Part
from yinhe.products.product import Product


class Case(msgspec.Struct, frozen=True):
    """A product under examination; `places` says which of its file's `[[parts]]` each part is."""

    product: Product
    places: Sequence[int]
    is_whole: bool
    """Whether all parts of the file could be read; else nothing is missing for sure."""

    def path(self, part: Part) -> Path:
        """Where a part stands."""
        return "parts", self.places[next(at for at, one in enumerate(self.product.parts) if one is part)]
