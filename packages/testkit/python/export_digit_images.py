"""Writes scikit-learn's handwritten digits 0 to 4 as PNG files, one folder a class: at most 120 images each."""

import sys
from pathlib import Path

import numpy
from PIL import Image
from sklearn.datasets import load_digits

digits = load_digits()
for label in range(5):
    folder = Path(sys.argv[1]) / f"digit {label}"
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(digits.images[digits.target == label][:120]):
        pixels = (image * (255 / 16)).astype(numpy.uint8)
        Image.fromarray(pixels).resize((16, 16)).save(folder / f"{number}.png")
