"""Images to numbers: resized pixels and a histogram of gradient directions for each cell.

Needs numpy and Pillow only, so that a published model can use it.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIZES = (8, 16, 24, 32)
DIRECTIONS = 9
PIXEL_WEIGHT = 0.5


def fit_image(name, files, folder):
    """Chooses size and colour from a sample of the images."""
    sample = list(files[:: max(1, len(files) // 50)])[:50]
    sides, colourful = [], 0
    for file in sample:
        image = open_image(Path(folder) / file)
        if image is None:
            continue
        sides.append(min(image.size))
        pixels = np.asarray(image.resize((16, 16)), dtype=np.float32)
        colourful += np.abs(pixels - pixels.mean(axis=2, keepdims=True)).mean() > 4
    side = float(np.median(sides)) if sides else SIZES[0]
    size = max([size for size in SIZES if size <= side], default=SIZES[0])
    mode = "RGB" if colourful > 0.2 * len(sample) else "L"
    return {"type": "image", "column": name, "size": size, "mode": mode}


def encode_images(spec, files, folder):
    return np.stack([encode_image(spec, Path(folder) / file) for file in files])


def encode_image(spec, path):
    size = spec["size"]
    image = open_image(path)
    if image is None:
        print(f"{Path(path).name} cannot be read as an image; a blank one stands in for it", file=sys.stderr)
        image = Image.new("RGB", (size, size), "gray")
    small = image.resize((size, size), Image.Resampling.BILINEAR)
    large = image.convert("L").resize((2 * size, 2 * size), Image.Resampling.BILINEAR)
    pixels = np.asarray(small.convert(spec["mode"]), dtype=np.float32).ravel() / 255.0
    gradients = gradient_histograms(np.asarray(large, dtype=np.float32) / 255.0)
    return np.concatenate([(pixels - 0.5) * PIXEL_WEIGHT, gradients]).astype(np.float32)


def open_image(path):
    """The image in RGB, or None when the file is damaged: one of them must not end a run over thousands."""
    try:
        with Image.open(path) as image:
            # Transparent pixels have any colour underneath: white is what a viewer would show.
            if "A" in image.getbands() or "transparency" in image.info:
                image = image.convert("RGBA")
                image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
            return image.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def gradient_histograms(gray):
    """Histograms of gradient directions over a grid of cells, each 2x2 block scaled to unit length."""
    side = gray.shape[0]
    cells = max(2, min(8, side // 8))
    vertical, horizontal = np.gradient(gray)
    strength = np.hypot(vertical, horizontal)
    angle = (np.arctan2(vertical, horizontal) % np.pi) / np.pi * DIRECTIONS
    low = np.floor(angle).astype(int)
    share = angle - low
    cell = np.minimum(np.arange(side) * cells // side, cells - 1)
    rows, columns = np.meshgrid(cell, cell, indexing="ij")
    grid = np.zeros((cells, cells, DIRECTIONS))
    np.add.at(grid, (rows, columns, low % DIRECTIONS), strength * (1 - share))
    np.add.at(grid, (rows, columns, (low + 1) % DIRECTIONS), strength * share)
    blocks = [
        grid[row : row + 2, column : column + 2].ravel()
        for row in range(cells - 1)
        for column in range(cells - 1)
    ]
    return np.concatenate([block / np.sqrt((block**2).sum() + 1e-3) for block in blocks])
