"""A virtual environment in .venv that holds what a lock names, and this tree.

    python3 .ci/environment.py requirements.txt [--wheelhouse DIR]

Standard library only, and readable by any Python since 2.7, so that an old one gets a sentence and no
traceback. It may be run twice, at the same time, or after an interruption: the record of what is
installed is written last, and an environment left half built is built anew.
"""

from __future__ import print_function

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
RECORD = os.path.join(VENV, "installed.json")
UNFINISHED = os.path.join(VENV, "unfinished")

NO_NETWORK = ("Retrying (Retry(", "NewConnectionError", "ConnectTimeout", "ProxyError", "Could not fetch URL")


class Remedy(Exception):
    """A failure whose message names the thing and what to do about it."""


def say(text, end="\n"):
    sys.stdout.write(text + end)
    sys.stdout.flush()


def digest(name):
    """The identity of a file of this tree: a changed lock or project file means a new installation."""
    with open(os.path.join(ROOT, name), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def wanted(lock):
    """What the record must contain for `lock` to count as installed."""
    return {lock: digest(lock), "pyproject.toml": digest("pyproject.toml"), "root": ROOT}


def installed():
    """What the last finished run put in, or nothing."""
    try:
        with open(RECORD) as file:
            return dict(json.load(file))
    except (IOError, OSError, ValueError):
        return {}


def python_runs():
    # The base interpreter of an environment can disappear with an upgrade of the system.
    try:
        return subprocess.call([PYTHON, "-I", "-c", "import pip"], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def need_venv_module():
    """Debian ships venv without ensurepip; as root the missing package is installed, otherwise named."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401

        return
    except ImportError:
        package = "python{0}.{1}-venv".format(*sys.version_info)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("    installing {0}, which this Python lacks".format(package))
        quiet = {"stdout": subprocess.DEVNULL, "env": dict(os.environ, DEBIAN_FRONTEND="noninteractive")}
        subprocess.call(["apt-get", "update", "-qq"], **quiet)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
        if subprocess.call(install, **quiet) == 0:
            return
    raise Remedy("This Python cannot make virtual environments. As root: apt-get install " + package)


def create():
    need_venv_module()
    say("    creating .venv with Python {0}.{1}.{2}".format(*sys.version_info))
    # A process of its own: this one may have started before the venv module was installed.
    if subprocess.call([sys.executable, "-m", "venv", "--clear", VENV]) != 0:
        raise Remedy("Could not create {0}: is the folder writable, and the disk not full?".format(VENV))


def index_in_use():
    """The package index that pip asks, without credentials."""
    url = os.environ.get("PIP_INDEX_URL", "")
    if not url:
        asked = subprocess.run(
            [PYTHON, "-I", "-m", "pip", "config", "get", "global.index-url"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        url = asked.stdout.decode().strip()
    return re.sub(r"//[^/@]*@", "//", url)


def explain(output, wheelhouse):
    """The sentence that belongs to a failed pip run."""
    host = re.search(r"host='([^']+)'", output)
    if "No space left on device" in output:
        return "The disk is full: free about 600 MB for {0} and run the same command again.".format(VENV)
    if "DO NOT MATCH THE HASHES" in output:
        return "A downloaded file is not the one that the lock names; the index or a proxy altered it."
    if wheelhouse and "No matching distribution" in output:
        return "The wheelhouse {0!r} lacks a package for this Python; fill it with `make wheelhouse`.".format(
            wheelhouse
        )
    if "SSLCertVerificationError" in output or "CERTIFICATE_VERIFY_FAILED" in output:
        return "The certificate of the package index is not trusted here: set PIP_CERT to your CA bundle."
    if any(sign in output for sign in NO_NETWORK):
        name = index_in_use() or (host.group(1) if host else "pip's default index")
        return (
            "The package index could not be reached: {0}\n"
            "    Either name one that can:      PIP_INDEX_URL=<address of your index> make ...\n"
            "    or, on a connected machine:    make wheelhouse\n"
            "    then copy ./wheelhouse here:   make ... WHEELHOUSE=wheelhouse"
        ).format(name)
    return "pip could not install the packages; its last lines:\n" + "\n".join(output.splitlines()[-8:])


def pip_install(arguments, wheelhouse, total=0):
    """Run pip and count packages as they come in."""
    command = [PYTHON, "-I", "-m", "pip", "install", "--no-user", "--progress-bar", "off"] + arguments
    if wheelhouse:
        command += ["--no-index", "--find-links", wheelhouse]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = []
    seen = 0
    on_terminal = sys.stdout.isatty()
    for raw in process.stdout:
        line = raw.decode("utf-8", "replace").rstrip()
        lines.append(line)
        if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied: ")) and total:
            seen += 1
            if on_terminal:
                say("\r    {0} of {1} packages".format(seen, total), end="")
            elif seen % 20 == 0:
                say("    {0} of {1} packages".format(seen, total))
        elif "Retrying (Retry(" in line:
            say("\n    no answer from the package index, trying again")
        elif line.startswith("Installing collected packages") and total:
            say("\r    {0} of {0} packages here; unpacking".format(seen))
    if process.wait() != 0:
        raise Remedy(explain("\n".join(lines), wheelhouse))


def install(lock, wheelhouse):
    moved = installed().get("root", ROOT) != ROOT  # the scripts in bin/ name the folder they were made in
    if moved or os.path.exists(UNFINISHED) or not python_runs():
        create()
    open(UNFINISHED, "w").close()
    with open(os.path.join(ROOT, lock)) as file:
        total = sum(1 for line in file if re.match(r"[A-Za-z0-9]", line))
    pip_install(["--no-deps", "--require-hashes", "-r", os.path.join(ROOT, lock)], wheelhouse, total)
    # The build backend is in the lock, so nothing that is not hashed is fetched for this step.
    pip_install(["--no-deps", "--no-build-isolation", "--no-index", "-e", ROOT], None)
    record = wanted(lock)
    if lock != "requirements.txt":
        record.update(wanted("requirements.txt"))  # the larger locks contain the same pins
    with open(RECORD + ".new", "w") as file:
        json.dump(record, file, indent=1)
    os.replace(RECORD + ".new", RECORD)
    os.remove(UNFINISHED)


def up_to_date(lock):
    record = installed()
    return all(record.get(key) == value for key, value in wanted(lock).items()) and os.path.exists(PYTHON)


def main():
    parser = argparse.ArgumentParser(description="Install a lock and this tree into .venv.")
    parser.add_argument("lock")
    parser.add_argument("--wheelhouse", help="folder of wheels to install from, instead of an index")
    options = parser.parse_args()
    if sys.version_info < OLDEST:
        raise Remedy(
            "plantwright needs Python {0}.{1} or newer; this is {2}.{3}. Name another: make ... "
            "PYTHON=/path/to/python3.11".format(*(OLDEST + tuple(sys.version_info[:2])))
        )
    if options.wheelhouse and not os.path.isdir(options.wheelhouse):
        raise Remedy("The wheelhouse {0!r} is not a folder.".format(options.wheelhouse))
    if up_to_date(options.lock):
        return
    import fcntl

    started = time.time()
    say("==> Environment")
    with open(os.path.join(ROOT, ".venv.lock"), "w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        if up_to_date(options.lock):  # another run finished it in the meantime
            return
        install(options.lock, options.wheelhouse and os.path.abspath(options.wheelhouse))
    say("    ready after {0:.0f} s".format(time.time() - started))


if __name__ == "__main__":
    try:
        main()
    except Remedy as remedy:
        say("\n" + str(remedy))
        sys.exit(1)
    except KeyboardInterrupt:
        say("\nInterrupted; nothing is broken. Run the same command again.")
        sys.exit(130)
