"""Why something failed, from Snakemake's own errors, shortened."""

import re

from facebench.terminal.joblog import clean, raised

LOCATION = re.compile(r"\A\w+ in (rule \w+ in )?file \"[^\n]*\", line \d+:\n")
FRAME = re.compile(r"^ +File \"[^\n]*\", line \d+.*$\n?", re.MULTILINE)
STATUS = re.compile(r"exit status (-?\d+)|died with <Signals\.(\w+)")

#: What Snakemake's plugin for Slurm says of a job that failed, or that wasn't taken.
SLURM = re.compile(r"SLURM status is: '(\w+)'")
REFUSED = re.compile(r"sbatch failed\. The error message was '(.*?)'\.$", re.MULTILINE | re.DOTALL)
ENDED = {
    "TIMEOUT": "It took longer than it had asked for",
    "OUT_OF_MEMORY": "It needed more memory than it had asked for",
    "CANCELLED": "It was cancelled",
    "NODE_FAIL": "Its machine failed",
}


def without_place(text: str) -> str:
    r"""Return an error of Snakemake without where in the workflow it was raised.

    >>> without_place('WorkflowError in file "a.smk", line 3:\nNo x.\n  File "a", line 3, in b')
    'No x.'
    """
    if "Traceback (most recent call last)" in text:
        return raised(clean(text))
    return clean(FRAME.sub("", LOCATION.sub("", text)))


def of_a_process(text: str) -> str:
    """Return what is known of a process that ended by itself; nothing if no process did.

    >>> of_a_process("Command 'x' returned non-zero exit status 1.")
    'It ended with exit status 1 and without a message in its log.'
    """
    found = STATUS.search(text)
    if not found:
        return ""
    status = found[1] or found[2]
    if status in ("137", "-9", "SIGKILL"):
        return "It was killed, most likely because it needed more memory than there is."
    return f"It ended with exit status {status} and without a message in its log."


def of_slurm(text: str) -> str:
    """Return what Slurm knows of a job that failed; nothing if only the job's log knows.

    >>> of_slurm("SLURM-job '7' failed, SLURM status is: 'TIMEOUT'. Reason: Unknown.")
    'It took longer than it had asked for (Slurm says TIMEOUT).'
    >>> of_slurm("SLURM sbatch failed. The error message was 'sbatch: error: no queue'.\\n ...")
    'Slurm refused the job: sbatch: error: no queue'
    """
    refused, status = REFUSED.search(text), SLURM.search(text)
    if refused:
        return f"Slurm refused the job: {refused[1]}"
    if status and status[1] in ENDED:
        return f"{ENDED[status[1]]} (Slurm says {status[1]})."
    return ""


def read_whole(path: str) -> str:
    """Return a log under its name."""
    try:
        with open(path, errors="replace") as file:
            return f"\n{path}:\n{clean(file.read())}"
    except OSError:
        return f"\n{path}: there is none"
