"""The text of a file, by its ending; what cannot be read is refused with what would help."""

from __future__ import annotations

import importlib
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from io import BytesIO
from xml.etree import ElementTree

from erp_adapters.documents.document import Heading, ReadText
from erp_adapters.errors import SourceUnreadable

LARGEST = 20 * 1024 * 1024
"""Bytes of a file."""
LONGEST = 2_000_000
"""Characters of a text."""
_MOST_PAGES = 2_000
_LEAST_A_PAGE = 20
"""Characters a page on average, below which a PDF is taken for a scan."""
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read(data: bytes, name: str) -> ReadText:
    """The text of a file with its headings and pages.

    Raises:
        SourceUnreadable: it is empty, huge, encrypted, scanned, or not what its ending says; says the remedy.
    """
    ending = name.rpartition(".")[2].lower()
    if ending not in READERS:
        raise SourceUnreadable(f"{name}: only {', '.join(READERS)} are read; export it as one of them")
    if len(data) > LARGEST:
        raise SourceUnreadable(f"{name}: larger than {LARGEST // 1024**2} MB; split it")
    found = READERS[ending](data, name)
    if not found.text.strip():
        raise SourceUnreadable(f"{name}: holds no text")
    if len(found.text) > LONGEST:
        raise SourceUnreadable(f"{name}: longer than {LONGEST:,} characters; split it")
    return found


def _decoded(data: bytes, name: str) -> str:
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise SourceUnreadable(f"{name}: is no text; save it as UTF-8")


# ── Markdown and plain text ───────────────────────────────────────────────────────────────────────────────
_MARKED = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_NUMBERED = re.compile(r"^(?:§ ?\d+[a-z]?|\d+(?:\.\d+)*\.?)[ \t]+\S.{0,78}$", re.MULTILINE)


def _markdown(data: bytes, name: str) -> ReadText:
    text = _decoded(data, name)
    found = [Heading(m.start(), m.end(), len(m[1]), m[2].strip("*_ ")) for m in _MARKED.finditer(text)]
    return ReadText(text, tuple(found))


def _plain(data: bytes, name: str) -> ReadText:
    text = _decoded(data, name)
    return ReadText(text, tuple(_numbered(text)))


def _numbered(text: str) -> Iterator[Heading]:
    """`§ 4 Price` and `3.2 Goods receipt` on lines of their own."""
    for found in _NUMBERED.finditer(text):
        before = text[: found.start()].rstrip(" ")
        alone = (not before or before.endswith("\n")) and not found[0].rstrip().endswith((".", ",", ";"))
        if alone:
            number = found[0].split()[0].rstrip(".")
            yield Heading(found.start(), found.end(), 1 + number.count("."), found[0].strip())


