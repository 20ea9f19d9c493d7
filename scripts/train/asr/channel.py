"""The telephone between the customer and the agent: what a 16 kHz recogniser gets from an 8 kHz line.

Speech comes at espeak's rate and leaves as float32 16 kHz: lead-in, tail, band limit, level, noise,
clipping, G.711, lost packets, up-sampling. `Random` decides everything: same seed, same call.
"""
import ctypes
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


OPUS = ctypes.CDLL("libopus.so.0")
OPUS.opus_encoder_create.restype = OPUS.opus_decoder_create.restype = ctypes.c_void_p
OPUS_VOIP, OPUS_SET_BITRATE, OPUS_SET_COMPLEXITY = 2048, 4002, 4010
rooms = []  # float32 8 kHz recordings of places, filled by synth.py


def opus(x, rng, lost_share):
    """Through Opus at 8 kHz and 10 to 24 kbit/s; lost packets are concealed by the decoder."""
    why = ctypes.c_int()
    encoder = ctypes.c_void_p(OPUS.opus_encoder_create(LINE_HZ, 1, OPUS_VOIP, ctypes.byref(why)))
    decoder = ctypes.c_void_p(OPUS.opus_decoder_create(LINE_HZ, 1, ctypes.byref(why)))
    OPUS.opus_encoder_ctl(encoder, OPUS_SET_BITRATE, ctypes.c_int(rng.randrange(10_000, 24_001)))
    OPUS.opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY, ctypes.c_int(1))
    pcm = np.zeros(-(-len(x) // PACKET) * PACKET, np.int16)
    pcm[:len(x)] = (x.clip(-1, 1) * 32767).astype(np.int16)
    out, packet = np.zeros_like(pcm), (ctypes.c_ubyte * 500)()
    pointer = ctypes.POINTER(ctypes.c_short)
    for at in range(0, len(pcm), PACKET):
        size = OPUS.opus_encode(encoder, pcm[at:].ctypes.data_as(pointer), PACKET, packet, 500)
        lost = rng.random() < lost_share
        OPUS.opus_decode(decoder, None if lost else packet, 0 if lost else size, out[at:].ctypes.data_as(pointer), PACKET, 0)
    OPUS.opus_encoder_destroy(encoder)
    OPUS.opus_decoder_destroy(decoder)
    return out[:len(x)].astype(np.float32) / 32768


def lose_packets(y, rng):
    """One to four lost packets, each silent or filled by what came before, fading."""
    y = y.copy()
    for _ in range(rng.randrange(1, 5)):
        start = rng.randrange(max(1, len(y) // PACKET)) * PACKET
        gap = y[start:start + PACKET * rng.choice((1, 1, 1, 2))]
        before = y[max(0, start - PACKET):start]
        if rng.random() < 0.5 or len(before) < PACKET:
            gap[:] = 0
        else:
            gap[:] = np.resize(before, len(gap)) * np.linspace(0.9, 0.3, len(gap))
    return y


def noise(count, rng, numpy_rng):
    """Unit-power noise: white, brown, speech-shaped, hum with harmonics, clicks, or a recorded place."""
    if rooms and rng.random() < 0.25:
        place = rng.choice(rooms)
        start = rng.randrange(len(place))
        x = np.resize(np.roll(place, -start)[:count], count)
        return x / (x.std() + 1e-9)
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
    y, losing = np.clip(y, -1, 1), rng.random() < 0.12
    if rng.random() < 0.08:
        y = opus(y, rng, 0.05 if losing else 0.0)
    else:
        y = (a_law if rng.random() < 0.6 else mu_law)(y)
        y = lose_packets(y, rng) if losing else y
    if rng.random() < 0.6:
        return resample_poly(y, 2, 1).astype(np.float32)
    return np.interp(np.arange(2 * len(y)) / 2, np.arange(len(y)), y).astype(np.float32)


def music(count, rng):
    """Music on hold, peak 1: a melody over chords in one scale, plucked or bowed, with or without drums."""
    y, scale = np.zeros(count), [0, 2, 4, 5, 7, 9, 11] if rng.random() < 0.6 else [0, 2, 3, 5, 7, 8, 10]
    root_hz, beat = 110 * 2 ** (rng.randrange(12) / 12), int(LINE_HZ * 60 / rng.uniform(60, 180))
    plucked, harmonics, voices = rng.random() < 0.6, rng.randrange(2, 9), rng.choice((1, 1, 2, 3, 4))

    def note(start, length, degree, level):
        hz = root_hz * 2 ** (degree // 7 + scale[degree % 7] / 12)
        t = np.arange(min(length, count - start)) / LINE_HZ
        vibrato = 0.15 * np.sin(2 * np.pi * 5 * t)
        x = sum(np.sin(2 * np.pi * k * hz * t + k * vibrato) / k ** 1.3 for k in range(1, harmonics + 1) if k * hz < 3800)
        shape = np.exp(-t * 5) if plucked else np.minimum(1, np.minimum(t, t[-1] - t) / 0.05 + 1e-3)
        y[start:start + len(t)] += level * shape * x

    degree = rng.randrange(7, 14)
    for start in range(0, count - 80, max(400, beat // rng.choice((1, 2, 2, 4)))):
        degree = min(21, max(0, degree + rng.randrange(-3, 4)))
        if rng.random() < 0.85:
            note(start, beat, degree, 1.0)
    for start in range(0, count - 80, 4 * beat):
        chord = rng.choice((0, 3, 4, 5))
        for voice in range(voices - 1):
            note(start, 4 * beat, chord + 2 * voice, 0.4)
    if rng.random() < 0.4:
        for start in range(0, count - 80, beat):
            t = np.arange(min(900, count - start))
            y[start:start + len(t)] += 0.7 * np.random.default_rng(start).standard_normal(len(t)) * np.exp(-t / rng.uniform(60, 250))
    return y / (np.abs(y).max() + 1e-9)


def nothing(rng, numpy_rng):
    """A recording without speech: silence, noise, hum, clicks, tones or music; float32 16 kHz, 0.3 … 3 s, music to 8 s."""
    if rng.random() < 0.45:
        count = int(rng.uniform(0.5, 8.0) * LINE_HZ)
        return transmit(music(count, rng).astype(np.float32), rng, numpy_rng)
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
