"""flite, a second English synthesiser with voices made from people's recordings: text to samples, a process a sentence."""
import subprocess

import numpy as np

RATE_HZ = 16_000
VOICES = ("slt", "awb", "kal16")  # rms is held out


def speak(text, voice, stretch, pitch_hz):
    """Samples float32 at RATE_HZ; `stretch` above 1 is slower."""
    wave = subprocess.run(["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.2f}", "--setf", f"int_f0_target_mean={pitch_hz:.0f}",
                           "-t", text, "-o", "/dev/stdout"], capture_output=True, check=True).stdout
    return np.frombuffer(wave[44:], np.int16).astype(np.float32) / 32768
