"""What belongs to the project: every file that git tracks or would."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NOT_OURS = ("node_modules", ".venv", "var", "dist", "build")


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """Paths relative to ROOT, of these suffixes or of any."""
    found = [path for path in _listed() if (ROOT / path).is_file()]
    return tuple(path for path in found if not suffixes or path.suffix in suffixes)


@cache
def _listed() -> tuple[Path, ...]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listing.returncode == 0:
        return tuple(sorted({Path(name) for name in listing.stdout.split("\0") if name}))
    return tuple(  # an unpacked archive
        sorted(
            path.relative_to(ROOT)
            for path in ROOT.rglob("*")
            if not any(part in _NOT_OURS for part in path.relative_to(ROOT).parts)
        )
    )


def text(path: Path) -> str:
    """The text of a file, or nothing where it is a picture or a database."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
