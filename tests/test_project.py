"""The files around the package: the lock, the Makefile, what git ignores, the README's commands."""

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import require
from packaging.requirements import Requirement

REQUIREMENT = re.compile(r"^([a-z0-9][a-z0-9.-]*)==([^ ;\\]+)")


def normalised(name: str) -> str:
    """Write a package's name the one way that PEP 503 gives it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def lock_entries(lock: str) -> dict[str, str]:
    """Split a lock into its requirements: what follows each name, up to the next one."""
    entries: dict[str, str] = {}
    name = ""
    for line in lock.splitlines():
        if line and not line.startswith(("#", " ")):
            match = REQUIREMENT.match(line)
            assert match, f"not a pinned requirement: {line}"
            name = normalised(match.group(1))
            assert name not in entries, f"{name} is pinned twice"
            entries[name] = ""
        if name:
            entries[name] += line + "\n"
    return entries


@pytest.fixture(scope="module")
def lock(repo: Path) -> str:
    return (repo / "requirements.lock").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pyproject(repo: Path) -> Mapping[str, object]:
    return tomllib.loads((repo / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_requirement_in_the_lock_has_hashes(lock: str) -> None:
    entries = lock_entries(lock)
    assert len(entries) > 50
    unhashed = [
        name for name, text in entries.items() if not re.search(r"--hash=sha256:[0-9a-f]{64}", text)
    ]
    assert unhashed == []


def test_the_lock_holds_enough_files_for_more_than_one_system(lock: str) -> None:
    """numpy is published as one wheel for each system and Python: one hash would serve one only."""
    for name in ("numpy", "scipy", "pandas", "matplotlib"):
        assert lock_entries(lock)[name].count("--hash=") >= 20


def test_the_lock_names_no_host_and_no_place_on_a_machine(lock: str) -> None:
    assert "://" not in lock
    assert not re.search(r"^\s*-", lock.replace("    --hash=", "    "), re.MULTILINE)
    comments = [line for line in lock.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in comments if re.search(r"(?<!\w)[/~]\w", line)] == []


def test_every_dependency_in_pyproject_is_in_the_lock(
    lock: str, pyproject: Mapping[str, dict[str, object]]
) -> None:
    project = pyproject["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    asked += pyproject["build-system"]["requires"]
    names = {normalised(re.split(r"[<>=!~;\[ ]", item)[0]) for item in asked}
    assert names - lock_entries(lock).keys() == set()


def test_what_is_pinned_lies_within_the_bounds_of_pyproject(
    lock: str, pyproject: Mapping[str, dict[str, object]]
) -> None:
    project = pyproject["project"]
    entries = lock_entries(lock)
    for item in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        asked = Requirement(item)
        match = REQUIREMENT.match(entries[normalised(asked.name)])
        assert match
        assert match.group(2) in asked.specifier, item


@pytest.fixture
def odd_copy(repo: Path, tmp_path: Path) -> Path:
    """Return a copy of the files around the package, in a folder named `å b`."""
    copy = tmp_path / "å b"
    copy.mkdir()
    for name in ("Makefile", "requirements.lock", "pyproject.toml", ".gitignore"):
        shutil.copy(repo / name, copy)
    return copy


def run(
    folder: Path, *command: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(
        command, cwd=folder, env=clean | dict(env or {}), text=True, capture_output=True
    )


def make(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    require(shutil.which("make"), "no make is installed")
    return run(folder, "make", *arguments, env=env)


def fake_set_up(folder: Path) -> Path:
    """Make a .venv that looks set up, with programs that say how they were called."""
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "snakemake"):
        program = programs / name
        program.write_text(
            '#!/bin/sh\n[ "$1" = -c ] && exit\n'
            f'echo "{name} $*|${{PATH%%:*}}|${{PYTHONDONTWRITEBYTECODE-unset}}"\n',
            encoding="utf-8",
        )
        program.chmod(0o755)
    stamps = 'printf "%s %s\\n" "$(pwd)" "$(cksum < requirements.lock)" > .venv/packages.stamp\n'
    stamps += "cksum < pyproject.toml > .venv/package.stamp\n"
    subprocess.run(["sh", "-c", stamps], cwd=folder, check=True)
    return programs


@pytest.mark.parametrize("target", ["run", "test", "figures", "open-data", "check", "lock"])
def test_make_dry_run_works_in_a_folder_with_a_space_and_a_letter_outside_ascii(
    odd_copy: Path, target: str
) -> None:
    done = make(odd_copy, "-n", target, UV="true")
    assert (done.returncode, done.stderr) == (0, "")
    assert not (odd_copy / ".venv").exists()


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ([], "snakemake "),
        (["figures"], "snakemake figures "),
        (["open-data"], "snakemake --configfile config/open-data.yaml "),
        (["test"], "python -m pytest "),
        (["test", "ARGS=-k lock"], "python -m pytest -k lock"),
    ],
)
def test_make_runs_the_command_in_its_own_environment(
    odd_copy: Path, target: list[str], command: str
) -> None:
    """With nothing to set up: .venv/bin first on the PATH, and bytecode is written."""
    programs = fake_set_up(odd_copy)
    done = make(odd_copy, *target, PYTHONDONTWRITEBYTECODE="1")
    assert done.stderr == ""
    called, first_on_path, no_bytecode = done.stdout.splitlines()[-1].split("|")
    assert called.strip() == command.strip()
    assert Path(first_on_path).resolve() == programs.resolve()
    assert no_bytecode == "unset"


def fake_python(folder: Path, script: str) -> str:
    program = folder / "fake-python"
    program.write_text("#!/bin/sh\n" + script, encoding="utf-8")
    program.chmod(0o755)
    return "PYTHON=./fake-python"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 1", "there is no working './fake-python'"),
        (
            'case "$*" in *version_info*) exit 1;; --version) echo Python 3.9.2;; esac',
            "is Python 3.9.2; howlow needs Python 3.11 or newer",
        ),
        ('case "$*" in *ensurepip*) exit 1;; esac', "comes without venv"),
        (
            'case "$*" in *"-m venv"*) mkdir -p .venv/bin; exit 1;; esac',
            "Nothing half-made is left",
        ),
    ],
    ids=["no python", "old python", "no venv", "failed install"],
)
def test_a_set_up_that_cannot_be_says_why_and_leaves_nothing(
    odd_copy: Path, script: str, words: str
) -> None:
    done = make(odd_copy, "setup", fake_python(odd_copy, script))
    assert done.returncode != 0
    assert words in done.stderr
    assert not (odd_copy / ".venv").exists()


@pytest.mark.parametrize("spoil", ["lock", "moved", "killed", "broken"])
def test_a_set_up_that_no_longer_fits_is_made_afresh(odd_copy: Path, spoil: str) -> None:
    programs = fake_set_up(odd_copy)
    if spoil == "lock":
        (odd_copy / "requirements.lock").write_text("another\n", encoding="utf-8")
    elif spoil == "moved":
        odd_copy = odd_copy.rename(odd_copy.with_name("moved"))
    elif spoil == "killed":
        (odd_copy / ".venv" / "packages.stamp").unlink()
    else:
        (programs / "python").unlink()
    done = make(odd_copy, "setup", fake_python(odd_copy, 'case "$*" in *-m*) exit 1;; esac'))
    assert "setting up .venv" in done.stdout
    assert done.returncode != 0


def test_the_commands_in_the_readme_are_those_of_the_makefile(repo: Path) -> None:
    readme = (repo / "README.md").read_text(encoding="utf-8")
    makefile = (repo / "Makefile").read_text(encoding="utf-8")
    written = re.findall(r"^    make *([a-z-]*)$|`make *([a-z-]*)`", readme, re.MULTILINE)
    targets = {first or second for first, second in written} - {""}
    assert targets >= {"test", "figures", "open-data"}
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.M)] == []
    for command in ("snakemake figures", "snakemake --configfile config/open-data.yaml"):
        assert f"`{command}`" in readme
        assert f".venv/bin/{command} " in makefile
    for options in ("--require-hashes -r requirements.lock", "--no-deps --no-build-isolation -e ."):
        assert f"    pip install {options}\n" in readme
        assert options in makefile


def test_git_ignores_what_is_made_or_fetched_and_nothing_else(odd_copy: Path) -> None:
    require(shutil.which("git"), "no git is installed")
    assert run(odd_copy, "git", "init", "--quiet").returncode == 0
    ignored = {
        "results/report.html",
        "results/published/estimates.csv",
        "results/published/README.md",
        "data/exscidata-load/raw/tenthirty.rda",
        ".venv/bin/python",
        ".snakemake/log/a.log",
        "logs/a.log",
        "benchmarks/fit/published.tsv",
        "workflow/howlow.egg-info/PKG-INFO",
        "workflow/howlow/__pycache__/a.pyc",
    }
    kept = {
        "results/README.md",
        "data/published/arms.csv",
        "data/sim-limbs/study.yaml",
        "workflow/howlow/data/fetching.py",
        "config/config.yaml",
        "benchmarks/run_time.py",
        "requirements.lock",
        "tests/data/raw.csv",
    }
    done = run(odd_copy, "git", "check-ignore", "--no-index", *sorted(ignored | kept))
    listed = set(done.stdout.replace('"', "").split("\n")) - {""}
    assert listed == ignored


@pytest.mark.parametrize(("ci", "outcome"), [("true", "Failed"), ("", "Skipped")])
def test_a_missing_requirement_skips_in_a_clone_and_fails_under_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: str
) -> None:
    monkeypatch.setenv("CI", ci)
    require(True, "never said")
    with pytest.raises(BaseException, match="a reason") as caught:
        require(False, "a reason")
    assert type(caught.value).__name__ == outcome
