"""Formats a broker's storage on its first start, and then becomes that broker.

Called as `python -m vivavoce.cli.stack.kafka_runner FOLDER NAME CLUSTER_ID JAVA OPTION…`. All paths are
relative to the folder, since Kafka's configuration and Java's class path can't hold every path.
"""

import os
import subprocess
import sys
from pathlib import Path

FORMATTED = "meta.properties"
STORAGE_TOOL, SERVER = "kafka.tools.StorageTool", "kafka.Kafka"


def main() -> None:
    """Replace this process by the broker; a storage that can't be formatted ends it."""
    folder, name, cluster_id, *java = sys.argv[1:]
    os.chdir(folder)
    configuration = f"{name}.properties"
    if not (Path(name) / FORMATTED).exists():
        _format(java, configuration, cluster_id)
    os.execv(java[0], [*java, SERVER, configuration])


def _format(java: list[str], configuration: str, cluster_id: str) -> None:
    command = [*java, STORAGE_TOOL, "format", f"--cluster-id={cluster_id}", "--config", configuration]
    formatted = subprocess.run(command, check=False)
    if formatted.returncode != 0:
        sys.exit(f"The storage could not be formatted: exit code {formatted.returncode}.")


if __name__ == "__main__":
    main()
