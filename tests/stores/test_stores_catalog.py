"""The catalog: filters that always hold, ranking by words and look, the demo boutique, and mending."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from stores_embedders import WordEmbedder

from fashion.boutique import generate_products
from fashion.color import COLORS
from fashion.occasions import OCCASIONS
from fashion.product import Product
from fashion.vocabulary import CATEGORIES, GROUPS, MATERIALS, PATTERNS, SEASONS
from stores.catalog import Catalog, CatalogQuery, ProductNotFoundError

ITEMS = generate_products(seed=7, count=300)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """300 products without pictures."""
    catalog = Catalog(tmp_path_factory.mktemp("shop"), WordEmbedder())
    catalog.add(ITEMS)
    yield catalog
    catalog.close()


def product(id: str, **changes: object) -> Product:
    return Product(
        **(
            {
                "id": id,
                "title": f"{id} thing",
                "category": "Shirts",
                "color": "white",
                "price": 40.0,
                "stock": 3,
                "sizes": ("M",),
            }
            | changes
        )
    )


def keeps(query: CatalogQuery, item: Product) -> bool:
    """Whether an item meets a query, said once more in plain Python."""
    groups = [
        name
        for group in query.groups
        if not set(GROUPS[group]) & set(query.categories)
        for name in GROUPS[group]
    ]
    return all(
        (
            not (query.categories or query.groups) or item.category in [*query.categories, *groups],
            item.category not in query.not_categories,
            not query.colors or item.color in query.colors,
            item.color not in query.not_colors,
            not query.patterns or item.pattern in query.patterns,
            item.pattern not in query.not_patterns,
            not query.materials or item.material in query.materials,
            item.material not in query.not_materials,
            not query.styles or item.style in query.styles,
            query.sleeve in (None, item.sleeve),
            query.fit in (None, item.fit),
            query.occasion is None or not item.occasions or query.occasion in item.occasions,
            query.season is None or not item.seasons or query.season in item.seasons,
            query.gender is None or item.gender in (query.gender, "unisex"),
            query.size is None or query.size in item.sizes or "one size" in item.sizes,
            query.min_price is None or item.price >= query.min_price,
            query.max_price is None or item.price <= query.max_price,
            item.in_stock or not query.in_stock_only,
            item.id not in query.exclude_ids,
        )
    )


def some(values: object) -> st.SearchStrategy[list]:
    return st.one_of(st.just([]), st.lists(st.sampled_from(sorted(values)), max_size=4, unique=True))  # type: ignore[call-overload]


QUERIES = st.builds(
    CatalogQuery,
    text=st.sampled_from(["", "navy leather shoes for the office", "something for summer"]),
    categories=some(CATEGORIES),
    groups=some(GROUPS),
    colors=some(COLORS),
    not_colors=some(COLORS),
    not_patterns=some(PATTERNS),
    not_materials=some(MATERIALS),
    not_categories=some(CATEGORIES),
    occasion=st.one_of(st.none(), st.sampled_from(sorted(OCCASIONS))),
    season=st.one_of(st.none(), st.sampled_from(SEASONS)),
    gender=st.sampled_from([None, "women", "men", "unisex"]),
    size=st.sampled_from([None, "M", "42", "one size"]),
    min_price=st.one_of(st.none(), st.floats(0, 100)),
    max_price=st.one_of(st.none(), st.floats(0, 400)),
    in_stock_only=st.booleans(),
    exclude_ids=st.sampled_from([[], ["fm-0001", "fm-0100"]]),
    limit=st.integers(1, 40),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=QUERIES)
def test_every_stated_filter_holds_and_nothing_that_meets_them_is_missed(
    shop: Catalog, query: CatalogQuery
) -> None:
    found = shop.search(query)
    meeting = [item for item in ITEMS if keeps(query, item)]
    assert all(keeps(query, one.product) for one in found)
    assert len(found) == min(query.limit, len(meeting))
    assert len({one.product.id for one in found}) == len(found)


def test_words_rank_what_the_filters_allow(shop: Catalog) -> None:
    found = shop.search(CatalogQuery(text="black leather ankle boots", limit=3))
    assert found[0].product.category == "Boots"
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    shoes = shop.search(
        CatalogQuery(text="black leather ankle boots", not_categories=["Boots"], groups=["footwear"])
    )
    assert shoes
    assert all(CATEGORIES[one.product.category].group == "footwear" != one.product.category for one in shoes)


def test_a_category_narrows_its_own_group_only(shop: Catalog) -> None:
    query = CatalogQuery(categories=["Sneakers"], groups=["footwear", "bags"], limit=200)
    kinds = {one.product.category for one in shop.search(query)}
    assert "Sneakers" in kinds
    assert "Boots" not in kinds
    assert "Tote bags" in kinds


def test_without_words_the_order_is_mixed_and_always_the_same(shop: Catalog) -> None:
    first, again = (shop.search(CatalogQuery(limit=12)) for _ in range(2))
    assert first == again
    assert len({one.product.category for one in first}) > 5
    assert {one.score for one in first} == {0.0}


def test_a_filter_that_nothing_meets_finds_nothing(shop: Catalog) -> None:
    assert shop.search(CatalogQuery(text="shoes", colors=["no such color"])) == []
    assert shop.search(CatalogQuery(max_price=0.5)) == []


def test_a_filter_value_is_never_read_as_sql(shop: Catalog) -> None:
    assert shop.search(CatalogQuery(colors=["' OR 1=1 --"], size="' OR '1'='1")) == []


def test_getting_an_unknown_product_names_its_id(shop: Catalog) -> None:
    assert shop.get("fm-0001").id == "fm-0001"
    with pytest.raises(ProductNotFoundError, match="fm-9999"):
        shop.get("fm-9999")


def test_only_sizes_on_hand_count(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path, WordEmbedder())
    catalog.add(
        [
            product("a", sizes=("S", "M")),
            product("b", sizes=("one size",)),
            product("c", sizes=("XL",)),
            product("d", stock=0),
        ]
    )
    assert {one.product.id for one in catalog.search(CatalogQuery(size="m"))} == {"a", "b"}
    assert {one.product.id for one in catalog.search(CatalogQuery(size="M", in_stock_only=False))} == {
        "a",
        "b",
        "d",
    }


def test_adding_an_id_again_overwrites_it(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path, WordEmbedder())
    catalog.add([product("a", title="red scarf")])
    catalog.add([product("a", title="blue hat", price=9.0)])
    assert catalog.count() == 1
    assert catalog.search(CatalogQuery(text="blue hat"))[0].product.price == 9.0
    catalog.add([product("a", price=1.0), product("a", price=2.0)])
    assert [one.product.price for one in catalog.search(CatalogQuery())] == [2.0]


def test_look_ranks_by_picture_and_joins_with_words(tmp_path: Path) -> None:
    space = WordEmbedder()
    catalog = Catalog(tmp_path, space)
    catalog.pictures.mkdir(parents=True)
    for name in ("red", "blue"):
        Image.new("RGB", (64, 64), name).save(catalog.pictures / f"{name}.png")
    catalog.add(
        [
            product("r", title="scarf", picture="red.png"),
            product("b", title="scarf", picture="blue.png"),
            product("n", title="scarf"),
        ]
    )
    vector = space.embed_pictures([Image.new("RGB", (30, 30), (10, 10, 240))])[0].tolist()
    by_look = catalog.search(CatalogQuery(picture_embedding=vector))
    assert next(one.product.id for one in by_look) == "b"
    assert {one.product.id for one in by_look} == {"b", "r", "n"}
    # Half of an item's vector is of its words, which a picture alone does not name.
    assert by_look[0].score == pytest.approx(0.7, abs=0.1)
    both = catalog.search(CatalogQuery(text="scarf", picture_embedding=vector, limit=1))
    assert both[0].product.id == "b"


def test_many_more_matches_than_are_ranked_exactly_still_keep_every_filter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stores.catalog._EXACT_UP_TO", 20)
    monkeypatch.setattr("stores.catalog._FIRST_POOL", 4)
    catalog = Catalog(tmp_path, WordEmbedder())
    catalog.add(
        [product(f"p{n}", title="plain shirt", color="red" if n % 3 == 0 else "blue") for n in range(90)]
    )
    found = catalog.search(CatalogQuery(text="blue plain shirt", colors=["red"], limit=25))
    assert len(found) == 25
    assert {one.product.color for one in found} == {"red"}


def test_few_items_among_many_are_ranked_as_by_the_index(shop: Catalog) -> None:
    vector = WordEmbedder().embed_texts(["navy leather shoes"])[0]
    few = [item.id for item in ITEMS[::30]]
    name = shop._embedding.collection
    compared = shop._index.nearest(name, vector, 5, [*few, "not there"])
    by_graph = [pair for pair in shop._index.nearest(name, vector, 300) if pair[0] in few][:5]
    assert [score for _, score in compared] == pytest.approx([score for _, score in by_graph], abs=1e-4)


def test_records_that_the_index_lost_are_found_and_mended(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])\nfrom stores_embedders import WordEmbedder\nfrom stores.catalog import Catalog\nfrom fashion.boutique import generate_products\nCatalog(Path(sys.argv[1]), WordEmbedder()).add(generate_products(seed=1, count=51))"
    subprocess.run([sys.executable, "-c", script, str(tmp_path), str(Path(__file__).parent)], check=True)
    shutil.rmtree(tmp_path / "catalog-index")
    catalog = Catalog(tmp_path, WordEmbedder())
    assert len(catalog.search(CatalogQuery(text="boots", limit=60, in_stock_only=False))) == 51
    assert catalog.mend() == 51
    assert catalog.mend() == 0
    assert catalog.search(CatalogQuery(text="ankle boots"))[0].score > 0


def test_the_demo_boutique_is_built_once_with_pictures(tmp_path: Path) -> None:
    texts = WordEmbedder()
    catalog = Catalog(tmp_path, texts, demo_size=12)
    assert not catalog.ready
    progress: list[tuple[int, int]] = []
    catalog.build_demo(lambda done, total: progress.append((done, total)))
    assert catalog.ready
    assert progress[-1] == (12, 12)
    items = [one.product for one in catalog.search(CatalogQuery(limit=50, in_stock_only=False))]
    assert len(items) == catalog.count() == 12
    assert all(item.synthetic for item in items)
    pictures = {item.id: catalog.picture(item) for item in items}
    assert all(picture is not None and max(picture.size) <= 512 for picture in pictures.values())
    embedded = texts.sentences
    catalog.build_demo(lambda done, total: progress.append((-1, -1)))
    assert texts.sentences == embedded
    assert (-1, -1) not in progress


def test_a_product_is_found_by_its_own_picture(tmp_path: Path) -> None:
    space = WordEmbedder()
    catalog = Catalog(tmp_path, space, demo_size=8)
    catalog.build_demo()
    item = catalog.get("fm-0003")
    picture = catalog.picture(item)
    assert picture is not None
    found = catalog.search(
        CatalogQuery(
            picture_embedding=space.embed_pictures([picture])[0].tolist(), in_stock_only=False, limit=1
        )
    )
    assert found[0].product.id == item.id


def test_another_boutique_takes_the_place_of_the_old_one_and_imported_items_stay(tmp_path: Path) -> None:
    first = Catalog(tmp_path, WordEmbedder(), demo_size=6)
    first.build_demo()
    first.add([product("mine")])
    first.close()
    second = Catalog(tmp_path, WordEmbedder(), demo_size=4)
    assert not second.ready
    second.build_demo()
    assert second.ready
    assert second.count() == 5
    assert second.get("mine").synthetic is False
    assert len([path for path in (tmp_path / "pictures").iterdir() if path.name.startswith("demo-")]) == 1
    assert not second._index.ids(second._embedding.collection) - set(second._records.ids())


KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from stores_embedders import WordEmbedder
from stores.catalog import Catalog
class Dies(WordEmbedder):
    def embed_texts(self, texts):
        os._exit(7)
Catalog(Path(sys.argv[1]), Dies(), demo_size=6).build_demo()
"""


