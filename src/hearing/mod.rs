//! Hearing: frames in, the caller's turns out. `SpeechDetector` judges each 20 ms frame, `TurnDetector` finds where a
//! turn begins, pauses and ends.
