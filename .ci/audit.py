"""Looks up the locked packages in the advisory databases (pip-audit), and says plainly what could not be looked up.

Exit 1 for a known vulnerability. Where no advisory service answers, nothing is found out and nothing fails: pip-audit
itself would then report that there are no known vulnerabilities, which is not what it knows.
"""

import json
import subprocess
import sys
from pathlib import Path

LOCK = "requirements-dev.txt"  # holds what runs and what tests
TIMEOUT_S = 180


def main() -> int:
    """Print a line for each finding and one for the whole; gives the exit code."""
    command = [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--timeout", "10"]
    command += ["--disable-pip", "--require-hashes", "-r", LOCK, "-f", "json"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S, cwd=Path(__file__).parents[1]
        )
        packages = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError) as error:
        print(f"audit: NOT DONE, no advisory service answered ({type(error).__name__}).")
        return 0
    skipped = [package for package in packages if "skip_reason" in package]
    bad = [package for package in packages if package.get("vulns")]
    for package in bad:
        for found in package["vulns"]:
            fixed = ", ".join(found["fix_versions"]) or "no version yet"
            print(f"audit: {package['name']} {package['version']}: {found['id']}, mended in {fixed}")
    looked_up = len(packages) - len(skipped)
    if not looked_up:
        print(
            f"audit: NOT DONE, the advisory service knows none of the {len(packages)} locked packages (no way to it from here)."
        )
    else:
        print(
            f"audit: {looked_up} of {len(packages)} locked packages looked up, {len(bad)} with known vulnerabilities."
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
