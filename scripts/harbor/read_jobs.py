"""read_jobs.py FOLDER...: loads every file of these job folders with Harbor's own models.

Prints a line a folder and one for each file that Harbor refuses; exits 1 when it refused one.
"""

import json
import sys
from pathlib import Path

from harbor.models.job.config import JobConfig
from harbor.models.job.lock import JobLock, TrialLock
from harbor.models.job.result import JobResult
from harbor.models.trajectories import Trajectory
from harbor.models.trial.config import TrialConfig
from harbor.models.trial.result import TrialResult

JOB = {"config.json": JobConfig, "result.json": JobResult, "lock.json": JobLock}
TRIAL = {"config.json": TrialConfig, "result.json": TrialResult, "lock.json": TrialLock}


class Reading:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read = 0
        self.refused: list[str] = []

    def load(self, model, path: Path):
        try:
            value = model.model_validate_json(path.read_text())
        except Exception as error:
            self.refused.append(f"{path}: {error}")
            return None
        self.read += 1
        return value

    def trial(self, folder: Path) -> None:
        for name, model in TRIAL.items():
            self.load(model, folder / name)
        trajectory = folder / "agent" / "trajectory.json"
        if trajectory.exists():
            self.load(Trajectory, trajectory)

    def job(self) -> None:
        loaded = {name: self.load(model, self.folder / name) for name, model in JOB.items()}
        trials = sorted(entry for entry in self.folder.iterdir() if entry.is_dir())
        for trial in trials:
            self.trial(trial)
        locks = [self.load(TrialLock, trial / "lock.json") for trial in trials]
        lock = loaded["lock.json"]
        if lock is not None and sorted(map(key, lock.trials)) != sorted(map(key, locks)):
            self.refused.append(f"{self.folder}/lock.json: its trials are not those of the folder")


def key(lock: TrialLock | None) -> str:
    """What Harbor compares two locks by, as text."""
    return repr(lock and lock._equality_key())


def main() -> int:
    folders = [Path(name) for name in sys.argv[1:]]
    failed = 0
    for folder in folders:
        reading = Reading(folder)
        reading.job()
        for text in reading.refused:
            print(f"refused: {text}")
        failed += len(reading.refused) > 0
        print(json.dumps({"job": folder.name, "read": reading.read, "refused": len(reading.refused)}))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