def test_a_build_that_is_killed_starts_cleanly_and_takes_over_drawn_pictures(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(Path(__file__).parent)], check=False
    )
    assert done.returncode == 7
    drawn = {path: path.stat().st_mtime_ns for path in (tmp_path / "pictures").rglob("*.jpg")}
    assert len(drawn) == 6
    catalog = Catalog(tmp_path, WordEmbedder(), demo_size=6)
    assert catalog.count() == 0
    assert not catalog.ready
    catalog.build_demo()
    assert catalog.ready
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "pictures").rglob("*.jpg")} == drawn


def test_pictures_drawn_in_worker_processes_are_those_drawn_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stores.garment_pictures import PictureOrder, draw_all, draw_batch

    items = generate_products(seed=3, count=4)
    here = [PictureOrder(item.id, item.garment, tmp_path / "here" / f"{item.id}.jpg") for item in items]
    there = [PictureOrder(item.id, item.garment, tmp_path / "there" / f"{item.id}.jpg") for item in items]
    draw_batch(here)
    monkeypatch.setattr("stores.garment_pictures._FEW", 0)
    assert sorted(id_ for ids in draw_all(there, 2) for id_ in ids) == sorted(item.id for item in items)
    assert all(a.path.read_bytes() == b.path.read_bytes() for a, b in zip(here, there, strict=True))


