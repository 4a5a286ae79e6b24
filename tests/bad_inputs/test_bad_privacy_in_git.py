"""S10: raw data and results stay out of git."""

import os
import subprocess
from pathlib import Path

import pytest
from conftest import require


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git, untouched by the settings of whoever runs the tests."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    people = {
        f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in NAMED
    }
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=own | settings | people,
        capture_output=True,
        text=True,
        check=False,
    )


NAMED = ("NAME", "EMAIL")
RAW = ("data/my-study/raw/table.csv", "data/my-study/raw/deep/er.xlsx", "data/å b/raw/x.csv")


@pytest.fixture
def project(repo: Path, tmp_path: Path) -> Path:
    """A repository of its own with the project's ignore file and hook."""
    folder = tmp_path / "project"
    (folder / "hooks").mkdir(parents=True)
    (folder / ".gitignore").write_bytes((repo / ".gitignore").read_bytes())
    hook = folder / "hooks" / "pre-commit"
    hook.write_bytes((repo / ".githooks" / "pre-commit").read_bytes())
    hook.chmod(0o755)
    assert git(folder, "init", "--quiet").returncode == 0
    git(folder, "config", "core.hooksPath", "hooks")
    return folder


def put(folder: Path, name: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("participant,kg\nP1,50\n", encoding="utf-8")


def test_s10_nothing_under_raw_or_results_is_tracked(repo: Path) -> None:
    listed = git(repo, "ls-files", "-z", "--", "data/*/raw/*", "results/*")
    require(listed.returncode == 0, "not a git checkout")
    assert [name for name in listed.stdout.split("\0") if name] == ["results/README.md"]


@pytest.mark.parametrize("name", [*RAW, "results/report.html", "results/my-study/study.json"])
def test_s10_git_ignores_raw_data_and_results(project: Path, name: str) -> None:
    put(project, name)
    put(project, "data/my-study/study.yaml")
    assert git(project, "add", "--all").returncode == 0
    tracked = git(project, "ls-files").stdout.splitlines()
    assert sorted(tracked) == [".gitignore", "data/my-study/study.yaml", "hooks/pre-commit"]


@pytest.mark.parametrize("name", [*RAW, "results/report.html"])
def test_s10_the_hook_refuses_raw_data_that_was_forced_in(project: Path, name: str) -> None:
    put(project, name)
    git(project, "add", "--force", name)
    done = git(project, "commit", "--quiet", "--message", "data")
    assert done.returncode != 0
    assert "Raw data and results do not belong in git" in done.stderr
    assert name in done.stderr
    assert git(project, "log").returncode != 0  # no commit was made


def test_s10_the_hook_lets_everything_else_through(project: Path) -> None:
    put(project, "data/my-study/study.yaml")
    put(project, "results/README.md")
    git(project, "add", "--force", "data", "results/README.md")
    done = git(project, "commit", "--quiet", "--message", "a study")
    assert (done.returncode, done.stderr) == (0, "")
    # A file that is taken out of git again is no reason to refuse.
    put(project, "data/my-study/raw/x.csv")
    git(project, "add", "--force", "data/my-study/raw/x.csv")
    git(project, "commit", "--quiet", "--no-verify", "--message", "by mistake")
    git(project, "rm", "--quiet", "--cached", "data/my-study/raw/x.csv")
    assert git(project, "commit", "--quiet", "--message", "out again").returncode == 0


def test_s10_the_hook_is_a_program(repo: Path) -> None:
    assert os.access(repo / ".githooks" / "pre-commit", os.X_OK)
