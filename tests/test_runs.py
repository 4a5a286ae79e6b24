"""What a run holds: a lock that dies with it, and what its jobs need to know."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from howlow.errors import HowlowError
from howlow.runs import config_files, lock_folder, prepare_jobs


def test_a_folder_is_locked_once(tmp_path: Path) -> None:
    handle = lock_folder(tmp_path)
    with pytest.raises(HowlowError, match="another run of howlow is at work in this folder"):
        lock_folder(tmp_path)
    handle.close()
    lock_folder(tmp_path).close()


def test_a_killed_run_holds_no_lock(tmp_path: Path) -> None:
    code = (
        "import pathlib, time; from howlow.runs import lock_folder;"
        f"held = lock_folder(pathlib.Path({str(tmp_path)!r})); print('held', flush=True);"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "held\n"
        with pytest.raises(HowlowError):
            lock_folder(tmp_path)
        run.kill()
    lock_folder(tmp_path).close()


def test_jobs_know_the_configuration_of_their_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOWLOW_CONFIG", "put back afterwards")
    monkeypatch.delenv("HOWLOW_CONFIG")
    monkeypatch.setenv("PATH", "/somewhere")
    assert config_files() == [Path("config/config.yaml")]
    prepare_jobs([Path("config/config.yaml"), Path("mine å.yaml")])
    assert config_files() == [Path("config/config.yaml"), Path("mine å.yaml")]
    assert os.environ["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