def test_threads_may_search_while_another_adds(shop: Catalog, tmp_path: Path) -> None:
    catalog = Catalog(tmp_path, WordEmbedder())
    errors: list[BaseException] = []

    def guarded(work: object) -> None:
        try:
            work()  # type: ignore[operator]
        except BaseException as error:
            errors.append(error)

    def add() -> None:
        for start in range(0, 60, 20):
            catalog.add([product(f"p{start + n}", title="linen shirt") for n in range(20)])

    def search() -> None:
        for _ in range(10):
            assert all(
                one.product.color == "white"
                for one in catalog.search(CatalogQuery(text="linen", colors=["white"]))
            )

    threads = [threading.Thread(target=guarded, args=(work,)) for work in (add, search, search)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert catalog.count() == 60


def test_another_embedding_makes_the_index_again_and_never_meets_the_old_one(tmp_path: Path) -> None:
    first = Catalog(tmp_path, WordEmbedder("first"), demo_size=6)
    first.build_demo()
    first.close()
    second = Catalog(tmp_path, WordEmbedder("second"), demo_size=6)
    assert not second.ready
    assert {one.score for one in second.search(CatalogQuery(text="boots", in_stock_only=False))} == {-1.0}
    progress: list[tuple[int, int]] = []
    second.build_demo(lambda done, total: progress.append((done, total)))
    assert second.ready
    assert progress[-1] == (6, 6)
    assert second._index.names() == [second._embedding.collection]
    assert second.search(CatalogQuery(text="boots", in_stock_only=False))[0].score > 0


def test_an_index_that_was_left_half_made_goes_on_where_it_stopped(tmp_path: Path) -> None:
    Catalog(tmp_path, WordEmbedder("first"), demo_size=6).build_demo()
    half = Catalog(tmp_path, WordEmbedder("second"), demo_size=6)
    half._embedding.write(list(half._records.get_many(half._records.ids()[:4]).values()))
    space = WordEmbedder("second")
    again = Catalog(tmp_path, space, demo_size=6)
    assert again.mend() == 2
    assert space.sentences == 2


def test_a_picture_of_another_space_is_refused(shop: Catalog) -> None:
    with pytest.raises(ValueError, match="has 3 numbers"):
        shop.search(CatalogQuery(picture_embedding=[1.0, 0.0, 0.0]))


def test_named_attributes_count_beside_meaning_where_that_is_asked(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path, WordEmbedder())
    catalog.add(
        [
            product("a", title="coat coat coat", category="Coats", color="black", material="wool"),
            product("b", title="outer thing", category="Coats", color="mint", material="wool"),
            product("c", title="mint mint mint", category="Belts", color="black", material="leather"),
        ]
    )
    query = CatalogQuery(text="a mint wool coat", weigh_named=True)
    assert [one.product.id for one in catalog.search(query)] == ["b", "a", "c"]
    unwanted = catalog.search(CatalogQuery(text="a wool coat that is not mint", weigh_named=True))
    assert next(one.product.id for one in unwanted) == "a"
    assert unwanted[-1].product.id == "b"
    assert all(-1 <= one.score <= 1 for one in unwanted)


def test_a_length_that_a_sentence_rules_out_comes_last(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path, WordEmbedder())
    lengths = {"a": "mini", "b": "midi", "c": "maxi"}
    catalog.add(
        [
            product(name, title="skirt skirt mini", category="Skirts", color="black", length=length)
            for name, length in lengths.items()
        ]
    )
    for text in ("a skirt, not mini", "a skirt that is not too short"):
        found = catalog.search(CatalogQuery(text=text, weigh_named=True))
        assert [one.product.id for one in found][-1] == "a" and found[-1].score < found[0].score


def test_what_has_every_named_attribute_is_found_however_far_its_words_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stores.catalog._FIRST_POOL", 4)
    catalog = Catalog(tmp_path, WordEmbedder())
    near = [product(f"n{n}", title="teal silk scarf", category="Belts", color="red") for n in range(40)]
    catalog.add([*near, product("far", title="x", category="Scarves", color="teal", material="silk")])
    found = catalog.search(CatalogQuery(text="a teal silk scarf", weigh_named=True, limit=1))
    assert found[0].product.id == "far"


@pytest.mark.slow
def test_with_the_built_in_embedding_items_are_found_by_meaning_and_by_look(tmp_path: Path) -> None:
    from vlm.embeddings.builtin import BuiltinSpace

    space = BuiltinSpace.from_pretrained()
    catalog = Catalog(tmp_path, space, demo_size=51)
    catalog.build_demo()
    found = catalog.search(CatalogQuery(text="jewellery for my ears", in_stock_only=False, limit=3))
    assert found[0].product.category == "Earrings"
    item = next(
        one.product for one in catalog.search(CatalogQuery(categories=["Boots"], in_stock_only=False))
    )
    picture = catalog.picture(item)
    assert picture is not None
    vector = space.embed_pictures([picture])[0]
    assert (
        catalog.search(CatalogQuery(picture_embedding=vector.tolist(), in_stock_only=False))[0].product.id
        == item.id
    )
