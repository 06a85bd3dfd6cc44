"""The built panel's files: compressed where the client takes that, kept by it where a name is a hash."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

_HASHED = "assets"
_FOREVER = "public, max-age=31536000, immutable"


class PanelFiles(StaticFiles):
    """A folder that `npm run build` wrote: each file has its compressed form beside it.

    Compressed once at the build, since a service that compresses each response would delay streamed ones and
    compress the same files for everybody.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True)
        self._hashed = folder.resolve() / _HASHED

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or its compressed form."""
        path = Path(full_path)
        small = path.with_name(f"{path.name}.gz")
        kind = mimetypes.guess_type(path.name)[0]
        if kind and small.is_file() and _takes_gzip(Headers(scope=scope)):
            response = super().file_response(small, small.stat(), scope, status_code)
            response.headers["content-encoding"] = "gzip"
            if status_code == response.status_code:
                text = kind.startswith("text/")
                response.headers["content-type"] = f"{kind}; charset=utf-8" if text else kind
        else:
            response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["vary"] = "accept-encoding"
        if path.resolve().parent == self._hashed:
            response.headers["cache-control"] = _FOREVER
        return response


def _takes_gzip(headers: Headers) -> bool:
    offered = [part.replace(" ", "").lower() for part in headers.get("accept-encoding", "").split(",")]
    return "gzip" in offered or any(
        part.startswith("gzip;q=") and part[7:] not in ("0", "0.0") for part in offered
    )
