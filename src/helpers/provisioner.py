"""What papermill asks for a kernel when warm ones are in use: it hands over the fork that waits, and knows it is ready.

Registered in ``pyproject.toml`` under :data:`helpers.kernels.NAME` and chosen by ``JUPYTER_DEFAULT_PROVISIONER_NAME``.
"""

from __future__ import annotations

from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
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


class WarmClient(AsyncKernelClient):
    """A client that need not listen for a fifth of a second whether a kernel has fallen silent.

    Jupyter's own client cannot know whether its subscription stands and whether everything said so far has come. Here
    the sockets were open before the client was made: the ``idle`` that ends the first question answers both.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Ask once and wait for the answer's last message; if it does not come, wait as Jupyter's client does."""
        asked = self.kernel_info()
        try:
            reply = await self.shell_channel.get_msg(timeout=1)
            while True:
                told = await self.iopub_channel.get_msg(timeout=0.5)
                of_this = told["parent_header"].get("msg_id") == asked
                if of_this and told["content"].get("execution_state") == "idle":
                    break
        except Empty:
            await super().wait_for_ready(timeout=timeout)
        else:
            self._handle_kernel_info_reply(reply)
