"""The telephone between the customer and the agent: what a 16 kHz recogniser gets from an 8 kHz line.

Speech comes at espeak's rate and leaves as float32 16 kHz: lead-in, tail, band limit, level, noise,
clipping, G.711, lost packets, up-sampling. `Random` decides everything: same seed, same call.
"""
from math import gcd

import numpy as np
from scipy.signal import butter, resample_poly, sosfilt

LINE_HZ, OUT_HZ = 8000, 16_000
PACKET = 160  # samples of 20 ms
A_LAW = 87.6
AUDIBLE = 0.01


def a_law(x):
    """8-bit A-law and back (continuous form of G.711), x in [-1, 1]."""
    knee = 1 + np.log(A_LAW)
    level = np.abs(x)
    coded = np.where(level < 1 / A_LAW, A_LAW * level / knee, (1 + np.log(np.maximum(level * A_LAW, 1e-9))) / knee)
    coded = np.round(coded * 127) / 127
    return np.sign(x) * np.where(coded < 1 / knee, coded * knee / A_LAW, np.exp(coded * knee - 1) / A_LAW)


def mu_law(x):
    """8-bit µ-law and back (continuous form of G.711), x in [-1, 1]."""
    coded = np.round(np.log1p(255 * np.abs(x)) / np.log(256) * 127) / 127
    return np.sign(x) * (np.power(256.0, coded) - 1) / 255


def to_line_rate(wave, rate_hz, speed):
    """Resamples to 8 kHz as if said `speed` times faster by a speaker as much smaller (0.9 … 1.1)."""
    up, down = 200, round(200 * rate_hz * speed / LINE_HZ)
    shared = gcd(up, down)
    return resample_poly(wave, up // shared, down // shared).astype(np.float32)


def trimmed(wave):
    """(wave without inaudible ends, samples cut in front)."""
    loud = np.flatnonzero(np.abs(wave) > AUDIBLE)
    if not len(loud):
        return wave, 0
    return wave[loud[0]:loud[-1] + 1], int(loud[0])


def noise(count, rng, numpy_rng):
    """Unit-power noise of one of five colours: white, brown, speech-shaped, hum with harmonics, clicks."""
    x = numpy_rng.standard_normal(count)
    kind = rng.random()
    if kind < 0.30:
        x = np.cumsum(x)
        x -= np.convolve(x, np.ones(80) / 80, "same")
    elif kind < 0.55:
        x = sosfilt(butter(1, [200, 1500], "band", fs=LINE_HZ, output="sos"), x)
    elif kind < 0.68:
        t = np.arange(count) / LINE_HZ
        hum = sum(np.sin(2 * np.pi * 50 * k * t + rng.random() * 6) / k ** rng.uniform(0.3, 1.5) for k in range(1, 9))
        x = hum + 0.1 * x
    elif kind < 0.78:
        x = x * (numpy_rng.random(count) < 0.001) * 20 + 0.05 * x
    return x / (x.std() + 1e-9)


def transmit(wave, rng, numpy_rng, peak_db=None):
    """8 kHz speech with its silences -> float32 16 kHz as the agent receives it. Places scale by exactly 2."""
    y = wave
    if rng.random() < 0.7:
        y = sosfilt(butter(2, [rng.uniform(80, 330), rng.uniform(3200, 3850)], "band", fs=LINE_HZ, output="sos"), y)
    peak_db = rng.uniform(-26, -1) if peak_db is None else peak_db
    y = y / (np.abs(y).max() + 1e-6) * 10 ** (peak_db / 20)
    if rng.random() < 0.8:
        power = np.sqrt((y ** 2).mean() + 1e-12)
        y = y + noise(len(y), rng, numpy_rng) * power * 10 ** (-rng.uniform(6, 45) / 20)
    if rng.random() < 0.08:
        y = y * rng.uniform(1, 3)
    y = (a_law if rng.random() < 0.6 else mu_law)(np.clip(y, -1, 1))
    if rng.random() < 0.08:
        for _ in range(rng.randrange(1, 3)):
            start = rng.randrange(max(1, len(y) - PACKET))
            y[start:start + PACKET] = 0
    if rng.random() < 0.6:
        return resample_poly(y, 2, 1).astype(np.float32)
    return np.interp(np.arange(2 * len(y)) / 2, np.arange(len(y)), y).astype(np.float32)


def nothing(rng, numpy_rng):
    """A recording without speech: silence, noise, hum, clicks or tones; float32 16 kHz, 0.3 … 3 s."""
    count = int(rng.uniform(0.3, 3.0) * LINE_HZ)
    kind = rng.random()
    y = 1e-5 * numpy_rng.standard_normal(count)
    if kind > 0.15:
        y = y + noise(count, rng, numpy_rng) * 10 ** (-rng.uniform(18, 70) / 20)
    if kind > 0.70:
        for _ in range(rng.randrange(1, 5)):  # knocks
            start = rng.randrange(count)
            length = min(count - start, rng.randrange(20, 900))
            y[start:start + length] += numpy_rng.standard_normal(length) * np.exp(-np.arange(length) / (length / 5)) * rng.uniform(0.02, 0.5)
    if kind > 0.88:
        t = np.arange(count) / LINE_HZ
        y = y + sum(np.sin(2 * np.pi * hz * t) for hz in rng.choice(((450,), (425,), (697, 1209), (770, 1336), (1100,), (440, 480)))) \
            * rng.uniform(0.02, 0.3) * (np.sin(2 * np.pi * t * rng.uniform(0.5, 3)) > rng.uniform(-1, 0.5))
    y = (a_law if rng.random() < 0.6 else mu_law)(np.clip(y, -1, 1))
    return resample_poly(y, 2, 1).astype(np.float32)
