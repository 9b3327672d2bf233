"""Ports on loopback: nothing that is started here listens anywhere else."""

import socket

HOST = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on now; somebody may a moment later."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
