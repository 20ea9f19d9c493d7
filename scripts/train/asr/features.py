"""Log-mel features exactly as whisper.cpp computes them.

Audio: float32, 16 kHz. Features: 80 bands × frames of 10 ms (window 25 ms), value (log10 power + 4) / 4,
floored 8 decades (2.0) below the loudest value of the recording. The encoder halves the rate: 20 ms.
"""
import numpy as np
from scipy.fft import rfft

SAMPLE_RATE_HZ = 16_000
BANDS, WINDOW, HOP = 80, 400, 160
SILENCE = np.float32((-10.0 + 4.0) / 4.0)  # whisper.cpp's value of digital silence, before the floor
SPAN = 2.0  # from floor to maximum


def mel_filters(bands=BANDS, window=WINDOW, rate_hz=SAMPLE_RATE_HZ):
    """Slaney mel bank [bands, window/2+1], area-normalised, from the formula."""
    def hz_to_mel(hz):
        hz = np.asarray(hz, float)
        return np.where(hz < 1000, hz * 3 / 200, 15 + 27 * np.log(np.maximum(hz, 1e-9) / 1000) / np.log(6.4))

    def mel_to_hz(mel):
        return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp(np.log(6.4) / 27 * (mel - 15)))

    edges = mel_to_hz(np.linspace(hz_to_mel(0.0), hz_to_mel(rate_hz / 2), bands + 2))
    bins = np.linspace(0, rate_hz / 2, window // 2 + 1)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


FILTERS = mel_filters()
HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


def log_mel(audio):
    """audio [samples] -> (mel [80, frames] float32, value that whisper.cpp pads with).

    200 samples are reflected in front, zeros follow; frames = samples // 160 + 1.
    """
    audio = np.asarray(audio, np.float32)
    frames = len(audio) // HOP + 1
    padded = np.concatenate([audio[1:201][::-1], audio, np.zeros(2 * WINDOW, np.float32)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][:frames]
    power = np.abs(rfft(windows * HANN, axis=1)) ** 2
    mel = (np.log10(np.maximum(power.astype(np.float32) @ FILTERS.T, 1e-10)).T + 4) / 4
    floor = mel.max() - SPAN
    return np.maximum(mel, floor).astype(np.float32), np.float32(max(floor, SILENCE))


def audio_ctx(samples):
    """Encoder frames the agent asks whisper.cpp for: ceil16(frames / 2 + 8), at most 500."""
    return min(500, -(-(samples // HOP // 2 + 8) // 16) * 16)
