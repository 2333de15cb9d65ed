"""A cup for every account: an SVG drawn from its id alone."""

import hashlib

_GROUNDS = ("#e8dcc6", "#d7e3d4", "#d9e2ea", "#ecd9d3", "#e4dcec", "#e9e3cf", "#d3e4e1")
_GLAZES = ("#31564d", "#7a4b32", "#2f4a6d", "#8a3a34", "#5b4a77", "#9a7427", "#3f6a3c", "#4a4f55")


def cup(account: str) -> str:
    """The picture of an account."""
    digest = hashlib.sha256(account.encode()).digest()
    ground, glaze = _GROUNDS[digest[0] % len(_GROUNDS)], _GLAZES[digest[1] % len(_GLAZES)]
    width, depth = 11 + digest[2] % 4, 10 + digest[3] % 6
    left, right, top, foot = 20 - width, 20 + width, 17, 17 + depth
    handle = (
        f'<path d="M{right - 1} {top + 2}q6 0 5 5t-7 4" fill="none" stroke="{glaze}" '
        'stroke-width="2"/>'
        if digest[4] % 2
        else ""
    )
    steam = "".join(
        f'<path d="M{x} 13q-2-2 0-4t0-4" fill="none" stroke="{glaze}" stroke-opacity=".45" '
        'stroke-width="1.6" stroke-linecap="round"/>'
        for x in ((20,), (16, 24), (14, 20, 26))[digest[5] % 3]
    )
    band = f'<path d="M{left + 1} {top + 4}h{2 * width - 2}" stroke="{ground}" stroke-width="1.4"/>'
    body = (
        f'<path d="M{left} {top}h{2 * width}c0 {depth * 0.8:.1f}-{width * 0.5:.1f} {depth}'
        f'-{width} {depth}s-{width}-{depth * 0.2:.1f}-{width}-{depth}z" fill="{glaze}"/>'
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="40" height="40">'
        f'<rect width="40" height="40" fill="{ground}"/>{steam}{handle}{body}'
        f"{band if digest[6] % 2 else ''}"
        f'<path d="M{20 - width // 2} {foot + 2}h{width}" stroke="{glaze}" stroke-opacity=".5" '
        'stroke-width="1.6" stroke-linecap="round"/></svg>'
    )
