"""The key of the checkpoints, and their copy outside the store, both in the state folder."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shudi.settings import Settings, kept_secret


def audit_key(settings: Settings) -> Ed25519PrivateKey:
    """The key that signs checkpoints, made in the state folder if there is none."""
    text = kept_secret(
        settings.var / "audit-key", lambda: Ed25519PrivateKey.generate().private_bytes_raw().hex()
    )
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))


def checkpoints_path(settings: Settings) -> Path:
    """The copy of the checkpoints outside the store; ship it to another machine."""
    return settings.var / "audit-checkpoints.txt"


def checkpoint_notes(settings: Settings) -> list[str]:
    """The copied notes, oldest first."""
    path = checkpoints_path(settings)
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    # a note is five lines (C2SP signed-note layout), a blank one follows
    return ["\n".join(lines[start : start + 5]) for start in range(0, len(lines) - 5, 6)]
