"""What all tests share: the places they read, and what to do where one is missing."""

import os
import shutil
import subprocess
from pathlib import Path

# One thread a process, and no window: set before numpy and matplotlib are first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")

# The same examples in each run, and no deadline: a shared machine stalls now and then.
settings.register_profile("howlow", deadline=None, derandomize=True)
settings.load_profile("howlow")


def require(condition: object, reason: str) -> None:
    """Go on if the condition holds; else skip the test, or fail it under CI=true."""
    if condition:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (a skip elsewhere, a failure under CI)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def repo() -> Path:
    """Return the root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared(repo: Path) -> Path:
    """Return the folder beside the checkout that holds the mirror of the open data."""
    folder = repo.parent / "shared"
    require((folder / "datasets").is_dir(), "no ../shared/datasets beside the checkout")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return the installed Chromium. Run by root, it needs `--no-sandbox`."""
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    require(found, "no Chromium is installed")
    return Path(str(found))


@pytest.fixture(scope="session")
def no_network() -> list[str]:
    """Return the start of a command line that runs the rest of it without a network."""
    prefix = ["unshare", "--map-root-user", "--net"]
    possible = shutil.which("unshare") and not subprocess.call(
        [*prefix, "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    require(possible, "no network namespace can be made here")
    return prefix


@pytest.fixture(scope="session")
def default_results(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a results folder of the default studies, as far as the synthesis stage."""
    from howlow.analysis.analysing import analyse
    from howlow.config.reading import read_config
    from howlow.data.ingestion import ingest
    from howlow.data.simulation import read_truth, simulate, write_simulated
    from howlow.synthesis.synthesising import synthesise

    config = read_config([repo / "config" / "config.yaml"])
    results = tmp_path_factory.mktemp("default") / "results"
    for study in config.studies:
        folder, output = repo / "data" / study, results / study
        simulated = None
        if (folder / "truth.yaml").is_file():
            simulated = output / "simulated.csv"
            write_simulated(simulate(read_truth(folder / "truth.yaml"), config.seed), simulated)
        ingest(folder, config, output, simulated)
        analyse(output, config)
    synthesise([results / study for study in config.studies], config, results)
    return results
