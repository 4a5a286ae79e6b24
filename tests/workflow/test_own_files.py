"""A file of the user's own in data/<study>/raw/ survives whatever Snakemake does."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

ROWS = [f"P{number},{('light', 'heavy')[number % 2]}" for number in range(10)]
OWN = "participant,arm,visit,outcome,value\n" + "".join(
    f"{row},{visit},leg_press,{50 + 3 * number % 17 + gain}.5\n"
    for number, row in enumerate(ROWS)
    for visit, gain in (("baseline", 0), ("post", 5 + number % 3))
)
PUBLIC = "participant,sex\n" + "".join(f"P{number},{'FM'[number % 2]}\n" for number in range(10))


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


STUDY = f"""\
id: my-study
kind: participants
title: A study with a table of its own and a public one
source:
  citation: Somebody, somewhere
  licence: CC0-1.0
  files:
    - {{file: own.csv, sha256: {digest(OWN)}}}
    - {{file: public.csv, url: "https://example.org/public.csv", sha256: {digest(PUBLIC)}}}
population: {{description: healthy adults}}
design: parallel
randomised: "yes"
arms:
  light: {{label: Light, rm: [30, 30]}}
  heavy: {{label: Heavy, rm: [10, 10]}}
reference: heavy
visits:
  baseline: {{label: Before, week: 0, phase: baseline}}
  post: {{label: After, week: 12, phase: training}}
outcomes:
  leg_press: {{label: Leg press, construct: strength, unit: kg, measure: one_rm, region: legs}}
primary_outcome: leg_press
contrasts:
  - {{contrast: light - heavy, question: load}}
at: [post]
tables:
  - file: raw/own.csv
  - {{file: raw/public.csv, holds: participants, name: people}}
columns: {{sex: sex}}
"""


class Project:
    """A copy of the workflow with one study and no network."""

    def __init__(self, folder: Path, repo: Path) -> None:
        self.folder, self.mirror = folder, folder.parent / "mirror"
        for name in ("workflow/rules", "profiles", "config"):
            shutil.copytree(repo / name, folder / name)
        for name in ("Snakefile", "requirements.lock"):
            shutil.copy(repo / name, folder / name)
        self.study = folder / "data" / "my-study"
        (self.study / "raw").mkdir(parents=True)
        self.own = self.study / "raw" / "own.csv"
        (self.study / "study.yaml").write_text(STUDY, encoding="utf-8")
        config = folder / "config" / "config.yaml"
        text = config.read_text(encoding="utf-8")
        listed = text[text.index("studies:") : text.index("outcomes:")]
        config.write_text(text.replace(listed, "studies: [my-study]\n"), encoding="utf-8")
        self.mirror.mkdir()
        (self.mirror / "public.csv").write_text(PUBLIC, encoding="utf-8")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "snakemake", *arguments],
            cwd=self.folder,
            env={**os.environ, "HOWLOW_MIRROR": str(self.mirror)},
            capture_output=True,
            text=True,
            check=False,
        )


def test_an_own_raw_file_is_never_made_replaced_or_deleted(repo: Path, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", repo)
    target = "results/my-study/measurements.csv"

    # It is not there: told before anything runs.
    done = project.run(target)
    told = done.stdout + done.stderr
    assert done.returncode != 0
    assert "'own.csv' is not public, and it is not in data/my-study/raw/" in told
    assert "Traceback" not in told
    assert not (project.folder / "results").exists()

    # It is there: forced runs fetch the public file, again and again, and leave it alone.
    project.own.write_text(OWN, encoding="utf-8")
    before = project.own.stat()
    for arguments in (["--dry-run"], [], []):
        done = project.run("--forceall", target, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Fetching data/my-study/raw/public.csv" in done.stdout + done.stderr
    assert (project.study / "raw" / "public.csv").read_text(encoding="utf-8") == PUBLIC
    assert (project.folder / target).stat().st_size > 100

    # Asked for by name, it is there already; deleting all outputs does not count it as one.
    done = project.run("--forceall", "data/my-study/raw/own.csv")
    assert "Fetching" not in done.stdout + done.stderr
    done = project.run("--delete-all-output", target)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (project.folder / target).exists()
    after = project.own.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert project.own.read_text(encoding="utf-8") == OWN
