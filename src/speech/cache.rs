//! What has been spoken once is not synthesised again. Key: normalised text and voice. Bounded by bytes of samples;
//! the least recently used goes first. Shared by all calls behind one lock of the shell.

use std::collections::{BTreeMap, HashMap};

use super::{Speech, Voice};

/// Spoken texts, at most so many bytes of them.
#[derive(Debug)]
pub struct SpeechCache {
    entries: HashMap<(String, Voice), Entry>,
    /// Every entry by the tick of its last use: the first is the next to go.
    by_use: BTreeMap<u64, (String, Voice)>,
    tick: u64,
    bytes: usize,
    bytes_max: usize,
}

#[derive(Debug)]
struct Entry {
    speech: Speech,
    used: u64,
}

impl SpeechCache {
    /// 64 MiB: 70 minutes of speech.
    pub const BYTES_MAX_DEFAULT: usize = 64 << 20;

    /// An empty cache of at most `bytes_max` bytes of samples.
    pub fn new(bytes_max: usize) -> Self {
        Self { entries: HashMap::new(), by_use: BTreeMap::new(), tick: 0, bytes: 0, bytes_max }
    }

    /// The speech of a text normalised by [`super::normalize`], if it has been spoken in this voice.
    pub fn get(&mut self, text: &str, voice: &Voice) -> Option<Speech> {
        let key = (text.to_owned(), voice.clone());
        let entry = self.entries.get_mut(&key)?;
        self.by_use.remove(&entry.used);
        self.tick += 1;
        entry.used = self.tick;
        self.by_use.insert(self.tick, key);
        Some(entry.speech.clone())
    }

    /// Keeps `speech`; drops what was used longest ago until all fits. A speech larger than the whole cache is not kept.
    pub fn insert(&mut self, text: &str, voice: &Voice, speech: Speech) {
        let bytes = size_bytes(&speech);
        if bytes > self.bytes_max {
            return;
        }
        let key = (text.to_owned(), voice.clone());
        self.tick += 1;
        self.by_use.insert(self.tick, key.clone());
        self.bytes += bytes;
        if let Some(old) = self.entries.insert(key, Entry { speech, used: self.tick }) {
            self.by_use.remove(&old.used);
            self.bytes -= size_bytes(&old.speech);
        }
        while self.bytes > self.bytes_max {
            let Some((_, oldest)) = self.by_use.pop_first() else { break };
            if let Some(entry) = self.entries.remove(&oldest) {
                self.bytes -= size_bytes(&entry.speech);
            }
        }
    }

    /// Texts kept.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of samples kept.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

fn size_bytes(speech: &Speech) -> usize {
    size_of_val(speech.samples())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asr::Language;

    fn voice(pitch: u8) -> Voice {
        Voice { language: Language::Zh, variant: "f2".to_owned(), rate_wpm: 175, pitch, prompts: String::new() }
    }

    fn speech(samples: usize) -> Speech {
        Speech::new(vec![1; samples])
    }

    #[test]
    fn a_text_is_kept_for_each_voice() {
        let mut cache = SpeechCache::new(1000);
        cache.insert("您好", &voice(50), speech(10));
        assert_eq!(cache.get("您好", &voice(50)), Some(speech(10)));
        assert_eq!(cache.get("您好", &voice(60)), None);
        assert_eq!(cache.get("再见", &voice(50)), None);
    }

    #[test]
    fn the_least_recently_used_goes_first() {
        let mut cache = SpeechCache::new(40);
        cache.insert("a", &voice(50), speech(10));
        cache.insert("b", &voice(50), speech(10));
        assert!(cache.get("a", &voice(50)).is_some());
        cache.insert("c", &voice(50), speech(10));
        assert_eq!(cache.get("b", &voice(50)), None);
        assert!(cache.get("a", &voice(50)).is_some() && cache.get("c", &voice(50)).is_some());
        assert_eq!((cache.len(), cache.bytes()), (2, 40));
    }

    #[test]
    fn a_text_spoken_again_replaces_the_old_speech_and_one_too_large_is_not_kept() {
        let mut cache = SpeechCache::new(40);
        cache.insert("a", &voice(50), speech(10));
        cache.insert("a", &voice(50), speech(15));
        assert_eq!((cache.len(), cache.bytes(), cache.get("a", &voice(50))), (1, 30, Some(speech(15))));
        cache.insert("b", &voice(50), speech(21));
        assert_eq!((cache.len(), cache.get("b", &voice(50))), (1, None));
    }
}
