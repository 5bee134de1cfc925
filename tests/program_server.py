"""Serves the program `tongban` to tests: every run is a fork of a process that has started.

`python program_server.py FOLDER` makes FOLDER/tongban, which runs as the program does, in the
folder, with the variables, the streams and the exit status of its caller.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from tongban.cli import main
from tongban.kernel import Kernel

CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    asked = json.dumps([os.getcwd(), dict(os.environ), sys.argv[1:]]).encode()
    socket.send_fds(server, [len(asked).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(asked)
    sys.exit(int(server.recv(8) or 70))
"""
WARM = (
    "cryptography.hazmat.backends.openssl.backend",
    "cryptography.hazmat.primitives.serialization",
    "tongban.plugins.casework.groups",
    "tongban.plugins.casework.reporting.command",
    "tongban.plugins.delivery.certificate",
    "tongban.plugins.exchange.pump",
    "tongban.plugins.process",
    "tongban.plugins.stores.sqlite.embedded",
)
"""What commands import when they are first needed: imported once, for every run."""


def serve(folder: Path) -> None:
    """Answers until nobody reads what it writes."""
    address, program = folder / "socket", folder / "tongban"
    assert Kernel().items  # read once, for every run
    for name in WARM:
        import_module(name)
    gc.freeze()  # or each run looks through all of it when it ends
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(address))
        door.listen(16)
        program.write_text(CLIENT.format(python=sys.executable, address=str(address)))
        program.chmod(0o755)
        print("ready", flush=True)
        while True:
            caller, _ = door.accept()
            with caller:
                if os.fork() == 0:
                    door.close()
                    answer(caller)
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def answer(caller: socket.socket) -> None:
    """Runs one command in a fork of this one, and tells the caller how it ended."""
    size, streams, _, _ = socket.recv_fds(caller, 4, 3)
    asked = b""
    while len(asked) < int.from_bytes(size, "big"):
        asked += caller.recv(65_536)
    folder, environment, words = json.loads(asked)
    run = os.fork()
    if run:
        _, status = os.waitpid(run, 0)
        caller.sendall(str(os.waitstatus_to_exitcode(status) & 255).encode())
        os._exit(0)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    caller.close()
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, closefd=False)  # noqa: SIM115 - they last as long as the process
        for number, mode in enumerate("rww")
    )
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["tongban", *words]
    main()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