# ── HTML ──────────────────────────────────────────────────────────────────────────────────────────────────
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset(
    ("p", "div", "li", "tr", "td", "th", "br", "section", "article", "table", "ul", "ol", "pre", *_HEADINGS)
)
_UNSEEN = frozenset(["script", "style", "head", "noscript", "template", "svg"])


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.headings: list[Heading] = []
        self._length = 0
        self._unseen = 0
        self._began: int | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        if tag in _BLOCKS:
            self._add("\n\n" if tag not in ("td", "th", "br") else "\n" if tag == "br" else " ")
        if tag in _HEADINGS:
            self._began = self._length

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN and self._unseen:
            self._unseen -= 1
        if tag in _HEADINGS and self._began is not None:
            words = " ".join("".join(self.parts)[self._began :].split())
            if words:
                self.headings.append(Heading(self._began, self._length, int(tag[1]), words))
            self._began = None
        if tag in _BLOCKS and tag not in ("td", "th", "br"):
            self._add("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            # A newline between tags is a blank; only blocks part paragraphs.
            self._add(re.sub(r"\s+", " ", data))

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self._length += len(text)


def _html(data: bytes, name: str) -> ReadText:
    page = _Page()
    page.feed(_decoded(data, name))
    page.close()
    return ReadText("".join(page.parts), tuple(page.headings))


# ── Word ──────────────────────────────────────────────────────────────────────────────────────────────────
def _docx(data: bytes, name: str) -> ReadText:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entry = archive.getinfo("word/document.xml")
            if entry.file_size > 8 * LARGEST:
                raise SourceUnreadable(f"{name}: unpacks to more than {8 * LARGEST // 1024**2} MB; split it")
            raw = archive.read(entry)
        # An entity that names itself many times would fill the memory; Word writes none.
        if b"<!DOCTYPE" in raw[:2_000]:
            raise SourceUnreadable(f"{name}: holds a document type; save it anew with a word processor")
        root = ElementTree.fromstring(raw)
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, RuntimeError, NotImplementedError) as exc:
        raise SourceUnreadable(
            f"{name}: is no Word document, or is encrypted; save it as .docx without a password"
        ) from exc
    parts: list[str] = []
    headings: list[Heading] = []
    length = 0
    for paragraph in root.iter(f"{_WORD}p"):
        text = "".join(_runs(paragraph)).strip()
        if not text:
            continue
        level = _level(paragraph)
        if level:
            headings.append(Heading(length, length + len(text), level, text))
        parts.append(text)
        length += len(text) + 2
    return ReadText("\n\n".join(parts), tuple(headings))


def _runs(paragraph: ElementTree.Element) -> Iterator[str]:
    for node in paragraph.iter():
        if node.tag == f"{_WORD}t":
            yield node.text or ""
        elif node.tag in (f"{_WORD}tab", f"{_WORD}br"):
            yield " "


def _level(paragraph: ElementTree.Element) -> int:
    style = paragraph.find(f"{_WORD}pPr/{_WORD}pStyle")
    value = "" if style is None else style.get(f"{_WORD}val", "")
    # Word names the style by the language that it was installed in.
    found = re.match(
        r"(?:heading|berschrift|überschrift|titolo|ttulo|título|titre|nagwek|nadpis)\s*(\d)", value, re.I
    )
    return int(found[1]) if found else 1 if value.lower() in ("title", "titel") else 0


# ── PDF ───────────────────────────────────────────────────────────────────────────────────────────────────
def _pdf(data: bytes, name: str) -> ReadText:
    # Loaded only where a PDF is read; its errors are its own.
    try:
        pypdf = importlib.import_module("pypdf")
    except ImportError as exc:
        raise SourceUnreadable(f"{name}: reading PDF needs the package pypdf; install it") from exc
    pages: list[int] = []
    parts: list[str] = []
    length = 0
    try:
        reader = pypdf.PdfReader(BytesIO(data))
        if reader.is_encrypted:
            raise SourceUnreadable(f"{name}: is encrypted; save it without a password")
        if len(reader.pages) > _MOST_PAGES:
            raise SourceUnreadable(f"{name}: has more than {_MOST_PAGES:,} pages; split it")
        for page in reader.pages:
            text = str(page.extract_text() or "").replace("\0", "")
            pages.append(length)
            parts.append(text)
            length += len(text) + 2
    except (
        pypdf.errors.PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
    ) as exc:
        raise SourceUnreadable(f"{name}: is no readable PDF; print it to a new PDF") from exc
    if length < _LEAST_A_PAGE * len(pages):
        raise SourceUnreadable(f"{name}: is scanned and holds no text; run text recognition over it first")
    text = "\n\n".join(parts)
    return ReadText(text, tuple(_numbered(text)), tuple(pages))


READERS: Mapping[str, Callable[[bytes, str], ReadText]] = {
    "md": _markdown,
    "txt": _plain,
    "html": _html,
    "htm": _html,
    "docx": _docx,
    "pdf": _pdf,
}
"""What reads a file, by its ending."""
