"""The limits that a builder without the right to raise its own may give to what it runs."""

import resource
from pathlib import Path


def settings(folder):
    """Writes a containers.conf whose limits this machine can keep, and returns its path."""
    path = Path(folder) / "containers.conf"
    if not path.exists():
        # buildah first lowers its own number of processes to the number of process ids.
        processes = min(resource.getrlimit(resource.RLIMIT_NPROC)[0], int(Path("/proc/sys/kernel/pid_max").read_text()))
        limits = {"nofile": resource.getrlimit(resource.RLIMIT_NOFILE)[0], "nproc": processes}
        listed = ", ".join(f'"{name}={limit}:{limit}"' for name, limit in limits.items() if limit > 0)
        path.write_text(f"[containers]\ndefault_ulimits = [{listed}]\n")
    return path
