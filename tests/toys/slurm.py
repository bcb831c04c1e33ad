"""A Slurm of one node, with cores and GPUs that needn't exist: its daemons, started and stopped.

From Debian's `slurm-wlm` and `munge`, as root, beside any other Slurm: it has its own
configuration, key, ports and folders.
"""

import os
import re
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scancel", "squeue")

#: The name of the one node.
NODE = "node1"
#: What makes the node another machine than the one that jobs are sent from: a name, processes that
#: end with its daemon, and Slurm's files where it is installed (the plugin takes SLURM_CONF away).
MACHINE = ("unshare", "--uts", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
SET_UP = f"hostname {NODE} && mount --bind {{folder}} /etc/slurm && exec slurmd -D"
#: A daemon ends when the tests do, also if these are killed.
ENDING = ("setpriv", "--pdeathsig", "KILL")
#: No accounting, and nothing that needs control groups: it starts in a container, too.
CONFIGURATION = """
ClusterName=toy
SlurmctldHost={head}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0
SlurmdParameters=config_overrides
MinJobAge=3600
KillWait=1
GresTypes=gpu
NodeName={node} NodeAddr=127.0.0.1 Port={ports[1]} CPUs={cores} RealMemory={memory} Gres=gpu:{gpus}
PartitionName=cpu Nodes={node} Default=YES MaxTime=INFINITE
PartitionName=gpu Nodes={node} MaxTime=INFINITE
"""


def missing():
    """Return which of Slurm's programs aren't here."""
    return [name for name in PROGRAMS if shutil.which(name, path=search_path()) is None]


def search_path():
    """Return where programs are looked for: the daemons are root's."""
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"


@contextmanager
def slurm(cores=4, memory=64_000, gpus=2):
    """Start a cluster; yield the variables with which Slurm's commands find it.

    cores, memory (MB), gpus: what the node claims to have. The devices are fakes. Everything
    that was started has ended when this has, also jobs.
    """
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        environ = write(folder, cores=cores, memory=memory, gpus=gpus)
        commands = {
            "munged": ["munged", "--foreground", "--force", *munge_files(folder)],
            "slurmctld": ["slurmctld", "-D"],
            "slurmd": [*MACHINE, "sh", "-c", SET_UP.format(folder=folder)],
        }
        for name, command in commands.items():
            log = stack.enter_context(open(folder / f"{name}.log", "w"))
            daemon = subprocess.Popen([*ENDING, *command], stdout=log, stderr=log, env=environ)
            stack.callback(stop, daemon)
        stack.callback(cancel_all, environ)
        wait_until_idle(environ, folder)
        yield environ


def write(folder, *, cores, memory, gpus):
    """Write what the daemons read into `folder`; return the environment for them and for users."""
    for name in ("state", "spool"):
        (folder / name).mkdir()
    for i in range(gpus):
        # Slurm wants devices; these two throw away what is written to them.
        os.mknod(folder / f"gpu{i}", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    (folder / "gres.conf").write_text(f"Name=gpu File={folder}/gpu[0-{gpus - 1}]\n")
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    head = socket.gethostname().split(".")[0]
    (folder / "slurm.conf").write_text(
        CONFIGURATION.format(
            folder=folder,
            head=head,
            node=NODE,
            ports=free_ports(2),
            cores=cores,
            memory=memory,
            gpus=gpus,
        )
    )
    return {**os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "PATH": search_path()}


def munge_files(folder):
    """Return the arguments with which munged uses files of its own."""
    return [f"--{what}-file={folder}/munge.{what}" for what in ("key", "log", "pid", "seed")] + [
        f"--socket={folder}/munge.socket"
    ]


def free_ports(many):
    """Return ports on which nothing listens."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(many)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def wait_until_idle(environ, folder, seconds=30):
    """Wait until the node takes jobs."""
    deadline = time.monotonic() + seconds
    while "idle" not in told(environ, "sinfo", "--noheader", "--format=%t"):
        logs = "".join(path.read_text() for path in folder.glob("*.log"))
        assert time.monotonic() < deadline, f"Slurm did not start:\n{logs}"
        time.sleep(0.2)


def told(environ, *command):
    """Return what one of Slurm's commands prints."""
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=30).stdout


def queue(environ):
    """Return the jobs that Slurm knows, finished ones too: one dictionary of `scontrol` a job."""
    lines = told(environ, "scontrol", "--oneliner", "show", "jobs").splitlines()
    return [dict(re.findall(r"(\S+?)=(\S*)", line)) for line in lines if "JobId=" in line]


def cancel_all(environ):
    """Cancel all jobs, and wait until their processes have ended."""
    subprocess.run(["scancel", "--user=root"], env=environ, capture_output=True, timeout=30)
    deadline = time.monotonic() + 20
    while told(environ, "squeue", "--noheader") and time.monotonic() < deadline:
        time.sleep(0.2)


def stop(daemon):
    """End a daemon."""
    daemon.terminate()
    try:
        daemon.wait(10)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()
