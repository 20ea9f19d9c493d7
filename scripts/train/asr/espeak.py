"""espeak-ng by ctypes: text to samples with the exact place of every phoneme and word.

libespeak-ng is one global synthesiser, not thread-safe, and crashes now and then: call it in a forked
child (`in_child`). Samples: float32 at RATE_HZ. Event places: samples from the start.
"""
import ctypes
import os
import pickle
import random

import numpy as np

EVENT_WORD, EVENT_PHONEME = 1, 7
RATE, VOLUME, PITCH, RANGE, WORD_GAP = 1, 2, 3, 4, 7  # espeak_PARAMETER
ZH_VOICE = "cmn-latn-pinyin"
EN_VOICES = ("gmw/en", "gmw/en-US", "gmw/en-US", "gmw/en-US-nyc", "gmw/en-GB-x-rp", "gmw/en-GB-scotland", "gmw/en-GB-x-gbclan",
             "gmw/en-GB-x-gbcwmd", "gmw/en-029")


class Event(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("unique", ctypes.c_uint), ("text_position", ctypes.c_int), ("length", ctypes.c_int),
                ("audio_position", ctypes.c_int), ("sample", ctypes.c_int), ("user_data", ctypes.c_void_p), ("name", ctypes.c_char * 8)]


CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))
LIBRARY = ctypes.CDLL("libespeak-ng.so.1")
RATE_HZ = LIBRARY.espeak_Initialize(2, 0, None, 1)  # synchronous, phoneme events
samples, events = [], []


@CALLBACK
def _collect(wave, count, event):
    if wave and count > 0:
        samples.append(np.ctypeslib.as_array(wave, (count,)).copy())
    i = 0
    while event and event[i].type:
        if event[i].type == EVENT_PHONEME:
            events.append((event[i].sample, event[i].name.decode("utf-8", "ignore")))
        elif event[i].type == EVENT_WORD and event[i].length > 0:
            events.append((event[i].sample, None))
        i += 1
    return 0


LIBRARY.espeak_SetSynthCallback(_collect)


def speak(text, voice, rate_wpm, pitch, pitch_range, word_gap=0):
    """(samples, events): an event is (sample, phoneme name) or (sample, None) where a word begins."""
    samples.clear()
    events.clear()
    if LIBRARY.espeak_SetVoiceByName(voice.encode()) != 0:
        raise ValueError(voice)
    for parameter, value in ((RATE, rate_wpm), (PITCH, pitch), (RANGE, pitch_range), (WORD_GAP, word_gap)):
        LIBRARY.espeak_SetParameter(parameter, value, 0)
    data = text.encode() + b"\0"
    LIBRARY.espeak_Synth(data, len(data), 0, 1, 0, 1, None, None)
    LIBRARY.espeak_Synchronize()
    wave = np.concatenate(samples).astype(np.float32) / 32768 if samples else np.zeros(0, np.float32)
    return wave, list(events)


def in_child(work, seed, tries=8):
    """work(rng, numpy rng) in a forked child; after a crash again with another seed. (result, crashes)"""
    for crashes in range(tries):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.close(reader)
                result = work(random.Random(seed * 100 + crashes), np.random.default_rng(seed * 100 + crashes))
                with os.fdopen(writer, "wb") as out:
                    pickle.dump(result, out, 4)
                status = 0
            finally:
                os._exit(status)
        os.close(writer)
        with os.fdopen(reader, "rb") as stream:
            data = stream.read()
        _, status = os.waitpid(child, 0)
        if status == 0 and data:
            return pickle.loads(data), crashes
    raise RuntimeError(f"espeak-ng crashed {tries} times at seed {seed}")
