"""ask_viewer.py RESULTS JOB...: starts `harbor view` on loopback and asks its HTTP API for these jobs.

Each must be listed with all its trials; of each trial the result must load, and its trajectory where there is one.
"""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

PORT = 18437
BASE = f"http://127.0.0.1:{PORT}/api"


def get(path: str):
    with urllib.request.urlopen(BASE + path, timeout=30) as answer:
        return json.load(answer)


def wait(viewer: subprocess.Popen) -> None:
    for _ in range(120):
        if viewer.poll() is not None:
            sys.exit(f"harbor view ended with code {viewer.returncode}")
        try:
            get("/health")
            return
        except OSError:
            time.sleep(0.5)
    sys.exit("harbor view did not answer within a minute")


def main() -> None:
    results, names = Path(sys.argv[1]), sys.argv[2:]
    viewer = subprocess.Popen(
        ["harbor", "view", str(results), "--host", "127.0.0.1", "--port", str(PORT)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait(viewer)
        listed = {job["name"] for job in get("/jobs")["items"]}
        for name in names:
            assert name in listed, f"{name} is not among the jobs {sorted(listed)}"
            show(results / name, name)
    finally:
        viewer.terminate()
        viewer.wait()


def show(folder: Path, name: str) -> None:
    on_disk = {trial.parent.name for trial in folder.glob("*/result.json")}
    shown = {trial["name"] for trial in get(f"/jobs/{name}/trials?page_size=100")["items"]}
    assert shown == on_disk, f"{name}: shows {sorted(shown)}, on disk are {sorted(on_disk)}"
    steps = 0
    for trial in sorted(shown):
        assert get(f"/jobs/{name}/trials/{trial}")["trial_name"] == trial
        if (folder / trial / "agent" / "trajectory.json").exists():
            steps += len(get(f"/jobs/{name}/trials/{trial}/trajectory")["steps"])
    print(json.dumps({"job": name, "trials": len(shown), "steps": steps}))


if __name__ == "__main__":
    main()
