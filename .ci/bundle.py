"""Everything that an installation without a network needs, in one archive.

    .venv/bin/python .ci/bundle.py --out DIR [--wheelhouse DIR]

The packages of the lock as wheels, our own wheel with the built panel in it, their hashes, a bill of
materials, the chart, and a script that installs them. The archive is for the platform and the Python that it
was made with.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".venv-deploy" / "bin" / "python"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
BESIDE = (
    "LICENSE",
    "CHANGELOG.md",
    "docs/licences.md",
    "docs/operations.md",
    "docs/cli.md",
    "deploy/install",
)


def main() -> int:
    """Write the archive and say where it is."""
    parser = argparse.ArgumentParser(description="Put an installation without a network into one archive.")
    parser.add_argument("--out", type=Path, default=ROOT / "bundle", help="folder for the archive")
    parser.add_argument("--wheelhouse", type=Path, help="folder of wheels to take, instead of an index")
    options = parser.parse_args()
    if not (ROOT / "server" / "panel" / "dist" / "index.html").exists():
        print("The panel is not built (`make panel` says why); a bundle without it would not be whole.")
        return 1
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    name = f"plantwright-{version}-{python}-{sysconfig.get_platform().replace('-', '_')}"
    options.out.mkdir(parents=True, exist_ok=True)
    archive = options.out / f"{name}.tar"
    with tempfile.TemporaryDirectory(dir=options.out) as scratch:
        folder = Path(scratch) / name
        fill(folder, version, options.wheelhouse)
        if subprocess.run(
            [TOOLS, ROOT / ".ci" / "bill.py", folder / "wheels", folder / "bill.cdx.json"]
        ).returncode:
            return 1
        sums(folder)
        # Wheels are compressed already.
        with tarfile.open(archive.with_suffix(".part"), "w") as tar:
            tar.add(folder, arcname=name, filter=nobodys)
    archive.with_suffix(".part").replace(archive)
    print(f"{archive} ({archive.stat().st_size / 1e6:.0f} MB)")
    return 0


def fill(folder: Path, version: str, wheelhouse: Path | None) -> None:
    """The wheels, the lock and what lies beside them."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    lock = ROOT / "requirements.txt"
    source = ["--no-index", "--find-links", str(wheelhouse.resolve())] if wheelhouse else []
    fetch = ["download", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(wheels)]
    subprocess.run([*PIP, *fetch, *source, "-r", str(lock)], check=True)
    build = [
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--wheel-dir",
        str(wheels),
        str(ROOT),
    ]
    subprocess.run([*PIP, *build], check=True)
    (ours,) = wheels.glob(f"plantwright-{version}-*.whl")
    shutil.copy(lock, folder)
    digest = hashlib.sha256(ours.read_bytes()).hexdigest()
    (folder / "plantwright.txt").write_text(
        f"plantwright=={version} --hash=sha256:{digest}\n", encoding="utf-8"
    )
    for beside in BESIDE:
        shutil.copy(ROOT / beside, folder)
    shutil.copytree(ROOT / "deploy" / "helm", folder / "helm")


def sums(folder: Path) -> None:
    """SHA256SUMS of every file, as `sha256sum -c` reads it."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """An entry without who made it."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    sys.exit(main())
