"""One input column each: how it is fitted on training rows, and how it is turned into numbers.

A fitted column is a plain JSON object (a "spec"), so that a published model needs no pickle. Everything here runs at
prediction time too and therefore needs numpy and pandas only. Values arrive as strings; an empty string is missing.
"""

import numpy as np
import pandas as pd

MAX_LEVELS = 40
HEAVY_TAIL = 2.0
DATE_PARTS = ("elapsed_days", "year", "month", "day", "day_of_week", "hour")


def fit_number(name, values):
    """Fits scale, median for the gaps and a log for heavy tails; None when the column tells nothing."""
    numbers = parse_numbers(values)
    known = numbers[~np.isnan(numbers)]
    has_text = np.asarray(values, dtype=object) != ""
    if len(known) < 0.5 * has_text.sum():
        return fit_category(name, values)
    part = fit_scale(known)
    missing = bool(len(known) < len(numbers))
    if part is None and not (missing and len(known)):
        return None
    return {"type": "number", "column": name, "part": part, "missing": missing}


def fit_category(name, values):
    """Keeps the frequent levels; the rest, and levels never seen, share one bucket."""
    counts = pd.Series(np.asarray(values, dtype=object)).value_counts()
    least = max(2, int(0.001 * len(values)))
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    levels = [level for level, count in ranked if count >= least][:MAX_LEVELS]
    rare = len(counts) > len(levels)
    if len(levels) + rare < 2:
        return None
    spec = {"type": "category", "column": name, "levels": levels, "other": rare, "frequency": None}
    if len(counts) > MAX_LEVELS and levels:
        spec["frequency"] = {level: int(count) for level, count in ranked[:5000] if count > 1}
    return spec


def fit_date(name, values):
    """Splits a date into elapsed days and calendar parts; parts that never vary are left out."""
    dates = parse_dates(values)
    known = dates.notna().to_numpy()
    if known.sum() < 0.5 * (np.asarray(values, dtype=object) != "").sum():
        return fit_category(name, values)
    parts = {}
    for part in DATE_PARTS:
        scale = fit_scale(date_part(dates, part)[known])
        if scale is not None:
            parts[part] = scale
    missing = bool((~known).any() and known.any())
    if not parts and not missing:
        return None
    return {"type": "date", "column": name, "parts": parts, "missing": missing}


def fit_scale(known):
    """Median, centre, scale and the range that later values are clipped to; None for a constant."""
    if len(known) == 0 or np.ptp(known) == 0:
        return None
    median = float(np.median(known))
    spread = known.std()
    skew = float(np.mean(((known - known.mean()) / spread) ** 3)) if np.isfinite(spread) and spread > 0 else np.inf
    log = bool(abs(skew) > HEAVY_TAIL and len(np.unique(known[:2000])) > 10)
    shaped = signed_log(known) if log else known
    center, scale = float(shaped.mean()), float(shaped.std())
    if not (np.isfinite(scale) and scale > 0):
        return None
    low, high = float(shaped.min() - scale), float(shaped.max() + scale)
    return {"median": median, "log": log, "center": center, "scale": scale, "low": low, "high": high}


def encode_number(spec, values):
    numbers = parse_numbers(values)
    columns = [apply_scale(spec["part"], numbers)] if spec["part"] else []
    if spec["missing"]:
        columns.append(np.isnan(numbers))
    return np.column_stack(columns)


def encode_category(spec, values):
    levels = {level: index for index, level in enumerate(spec["levels"])}
    width = len(levels) + spec["other"]
    unknown = len(levels) if spec["other"] else -1
    codes = np.array([levels.get(value, unknown) for value in values], dtype=np.int64)
    rows = np.flatnonzero(codes >= 0)
    block = np.zeros((len(codes), width + (spec["frequency"] is not None)), dtype=np.float32)
    block[rows, codes[rows]] = 1.0
    if spec["frequency"] is not None:
        block[:, -1] = [np.log1p(spec["frequency"].get(value, 0)) for value in values]
    return block


def encode_date(spec, values):
    dates = parse_dates(values)
    columns = [apply_scale(scale, date_part(dates, part)) for part, scale in spec["parts"].items()]
    if spec["missing"]:
        columns.append(dates.isna().to_numpy())
    return np.column_stack(columns)


def apply_scale(part, numbers):
    numbers = np.where(np.isnan(numbers), part["median"], numbers)
    shaped = signed_log(numbers) if part["log"] else numbers
    return (np.clip(shaped, part["low"], part["high"]) - part["center"]) / part["scale"]


def parse_numbers(values):
    """Strings to float64; what is no finite number becomes NaN."""
    numbers = pd.to_numeric(pd.Series(np.asarray(values, dtype=object)), errors="coerce")
    numbers = numbers.to_numpy(dtype=np.float64, na_value=np.nan).copy()
    # Beyond float32's range a square overflows, and no real measurement lies there.
    numbers[~(np.abs(numbers) < 1e18)] = np.nan
    return numbers + 0.0


def parse_dates(values):
    texts = pd.Series(np.asarray(values, dtype=object))
    return pd.to_datetime(texts.where(texts != "", None), errors="coerce", utc=True, format="ISO8601")


def date_part(dates, part):
    if part == "elapsed_days":
        days = (dates - pd.Timestamp("2000-01-01", tz="UTC")) / pd.Timedelta(days=1)
        return days.to_numpy(dtype=np.float64, na_value=np.nan)
    return getattr(dates.dt, part).to_numpy(dtype=np.float64, na_value=np.nan)


def signed_log(numbers):
    return np.sign(numbers) * np.log1p(np.abs(numbers))


def output_names(spec):
    """Names of the numbers that a tabular column becomes, for plots."""
    name = spec["column"]
    if spec["type"] == "number":
        return ([name] if spec["part"] else []) + ([f"{name} is missing"] if spec["missing"] else [])
    if spec["type"] == "date":
        return [f"{name} {part}" for part in spec["parts"]] + ([f"{name} is missing"] if spec["missing"] else [])
    names = [f"{name}={level}" for level in spec["levels"]] + ([f"{name}=other"] if spec["other"] else [])
    return names + ([f"{name} frequency"] if spec["frequency"] is not None else [])
