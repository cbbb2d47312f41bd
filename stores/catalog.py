"""The catalog: records in SQLite (the truth), found by meaning and by look through an index in Chroma.

A search never gives back an item that breaks a stated filter: filters are checked against the records, and
the index only ranks what they allow. An index that is lost or behind is made again from the records.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from fashion.product import Product
from stores.catalog_agreement import Named
from stores.catalog_embedding import ProductEmbedding
from stores.catalog_query import CatalogQuery, ScoredProduct
from stores.catalog_records import ProductRecords
from stores.demo_boutique import DemoBoutique, build_demo_boutique
from stores.embedders import Vectors
from stores.image_gate import admit

if TYPE_CHECKING:
    from vlm.embeddings.space import EmbeddingSpace

__all__ = ["Catalog", "CatalogQuery", "ProductNotFoundError", "ScoredProduct"]

Progress = Callable[[int, int], None]
_EXACT_UP_TO = 2000
"""So many allowed items are handed to the index; of more, its nearest are asked for and then filtered."""
_FIRST_POOL = 256
_WHOLE = 32
"""So many items beyond the limit are looked at that have every attribute which the words name."""
_PICTURE_SIDE = 1024


class ProductNotFoundError(KeyError):
    """No product has this id."""

    def __init__(self, product_id: str) -> None:
        super().__init__(product_id)
        self.product_id = product_id

    def __str__(self) -> str:
        """One sentence for a person."""
        return f"There is no item {self.product_id!r} in the catalog; search for items to see their ids."


class Catalog:
    """What is sold; thread-safe. All calls block, so async callers go through ``asyncio.to_thread``."""

    def __init__(
        self,
        root: Path,
        space: EmbeddingSpace,
        *,
        demo_size: int | None = None,
    ) -> None:
        """Open or create the catalog below `root`.

        Args:
            root: The catalog's folder: records, index and pictures.
            space: Ranks by words and by look. Where it is another than before, `build_demo` or `mend` makes the index
                again.
            demo_size: How many products the demo boutique has; None for all of it.
        """
        self._root = root
        self._demo = DemoBoutique(demo_size)
        self._records = ProductRecords(root / "catalog.sqlite")
        self._embedding = ProductEmbedding(root / "catalog-index", self.pictures, space)
        self._index = self._embedding.index
        self._writing = threading.RLock()

    @property
    def ready(self) -> bool:
        """Whether the demo boutique of this version is here whole; `build_demo` makes it so."""
        return self._records.demo_version() == self._demo.version and self._indexed() >= self.count()

    @property
    def pictures(self) -> Path:
        """The folder that ``Product.picture`` is relative to."""
        return self._root / "pictures"

    def count(self, query: CatalogQuery | None = None) -> int:
        """How many products there are, in stock or not; with a query, how many satisfy all its filters."""
        return self._records.count() if query is None else len(self._records.matching(query))

    def get(self, product_id: str) -> Product:
        """One product. Raises `ProductNotFoundError`, which names the id."""
        product = self._records.get(product_id)
        if product is None:
            raise ProductNotFoundError(product_id)
        return product

    def picture_path(self, product: Product) -> Path | None:
        """The file of a product's picture, or None where it has none."""
        if product.picture is None:
            return None
        path = self.pictures / product.picture
        return path if path.is_file() else None

    def picture(self, product: Product) -> Image.Image | None:
        """A product's picture as RGB, fully loaded, or None where it has none."""
        path = self.picture_path(product)
        if path is None:
            return None
        with Image.open(path) as picture:
            return picture.convert("RGB")

    def keep_picture(self, data: bytes) -> str:
        """Let an untrusted picture through the gate and keep it small; returns the ``Product.picture`` of it.

        Raises:
            ImageRefusedError: The gate refused it.
        """
        picture = admit(data)
        picture.thumbnail((_PICTURE_SIDE, _PICTURE_SIDE))
        name = f"imported/{hashlib.sha256(picture.tobytes()).hexdigest()[:32]}.jpg"
        path = self.pictures / name
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(f".{threading.get_ident()}.part")
            picture.save(partial, "JPEG", quality=90)
            partial.replace(path)
        return name

    def search(self, query: CatalogQuery) -> list[ScoredProduct]:
        """The best items for a query, best first; every stated filter holds for every one.

        Without words and picture the order is mixed but always the same, with score 0.
        """
        vector = self._embedding.query_vector(query.text, query.picture_embedding)
        if vector is None:
            ids = self._records.matching(query, limit=query.limit)
            return self._scored([(id_, 0.0) for id_ in ids])
        allowed = self._records.matching(query, limit=_EXACT_UP_TO + 1)
        if not allowed:
            return []
        found = self._ranked(vector, query, allowed)
        if query.weigh_named and (named := Named.of(query.text)):
            found = self._agreeing(found, vector, query, named)
        if len(found) < min(query.limit, len(allowed)):
            # Items that are not in the index yet still count: they come last.
            known = {id_ for id_, _ in found}
            rest = self._records.matching(query, limit=query.limit + len(known))
            found += [(id_, -1.0) for id_ in rest if id_ not in known]
        return self._scored(found[: query.limit])

    def add(self, products: Sequence[Product], on_progress: Progress | None = None) -> None:
        """Add or overwrite products: embed, index, then record, so that a crash leaves no item half there.

        Args:
            products: Their ``picture``, where stated, is a file below `pictures`. Of one id twice, the last counts.
            on_progress: Called as ``on_progress(done, total)``.
        """
        products = list({product.id: product for product in products}.values())
        with self._writing:
            for start in range(0, len(products), 64):
                batch = products[start : start + 64]
                self._embedding.write(batch)
                self._records.put(batch)
                if on_progress is not None:
                    on_progress(start + len(batch), len(products))

    def build_demo(self, on_progress: Progress | None = None) -> None:
        """Make the demo boutique where it is not here in this version, and mend an index that is behind.

        Safe to kill: the next call goes on where it stopped, and until it ends the old boutique stays as it
        was. Safe to call from several processes: one builds, the others wait for it.

        Args:
            on_progress: Called as ``on_progress(done, total)``; not at all where there is nothing to do.
        """
        with self._writing:
            if self._records.demo_version() != self._demo.version:
                build_demo_boutique(self._demo, self.pictures, self._records, self._embedding, on_progress)
            self.mend(on_progress)

    def mend(self, on_progress: Progress | None = None) -> int:
        """Index the records that the index of this embedding does not have; returns how many. Cheap where there are none.

        What another embedding indexed is dropped once this one has all.

        Args:
            on_progress: Called as ``on_progress(done, total)``.
        """
        with self._writing:
            missing: list[str] = []
            if self._indexed() < self.count():
                indexed = self._index.ids(self._embedding.collection)
                missing = [id_ for id_ in self._records.ids() if id_ not in indexed]
            for start in range(0, len(missing), 64):
                self._embedding.write(list(self._records.get_many(missing[start : start + 64]).values()))
                if on_progress is not None:
                    on_progress(min(start + 64, len(missing)), len(missing))
            self._embedding.forget_other_spaces()
            return len(missing)

    def close(self) -> None:
        """Close records and index."""
        self._index.close()
        self._records.close()

    def _indexed(self) -> int:
        return self._index.count(self._embedding.collection)

    def _ranked(
        self, vector: Vectors, query: CatalogQuery, allowed: Sequence[str]
    ) -> list[tuple[str, float]]:
        """Allowed ids with their similarity, best first, more than the limit where there are more.

        `allowed` is cut one above `_EXACT_UP_TO`; so long, it only says that there are many.
        """
        name = self._embedding.collection
        want = max(query.limit * 4, _FIRST_POOL)
        if len(allowed) <= _EXACT_UP_TO:
            return self._index.nearest(name, vector, min(want, len(allowed)), allowed)
        total = self._index.count(name)
        pool = want
        while True:
            pool = min(pool, total)
            found = self._index.nearest(name, vector, pool)
            keep = set(self._records.matching(query, among=[id_ for id_, _ in found]))
            if len(keep) >= query.limit or pool == total:
                return [(id_, score) for id_, score in found if id_ in keep]
            pool *= 8

    def _agreeing(
        self, found: list[tuple[str, float]], vector: Vectors, query: CatalogQuery, named: Named
    ) -> list[tuple[str, float]]:
        """The same and what has every named attribute, ordered by likeness and by how much of the named each has."""
        likeness = dict(found)
        whole = self._records.matching(named.narrowed(query), limit=query.limit + _WHOLE)
        added = [id_ for id_ in whole if id_ not in likeness]
        likeness |= dict(self._index.nearest(self._embedding.collection, vector, len(added), added))
        products = self._records.get_many(list(likeness))
        scores = [(id_, (likeness[id_] + named.agreement(product)) / 2) for id_, product in products.items()]
        return sorted(scores, key=lambda pair: (-pair[1], pair[0]))

    def _scored(self, ranking: Iterable[tuple[str, float]]) -> list[ScoredProduct]:
        pairs = list(ranking)
        products = self._records.get_many([id_ for id_, _ in pairs])
        return [ScoredProduct(products[id_], score) for id_, score in pairs if id_ in products]
