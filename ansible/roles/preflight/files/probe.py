"""What a machine is, as one JSON object: asked before anything on it is changed."""

import json
import os
import platform
import re
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path


def os_release() -> dict[str, str]:
    """The distribution, as the machine's own file tells it."""
    lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {key: value.strip('"') for key, value in pairs}


def k3s_version() -> str:
    """The version of the installed K3s; nothing when there is none, or none that answers."""
    try:
        told = subprocess.run(
            ["/usr/local/bin/k3s", "--version"], check=False, capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"v\d+\.\d+\.\d+\S*", told.stdout)
    return found.group() if told.returncode == 0 and found else ""


def main(admitted: list[str]) -> None:
    """Print the answer; ``admitted`` are the networks that the firewall will let in."""
    caller = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    release = os_release()
    # without SSH there is nobody to lock out
    expected = not caller or any(ip_address(caller) in ip_network(network) for network in admitted)
    answer = {
        "distribution": f"{release.get('ID', '')} {release.get('VERSION_ID', '')}",
        "architecture": platform.machine(),
        "k3s_version": k3s_version(),
        "caller": caller,
        "caller_admitted": expected,
    }
    sys.stdout.write(json.dumps(answer))


main(sys.argv[1:])
