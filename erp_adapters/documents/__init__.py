"""Procedures, contracts and policies of each site: read from a folder, cut into passages, and indexed."""

from erp_adapters.documents.document import DocumentCard, ReadText
from erp_adapters.documents.embedding import Embedder, packaged_embedder
from erp_adapters.documents.storing import ImportReport, import_documents

__all__ = [
    "DocumentCard",
    "Embedder",
    "ImportReport",
    "ReadText",
    "import_documents",
    "packaged_embedder",
]
