"""The supervisor's configuration, written from the plan.

Paths of the home and all environments stay out of it: supervisord fills in `ENV_` expansions, and
each process reads its environment from the plan. So nothing needs the file format's escapes.
"""

import shlex
import sys

from vivavoce.cli.home import HOME_VARIABLE, SOCKET_VARIABLE
from vivavoce.cli.stack.names import LAUNCH
from vivavoce.cli.stack.parts import Plan, Process, Room

LOG_BYTES = "10MB"
LOG_BACKUPS = 3
START_TRIES = 8
PRIORITIES: dict[Room, int] = {"infrastructure": 10, "services": 20}
"""Groups stop one after the other, highest first; the processes of a group stop together."""

HEAD = f"""\
[supervisord]
logfile=%(ENV_{HOME_VARIABLE})s/logs/supervisor.log
logfile_maxbytes={LOG_BYTES}
logfile_backups={LOG_BACKUPS}
pidfile=%(ENV_{HOME_VARIABLE})s/run/supervisor.pid
childlogdir=%(ENV_{HOME_VARIABLE})s/logs
nodaemon=true
silent=true
umask=077

[unix_http_server]
file=%(ENV_{SOCKET_VARIABLE})s
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""


AS_ROOT = "user=root\n"


def supervisor_conf(plan: Plan, *, as_root: bool = False) -> str:
    """The text of supervisord.conf; root must say that it means to stay root."""
    programs = [_program(process) for process in plan.supervised()]
    groups = [_group(room, plan.of(room)) for room in PRIORITIES if plan.of(room)]
    head = HEAD.replace("[supervisord]\n", f"[supervisord]\n{AS_ROOT}") if as_root else HEAD
    return "\n".join([head, *programs, *groups])


def _program(process: Process) -> str:
    command = shlex.join((sys.executable, "-m", LAUNCH, process.name)).replace("%", "%%")
    return f"""\
[program:{process.name}]
command={command}
autostart={str(process.room == "infrastructure").lower()}
autorestart=true
startsecs={process.start_seconds}
startretries={START_TRIES}
stopsignal=TERM
stopwaitsecs={process.stop_seconds}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile=%(ENV_{HOME_VARIABLE})s/logs/{process.name}.log
stdout_logfile_maxbytes={LOG_BYTES}
stdout_logfile_backups={LOG_BACKUPS}
"""


def _group(room: Room, processes: tuple[Process, ...]) -> str:
    names = ",".join(process.name for process in processes)
    return f"[group:{room}]\nprograms={names}\npriority={PRIORITIES[room]}\n"
