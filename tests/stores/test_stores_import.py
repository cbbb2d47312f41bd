"""Catalog import: good rows in, bad rows reported with line and reason, pictures through the gate."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from stores_embedders import WordEmbedder

from stores.catalog import Catalog, CatalogQuery
from stores.catalog_import import ImportFileError, import_catalog
from stores.import_products import parse_price, products_of
from stores.import_rows import BadRow, Row, read_rows
from stores.plain_text import plain_text


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "catalog", WordEmbedder())


def written(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


OWN = """id,title,brand,category,color,pattern,material,price,currency,sizes,stock,seasons,occasions,gender,description
a-1,Striped Cotton Shirt,Maren,Shirts,light blue,striped,cotton,49.90,EUR,S|M|L,12,spring|summer,office,men,"A shirt, for the office."
a-2,Cable Knit Pullover,Maren,Sweaters & knitwear,cream,,wool,"1.129,00",EUR,M,0,,,women,Warm.
"""


def test_our_own_columns_are_taken_as_they_are(catalog: Catalog, tmp_path: Path) -> None:
    report = import_catalog(written(tmp_path, "own.csv", OWN), None, catalog)
    assert (report.added, report.problems, report.notes) == (2, [], [])
    shirt, pullover = catalog.get("a-1"), catalog.get("a-2")
    assert (shirt.category, shirt.color, shirt.pattern, shirt.material) == (
        "Shirts",
        "light blue",
        "striped",
        "cotton",
    )
    assert (shirt.price, shirt.sizes, shirt.stock, shirt.gender) == (49.9, ("S", "M", "L"), 12, "men")
    assert (shirt.seasons, shirt.occasions, shirt.synthetic) == (("spring", "summer"), ("office",), False)
    assert (pullover.price, pullover.in_stock, pullover.pattern) == (1129.0, False, "solid")
    assert "winter" in pullover.seasons


SHOPIFY = """Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Image Src,Image Position,Status
suede-boot,Suede Chelsea Boots,"<p>Soft <b>suede</b> &amp; a low heel.</p><script>alert(1)</script>",Norrland,Apparel & Accessories > Shoes,Boots,"brown, women, winter",TRUE,Size,38,,,SB-38,shopify,4,deny,139.00,https://cdn.shop.example/files/suede-boot.jpg?v=1,1,active
suede-boot,,,,,,,,,39,,,SB-39,shopify,0,deny,139.00,https://cdn.shop.example/files/suede-boot-side.jpg?v=1,2,
suede-boot,,,,,,,,,40,,,SB-40,shopify,2,deny,139.00,,,
linen-tee,Linen T-Shirt,<ul><li>Airy</li><li>Light</li></ul>,Sol,,T-Shirt,summer,TRUE,Color,Navy,Size,M,LT-1,shopify,5,deny,29.00,,,active
linen-tee,,,,,,,,,Coral,,M,LT-2,shopify,0,deny,29.00,,,
linen-tee,,,,,,,,,Coral,,L,LT-3,shopify,1,deny,31.00,,,
"""


def test_a_shopify_export_is_joined_by_handle_and_split_by_color(catalog: Catalog, tmp_path: Path) -> None:
    report = import_catalog(written(tmp_path, "shop.csv", SHOPIFY), None, catalog)
    assert (report.added, report.problems) == (3, [])
    boots = catalog.get("suede-boot")
    assert (boots.title, boots.brand, boots.category, boots.color, boots.material) == (
        "Suede Chelsea Boots",
        "Norrland",
        "Boots",
        "brown",
        "suede",
    )
    assert (boots.sizes, boots.stock, boots.price, boots.gender) == (("38", "40"), 6, 139.0, "women")
    assert boots.description == "Soft suede & a low heel."
    navy, coral = catalog.get("linen-tee-navy"), catalog.get("linen-tee-coral")
    assert (navy.color, navy.category, navy.material, navy.sizes) == (
        "navy",
        "T-shirts & vests",
        "linen",
        ("M",),
    )
    assert (coral.color, coral.sizes, coral.price, coral.title) == (
        "coral",
        ("L",),
        31.0,
        "Linen T-Shirt (Coral)",
    )
    assert navy.description == "Airy Light"
    assert not any(item.synthetic for item in (boots, navy, coral))


def test_bad_rows_are_listed_with_line_and_reason_and_good_ones_kept(
    catalog: Catalog, tmp_path: Path
) -> None:
    text = (
        "id,title,category,color,price,stock\n"
        "1,Red Wool Scarf,Scarves,red,20,1\n"
        "2,,Scarves,red,20,1\n"
        "3,Red Wool Scarf,Scarves,red,cheap,1\n"
        '4,"Red\nWool Scarf",Scarves,red,20,many\n'
        "5,Mystery,Gadgets,red,20,1\n"
        "6,Wool Scarf,Scarves,plaidish,20,1\n"
        "1,Blue Scarf,Scarves,blue,20,1\n"
        "7,Blue Scarf,Scarves,blue,-5,1\n"
        "8,Blue Scarf,Scarves,blue,20,1,x,y\n"
        "9,Blue Scarf,Scarves,blue,20,1\n"
    )
    report = import_catalog(written(tmp_path, "bad.csv", text), None, catalog)
    assert report.added == 2
    assert catalog.get("9").color == "blue"
    reasons = {problem.line: problem.reason for problem in report.problems}
    expected = {
        3: "no title",
        4: "'cheap' is not a number",
        5: "'many' is not a number",
        7: "no category",
        8: "no color",
        9: "used before, on line 2",
        10: "'-5' is not a number",
        11: "8 cells under 6",
    }
    assert list(reasons) == list(expected)
    for line, words in expected.items():
        assert words in reasons[line], (line, reasons[line])


def test_a_row_that_is_not_utf8_is_refused_alone(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(
        b"id,title,category,color,price\n1,Caf\xe9 Scarf,Scarves,red,9\n2,Red Scarf,Scarves,red,9\n"
    )
    report = import_catalog(path, None, catalog)
    assert report.added == 1
    assert [(p.line, "UTF-8" in p.reason) for p in report.problems] == [(2, True)]


def test_a_spreadsheet_with_byte_order_mark_and_semicolons_is_read(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes("\ufeffid;title;category;color;price\n1;Hut für Sommer;Hats;beige;19,90\n".encode())
    assert import_catalog(path, None, catalog).added == 1
    assert catalog.get("1").price == 19.9


def test_what_is_draft_or_unpublished_is_not_sold(catalog: Catalog, tmp_path: Path) -> None:
    text = "Handle,Title,Type,Tags,Variant Price,Published,Status\nx,Red Scarf,Scarf,,9,TRUE,draft\ny,Red Scarf,Scarf,,9,FALSE,active\nz,Red Scarf,Scarf,,9,TRUE,active\n"
    report = import_catalog(written(tmp_path, "s.csv", text), None, catalog)
    assert report.added == 1
    assert ["not for sale" in p.reason for p in report.problems] == [True, True]


def test_json_lines_and_parquet_give_the_same_products(catalog: Catalog, tmp_path: Path) -> None:
    records = [
        {
            "id": "j1",
            "title": "Leather Tote Bag",
            "category": "Tote bags",
            "color": "black",
            "price": 120,
            "sizes": ["one size"],
            "stock": 3,
        },
        {"id": "j2", "title": "Gold Hoop Earrings", "price": 35.5, "stock": 1, "sizes": []},
    ]
    lines = "\n".join(json.dumps(one) for one in records) + "\n\nnot json\n[1]\n" + "[" * 5000 + "\n"
    report = import_catalog(written(tmp_path, "f.jsonl", lines), None, catalog)
    assert report.added == 2
    assert [(p.line, p.reason) for p in report.problems] == [
        (4, "the line is not JSON"),
        (5, "the line is not a JSON object"),
        (6, "the line is not JSON"),
    ]
    first = [catalog.get("j1"), catalog.get("j2")]
    assert (first[1].category, first[1].color) == ("Earrings", "gold")
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(records), tmp_path / "f.parquet")
    assert import_catalog(tmp_path / "f.parquet", None, catalog).added == 2
    assert [catalog.get("j1"), catalog.get("j2")] == first


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.xlsx", b"PK", "ending that is not known"),
        ("x.csv", b"", "empty"),
        ("x.csv", b"foo,bar\n1,2\n", "names no column"),
        ("x.parquet", b"nope", "Parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    catalog: Catalog, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ImportFileError, match=words):
        import_catalog(tmp_path / name, None, catalog)


def test_a_missing_file_is_named(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match=r"no file gone\.csv"):
        import_catalog(tmp_path / "gone.csv", None, catalog)


def test_pictures_pass_the_gate_and_their_absence_costs_no_product(catalog: Catalog, tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    Image.new("RGB", (2000, 1000), "red").save(images / "red scarf.jpg")
    Image.new("RGB", (50, 50), "navy").save(images / "p3.png")
    (images / "fake.jpg").write_bytes(b"GIF89a not a jpeg")
    Image.new("RGB", (50, 50), "navy").save(tmp_path / "secret.png")
    text = (
        "id,title,category,color,price,picture\n"
        "p1,Red Scarf,Scarves,red,9,https://cdn.example/x/red%20scarf.jpg?v=2\n"
        "p2,Red Scarf,Scarves,red,9,fake.jpg\n"
        "p3,Navy Scarf,Scarves,navy,9,\n"
        "p4,Navy Scarf,Scarves,navy,9,../secret.png\n"
        "p5,Navy Scarf,Scarves,navy,9,missing.jpg\n"
    )
    report = import_catalog(written(tmp_path, "pics.csv", text), images, catalog)
    assert (report.added, report.pictures, report.problems) == (5, 2, [])
    assert [
        (note.line, word in note.reason)
        for note, word in zip(report.notes, ("GIF", "secret", "missing"), strict=True)
    ] == [(3, True), (5, True), (6, True)]
    picture = catalog.picture(catalog.get("p1"))
    assert picture is not None
    assert picture.size == (1024, 512)
    assert catalog.picture(catalog.get("p3")) is not None
    assert catalog.picture_path(catalog.get("p4")) is None


def test_an_id_of_the_demo_boutique_is_not_overwritten(catalog: Catalog, tmp_path: Path) -> None:
    from fashion.boutique import generate_products

    catalog.add(generate_products(count=1))
    report = import_catalog(
        written(tmp_path, "x.csv", "id,title,category,color,price\nfm-0001,Red Scarf,Scarves,red,9\n"),
        None,
        catalog,
    )
    assert report.added == 0
    assert "demo boutique" in report.problems[0].reason


def test_importing_a_file_again_overwrites_and_reports_progress(catalog: Catalog, tmp_path: Path) -> None:
    path = written(tmp_path, "own.csv", OWN)
    import_catalog(path, None, catalog)
    progress: list[tuple[int, int]] = []
    assert import_catalog(path, None, catalog, lambda done, total: progress.append((done, total))).added == 2
    assert progress == [(2, 2)]
    assert catalog.count() == 2
    assert len(catalog.search(CatalogQuery(text="shirt", categories=["Shirts"]))) == 1


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("49.90", 49.9),
        ("€ 1.299,00", 1299.0),
        ("1,299", 1299.0),
        ("1,299.50 EUR", 1299.5),
        ("19,9", 19.9),
        ("20", 20.0),
        ("1'299.00", 1299.0),
        ("1.299", 1.3),
        ("$1 299,00", 1299.0),
    ],
)
def test_prices_are_read_as_people_write_them(text: str, price: float) -> None:
    assert parse_price(text) == price


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a <b>bold</b> word", "a bold word"),
        ("<p>one</p><p>two</p>", "one two"),
        ("x<br>y", "x y"),
        ("<style>p{}</style>seen", "seen"),
        ("5 < 6 & 7 &gt; 2", "5 < 6 & 7 > 2"),
        ("<!-- no -->yes", "yes"),
        ("plain\n  text", "plain text"),
    ],
)
def test_html_becomes_what_a_person_would_read(html: str, text: str) -> None:
    assert plain_text(html) == text


CELL = st.one_of(
    st.sampled_from(
        [
            "",
            "red",
            "Shirts",
            "Navy Linen Shirt",
            "12,50",
            "-1",
            "1e999",
            "nan",
            "<b>x",
            "TRUE",
            "S|M",
            "Size",
            "Color",
        ]
    ),
    st.text(max_size=30),
)
COLUMNS = [
    "id",
    "handle",
    "title",
    "category",
    "type",
    "tags",
    "color",
    "price",
    "stock",
    "sizes",
    "body (html)",
    "option1 name",
    "option1 value",
    "picture",
    "currency",
    "gender",
    "seasons",
]


def outcomes(file: Path) -> list[object]:
    """Everything that comes of a file before it is embedded."""
    found: list[object] = []
    for row in read_rows(file):
        found += [row] if isinstance(row, BadRow) else list(products_of([row]))
    return found


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=9),
    st.lists(st.lists(CELL, max_size=10), max_size=5),
)
def test_no_csv_crashes_the_import(header: list[str], rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([header, *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(buffer.getvalue().encode("utf-8", "surrogatepass"))
        if set(header) <= {"option1 name", "option1 value"}:
            return  # no column that means a thing: the file as a whole is refused
        for one in outcomes(path):
            assert not isinstance(one, BadRow) or (one.line >= 2 and one.reason)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_crash_the_import(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("x.csv", "x.jsonl"):
            path = Path(folder) / name
            path.write_bytes(b"id,title,color\n" + content)
            outcomes(path)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["title", "price", "size option"]), CELL), min_size=1, max_size=4
    )
)
def test_variants_of_one_handle_never_crash(variants: list[dict[str, str]]) -> None:
    rows = [
        Row(
            number,
            {
                "id": "h",
                "category": "Shirts",
                "color": "red",
                **{k: v for k, v in variant.items() if k != "size option" and v},
            },
            {"size": variant.get("size option", "M")},
            True,
        )
        for number, variant in enumerate(variants, 2)
    ]
    assert list(products_of(rows))
