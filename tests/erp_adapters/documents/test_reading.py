"""Files become text with headings and pages, and what cannot be read is refused with what would help."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from erp_adapters.documents.chunking import passages
from erp_adapters.documents.document import ReadText
from erp_adapters.documents.front_matter import card_of, parted
from erp_adapters.documents.languages import language_of_text
from erp_adapters.documents.reading import LARGEST, read
from erp_adapters.errors import SourceUnreadable

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(body: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
        )
    return out.getvalue()


def pdf(*pages: str) -> bytes:
    """A small PDF with a line of text on each page."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for at, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * at} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode()


def test_a_passage_is_a_span_of_its_text_under_its_headings() -> None:
    """A quote can be found again in the file, with what stands above it."""
    found = read(
        b"# Receipt\n\nBefore.\n\n## 1 Partial\n\nBooked as it comes.\n\n## 2 Over\n\nRefused.\n",
        "a.md",
    )
    cut = passages(found, "Receipt")
    assert [one.heading for one in cut] == ["Receipt", "Receipt › 1 Partial", "Receipt › 2 Over"]
    assert [one.text for one in cut] == ["Before.", "Booked as it comes.", "Refused."]
    assert all(found.text[one.first : one.after] == one.text for one in cut)


def test_long_paragraphs_are_cut_between_sentences_and_nothing_is_lost() -> None:
    sentence = "Goods are booked on the day of their arrival and never later. "
    text = sentence * 60
    cut = passages(ReadText(text), "T")
    assert all(len(one.text) <= 1_200 and one.text.endswith(".") for one in cut)
    assert " ".join(one.text for one in cut) == text.strip()


def test_a_word_without_blanks_ends_the_cutting() -> None:
    cut = passages(ReadText("x" * 5_000), "T")
    assert "".join(one.text for one in cut) == "x" * 5_000


def test_html_is_read_without_scripts_and_with_headings() -> None:
    page = (
        "<head><title>x</title></head><h1>Release</h1><p>Only <b>quality</b>\nreleases.</p>"
        "<script>alert(1)</script>"
    )
    found = passages(read(page.encode(), "a.html"), "Release")
    assert [(one.heading, one.text) for one in found] == [("Release", "Only quality releases.")]


def test_word_is_read_with_the_headings_of_its_styles() -> None:
    body = (
        '<w:p><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr><w:r><w:t>Freigabe</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>Nur die </w:t></w:r><w:r><w:t>Qualität.</w:t></w:r></w:p>"
    )
    found = passages(read(docx(body), "a.docx"), "Anweisung")
    assert [(one.heading, one.text) for one in found] == [("Anweisung › Freigabe", "Nur die Qualität.")]


def test_pages_of_a_pdf_are_known() -> None:
    pytest.importorskip("pypdf")
    found = passages(read(pdf("The first page says something.", "The second page says more."), "a.pdf"), "P")
    assert [one.page for one in found if "second" in one.text] == [2] or found[0].page == 1
    assert "first page" in found[0].text


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.xlsx", b"x", "only md, txt"),
        ("a.md", b"  \n", "holds no text"),
        ("a.txt", b"\x00\x01\x02", "is no text"),
        ("a.docx", b"no zip", "is no Word document, or is encrypted"),
        ("a.docx", docx("<!ENTITY x>"), "is no Word document"),
        ("a.md", b"x" * (LARGEST + 1), "larger than 20 MB"),
        ("a.md", b"word " * 400_001, "longer than"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_remedy(name: str, data: bytes, says: str) -> None:
    with pytest.raises(SourceUnreadable, match=says):
        read(data, name)


def test_scanned_broken_and_encrypted_pdfs_are_named() -> None:
    pypdf = pytest.importorskip("pypdf")
    with pytest.raises(SourceUnreadable, match="scanned"):
        read(pdf("", "", ""), "scan.pdf")
    with pytest.raises(SourceUnreadable, match="no readable PDF"):
        read(b"%PDF-1.4 nothing", "broken.pdf")
    writer, out = pypdf.PdfWriter(), BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(out)
    with pytest.raises(SourceUnreadable, match="encrypted"):
        read(out.getvalue(), "locked.pdf")


def test_front_matter_is_parted_and_checked() -> None:
    front, body = parted("---\ntitle: A\nroles: controller, admin\nvalid_to: 2026-01-31\n---\nText")
    card = card_of(front, "a.md")
    assert (card.title, card.roles, str(card.valid_to), body) == (
        "A",
        ("admin", "controller"),
        "2026-01-31",
        "Text",
    )
    for text in ("roles: boss", "colour: red", "- a", "kind: poem", "a: [", "valid_to: soon"):
        with pytest.raises(SourceUnreadable, match=r"a\.md"):
            card_of(text, "a.md")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Ware wird nicht ohne Prüfung in den Bestand gebucht und muss gekennzeichnet werden.", "de"),
        ("The goods are not booked without inspection and must be labelled by the receiver.", "en"),
        ("Towar nie jest księgowany bez kontroli i musi być oznaczony przez magazyn.", "pl"),
        ("Zboží se bez kontroly neúčtuje a musí být označeno při příjmu, které je na rampě.", "cs"),
        ("La merce non si registra senza controllo e deve essere etichettata dal magazzino.", "it"),
        ("El material no se registra sin inspección y debe llevar la etiqueta en el almacén.", "es"),
        ("Les pièces ne sont pas enregistrées sans contrôle et doivent être étiquetées dans le dépôt.", "fr"),
    ],
)  # fmt: skip
def test_the_language_of_a_text_is_found(text: str, language: str) -> None:
    assert language_of_text(text) == language
