"""Take the picture of the first screen that the README shows: first_screen.py [MONTH]; needs Chromium.

The picture carries the finding it shows, so that a test can tell when it is out of date.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import chromium
from PIL import Image, PngImagePlugin

from helpers import paths

SIZE, SHOWN = (1440, 880), (960, 587)  # the window, and the picture
OUT = paths.ROOT / "docs" / "first_screen.png"


def main(month: str = "") -> None:
    """Take it of the report of a month, the latest if not given."""
    folder = chromium.report_folder(month)
    with tempfile.TemporaryDirectory() as place:
        made = Path(place) / "screen.png"
        chromium.run(
            folder / "index.html", made, f"--window-size={SIZE[0]},{SIZE[1]}", f"--screenshot={made}",
            "--blink-settings=preferredColorScheme=1",
        )  # fmt: skip
        picture = Image.open(made).convert("RGB").resize(SHOWN, Image.Resampling.LANCZOS)
    told = PngImagePlugin.PngInfo()
    told.add_text("finding", json.loads((folder / "run.json").read_text(encoding="utf-8"))["finding"])
    picture.quantize(96, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(OUT, optimize=True, pnginfo=told)
    print(paths.shown(OUT))


if __name__ == "__main__":
    main(*sys.argv[1:])
