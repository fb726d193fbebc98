"""Where the models lie that come inside published packages, and which ones they are."""

from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from vivavoce.chassis.errors import VivaError

DIGEST_SHOWN = 12


class ModelMissing(VivaError):
    """A model file isn't where the settings say, or its package isn't installed."""

    code = "model_missing"


def model_path(chosen: Path | None, package: str, inside: str) -> Path:
    """The chosen file, or the one at `inside` the package, which is located but never imported.

    Raises ModelMissing when there is no such file.
    """
    path = chosen or _inside(package, inside)
    if not path.is_file():
        raise ModelMissing(f"there is no model at {path}; set its path, or install {package}")
    return path


def version_of(path: Path) -> str:
    """The file's name and the beginning of its SHA-256, which together say which model it is."""
    return f"{path.name} {sha256(path.read_bytes()).hexdigest()[:DIGEST_SHOWN]}"


def _inside(package: str, inside: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelMissing(f"the package {package}, which carries {inside}, isn't installed")
    return Path(next(iter(spec.submodule_search_locations))) / inside
