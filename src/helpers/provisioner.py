"""What papermill asks for a kernel, when warm ones are in use: it hands over the fork that waits.

Registered in ``pyproject.toml`` under :data:`helpers.kernels.NAME` and chosen by ``JUPYTER_DEFAULT_PROVISIONER_NAME``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from helpers.kernels import Waiting


class WarmProvisioner(LocalProvisioner):
    """Hands papermill the kernel that waits, instead of starting a new Python."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Tell the waiting kernel what an ordinary one would have been started with."""
        waiting, Waiting.next_one = Waiting.next_one, None
        if waiting is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.cwd = str(kwargs.get("cwd") or Path.cwd())
        waiting.start(cmd, dict(kwargs["env"]), self.cwd)
        self.process, self.pid = waiting, waiting.pid
        return self.connection_info
