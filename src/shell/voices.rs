//! The synthesiser's workers and the cache before them. Fixed sentences are rendered before the first call, so that in a
//! call only what depends on the caller is synthesised.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::mpsc;

use crate::call::ReplyId;
use crate::speech::{Speech, SpeechCache, SynthesizeError, Synthesizer, Voice};

use super::call_task::Answer;

/// Sentences that wait at most; full: the sentence fails and is skipped.
const SENTENCES_WAITING_MAX: usize = 256;

struct Job {
    text: String,
    voice: Voice,
    done: Done,
}

enum Done {
    /// For a call.
    Answer { reply: ReplyId, index: usize, answer: mpsc::Sender<Answer> },
    /// For the cache, before the first call.
    Warm(SyncSender<Result<(), SynthesizeError>>),
}

/// Workers and cache.
pub struct Voices {
    cache: Arc<Mutex<SpeechCache>>,
    jobs: SyncSender<Job>,
}

impl Voices {
    /// Starts a thread for each synthesiser.
    pub fn start(synthesizers: Vec<Box<dyn Synthesizer>>, cache: SpeechCache) -> std::io::Result<Self> {
        let cache = Arc::new(Mutex::new(cache));
        let (jobs, waiting) = sync_channel(SENTENCES_WAITING_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        for (n, synthesizer) in synthesizers.into_iter().enumerate() {
            let (cache, waiting) = (Arc::clone(&cache), Arc::clone(&waiting));
            thread::Builder::new()
                .name(format!("synthesizer-{n}"))
                .spawn(move || work(&cache, &waiting, synthesizer))?;
        }
        Ok(Self { cache, jobs })
    }

    /// The sound of `text`: at once from the cache, or later as [`Answer::Rendered`].
    pub fn speak(
        &self,
        text: String,
        voice: &Voice,
        reply: ReplyId,
        index: usize,
        answer: &mpsc::Sender<Answer>,
    ) -> Option<Result<Speech, String>> {
        if let Some(speech) = self.cached(&text, voice) {
            return Some(Ok(speech));
        }
        let done = Done::Answer { reply, index, answer: answer.clone() };
        match self.jobs.try_send(Job { text, voice: voice.clone(), done }) {
            Ok(()) => None,
            Err(TrySendError::Full(_)) => Some(Err("synthesiser queue full".to_owned())),
            Err(TrySendError::Disconnected(_)) => Some(Err("synthesiser stopped".to_owned())),
        }
    }

    /// Renders those of `sentences` that are not in the cache yet, and waits for them.
    pub fn warm(&self, sentences: Vec<String>, voice: &Voice) -> Result<(), SynthesizeError> {
        let (done, answers) = sync_channel(sentences.len().max(1));
        for text in sentences {
            if self.holds(&text, voice) {
                continue;
            }
            let job = Job { text, voice: voice.clone(), done: Done::Warm(done.clone()) };
            if self.jobs.send(job).is_err() {
                break;
            }
        }
        drop(done);
        answers.into_iter().collect()
    }

    /// Whether the sound of `text` is in the cache.
    pub fn holds(&self, text: &str, voice: &Voice) -> bool {
        self.cached(text, voice).is_some()
    }

    fn cached(&self, text: &str, voice: &Voice) -> Option<Speech> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(text, voice)
    }
}

fn work(cache: &Mutex<SpeechCache>, waiting: &Mutex<Receiver<Job>>, mut synthesizer: Box<dyn Synthesizer>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { text, voice, done }) = next else { return };
        let result = synthesizer.synthesize(&text, &voice);
        if let Ok(speech) = &result {
            cache.lock().unwrap_or_else(PoisonError::into_inner).insert(&text, &voice, speech.clone());
        }
        match done {
            Done::Answer { reply, index, answer } => {
                let result = result.map_err(|why| why.to_string());
                let _ = answer.try_send(Answer::Rendered { reply, index, result }); // the call may be over
            }
            Done::Warm(done) => {
                let _ = done.send(result.map(|_| ())); // nobody waits after the first error
            }
        }
    }
}
