"""The whole workflow on real data, in a folder named `å b`, without a network."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from howlow.analysis.estimates import read_estimates

pytestmark = [pytest.mark.workflow, pytest.mark.mirror]
OPEN_DATA = ["--configfile", "config/open-data.yaml"]


def tracked(repo: Path) -> list[str]:
    """Files that git tracks or would track; a copy of them is a fresh clone."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repo,
        check=True,
        capture_output=True,
    ).stdout
    return [name for name in listed.decode().split("\0") if name and (repo / name).is_file()]


class Clone:
    """A copy of the project in which the workflow is run."""

    def __init__(self, folder: Path, repo: Path, mirror: Path, prefix: list[str]) -> None:
        self.folder, self.prefix = folder, prefix
        for name in tracked(repo):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((repo / name).read_bytes())
        # The clone's own package, so that a test may change it.
        self.environment = {
            **os.environ,
            "HOWLOW_MIRROR": str(mirror),
            "PYTHONPATH": str(folder / "workflow"),
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Snakemake in the clone."""
        return subprocess.run(
            [*self.prefix, sys.executable, "-m", "snakemake", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def jobs(self, *arguments: str) -> dict[str, int]:
        """How many jobs of each rule a dry run would start."""
        done = self.run("--dry-run", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        text = done.stdout + done.stderr
        if "Nothing to be done" in text:
            return {}
        table = text.split("Job stats:")[1].strip().splitlines()[2:]
        found = {}
        for line in table:
            rule, count = line.split()
            if rule == "total":
                break
            found[rule] = int(count)
        return found


@pytest.fixture(scope="module")
def clone(
    repo: Path, shared: Path, no_network: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Clone:
    """A clone in which the open-data run is done, without a network."""
    folder = tmp_path_factory.mktemp("clone") / "å b"
    made = Clone(folder, repo, shared / "datasets", no_network)
    fresh = made.jobs()
    assert fresh["ingest"] == 3
    done = made.run(*OPEN_DATA)
    assert done.returncode == 0, done.stdout + done.stderr
    return made


@pytest.fixture
def changed(clone: Clone) -> Iterator[Clone]:
    """The clone, with every file that a test changes put back."""
    kept = {
        path: path.read_bytes()
        for folder in ("config", "data", "workflow")
        for path in (clone.folder / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    yield clone
    for path, content in kept.items():
        if path.read_bytes() != content:
            path.write_bytes(content)


@pytest.fixture(scope="module")
def estimates(clone: Clone) -> pd.DataFrame:
    return read_estimates(clone.folder / "results/estimates.csv").set_index("estimate_id")


# Recomputed with R 4.2.2 from the same files (lm: post ~ pre + group, complete cases; paired and
# Welch t test of the changes); the analysis is that of the data's authors.
GOLDEN = [
    ("exscidata-load/leg_press/light - heavy/post/raw/ancova", -40.78, -73.66, -7.91, 2),
    ("exscidata-load/biceps_curl/light - heavy/post/raw/ancova", -2.27, -4.31, -0.23, 2),
    ("exscidata-load/bench_press/light - heavy/post/raw/ancova", -3.59, -7.83, 0.65, 2),
    ("exscidata-volume/leg_lean/three_sets - one_set/post/raw/paired", 122.8, 8.6, 237.0, 1),
    ("exscidata-volume/leg_lean/three_sets - one_set/post/raw/unpaired", 122.8, -59.6, 305.1, 1),
]


@pytest.mark.parametrize(("estimate_id", "estimate", "low", "high", "digits"), GOLDEN)
def test_the_numbers_of_the_open_data_come_out_to_the_printed_digits(
    estimates: pd.DataFrame, estimate_id: str, estimate: float, low: float, high: float, digits: int
) -> None:
    row = estimates.loc[estimate_id]
    found = [round(row[name], digits) for name in ("estimate", "ci_low", "ci_high")]
    assert found == [estimate, low, high]


def test_the_correlation_between_legs_comes_out(estimates: pd.DataFrame) -> None:
    paired = estimates.loc["exscidata-volume/leg_lean/three_sets - one_set/post/raw/paired"]
    assert "correlation of change between limbs 0.665" in paired["note"]


@pytest.mark.parametrize(
    ("arm", "at", "per_cent", "n"),
    [
        ("control", "disuse_69", -8.01, 9),
        ("control", "recovery_10", -4.69, 8),
        ("exercise", "disuse_69", 2.86, 18),
        ("exercise", "recovery_10", 3.56, 17),
    ],
)
def test_bed_rest_costs_what_the_archive_says(
    clone: Clone, arm: str, at: str, per_cent: float, n: int
) -> None:
    # The archive's figures are means of each person's per cent change.
    from howlow.data.measurements import read_measurements

    long = read_measurements(clone.folder / "results/nasa-bedrest/measurements.csv")
    wide = long[(long["outcome"] == "quadriceps_csa") & (long["arm"] == arm)].pivot(
        index="participant", columns="visit", values="value"
    )
    change = (100 * (wide[at] / wide["baseline"] - 1)).dropna()
    assert (round(change.mean(), 2), len(change)) == (per_cent, n)


def test_every_promised_file_is_there(clone: Clone) -> None:
    results = clone.folder / "results"
    for name in ("report.html", "estimates.csv", "findings.csv", "evidence.csv", "README.md"):
        assert (results / name).stat().st_size > 0
    assert len(list((results / "figures").glob("*.svg"))) > 40


def test_a_second_run_does_nothing(clone: Clone) -> None:
    done = clone.run(*OPEN_DATA)
    assert done.returncode == 0
    assert "Nothing to be done" in done.stdout + done.stderr


def test_one_changed_key_reruns_only_what_depends_on_it(changed: Clone) -> None:
    path = changed.folder / "config/config.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("max_weeks: 26", "max_weeks: 20"), encoding="utf-8")
    again = {"provenance", "synthesise", "draw", "report_page", "all"}
    assert set(changed.jobs(*OPEN_DATA)) == again
    path.write_text(text.replace("alpha: 0.05", "alpha: 0.10"), encoding="utf-8")
    jobs = changed.jobs(*OPEN_DATA)
    assert jobs["fit"] == 6
    assert "ingest" not in jobs


def test_a_change_in_one_study_reruns_that_study(changed: Clone) -> None:
    path = changed.folder / "data/exscidata-load/study.yaml"
    text = path.read_text(encoding="utf-8").replace("label: 30 RM", "label: Thirty RM")
    path.write_text(text, encoding="utf-8")
    os.utime(path, (0, 0))  # older than its results, as after unzipping
    jobs = changed.jobs(*OPEN_DATA)
    assert (jobs["ingest"], jobs["fit"]) == (1, 1)


def test_changed_code_reruns_and_a_changed_comment_does_not(changed: Clone) -> None:
    path = changed.folder / "workflow/howlow/synthesis/pooling.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\n# a comment more\n", encoding="utf-8")
    assert changed.jobs(*OPEN_DATA) == {}
    path.write_text(text.replace("FEW_TRIALS = 5", "FEW_TRIALS = 4"), encoding="utf-8")
    jobs = changed.jobs(*OPEN_DATA)
    assert "synthesise" in jobs
    assert "fit" not in jobs


def test_a_second_run_beside_the_first_is_told_so(clone: Clone) -> None:
    with (clone.folder / ".snakemake/howlow.lock").open("a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = clone.run(*OPEN_DATA)
    assert done.returncode != 0
    assert "another run of howlow is at work in this folder" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_fault_in_the_config_is_told_in_plain_words(changed: Clone) -> None:
    path = changed.folder / "config/config.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("alpha: 0.05", "alhpa: 0.05\nalpha: yes"), encoding="utf-8")
    done = changed.run("--dry-run")
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Did you mean 'alpha'" in said
    assert 'found "yes"' in said
    assert "Traceback" not in said


def test_code_in_a_configuration_is_refused_before_it_runs(changed: Clone) -> None:
    path = changed.folder / "config/config.yaml"
    ran = changed.folder / "ran"
    code = f"__use_yte__: true\n__definitions__:\n  - open({str(ran)!r}, 'w').close()\n"
    path.write_text(code + path.read_text(encoding="utf-8"), encoding="utf-8")
    done = changed.run("--dry-run")
    assert done.returncode != 0
    assert "__use_yte__" in done.stdout + done.stderr
    assert not ran.exists()


def test_a_value_from_the_command_line_is_refused_with_advice(clone: Clone) -> None:
    done = clone.run("--dry-run", "--config", "alpha=0.1")
    assert done.returncode != 0
    assert "--configfile" in done.stdout + done.stderr


def test_snakemakes_own_report_works(clone: Clone) -> None:
    done = clone.run(*OPEN_DATA, "--report", "results/snakemake-report.html")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (clone.folder / "results/snakemake-report.html").stat().st_size > 100_000


def test_the_printed_figures_are_a_target(clone: Clone) -> None:
    assert set(clone.jobs("figures", *OPEN_DATA)) == {"draw_print", "figures"}


def test_the_catalogs_snakefile_makes_the_same_report(clone: Clone) -> None:
    assert clone.jobs(*OPEN_DATA, "--snakefile", "workflow/Snakefile") == {}


def test_more_studies_do_not_rerun_those_that_are_done(clone: Clone) -> None:
    # The open-data run is done; the default one needs only what is made from all studies.
    assert set(clone.jobs()) == {"synthesise", "draw", "provenance", "report_page", "all"}
