//! Recorded prompts, the cache behind them, and the synthesiser's workers behind both. Fixed sentences are rendered before
//! the first call, so that in a call only what depends on the caller is synthesised.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;

use tokio::sync::mpsc;

use crate::asr::Language;
use crate::call::ReplyId;
use crate::speech::prompts::Prompts;
use crate::speech::{Speech, SpeechCache, SynthesizeError, Synthesizer, Voice, join};

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

/// Prompts, cache and workers.
pub struct Voices {
    shelf: Arc<Shelf>,
    jobs: SyncSender<Job>,
}

/// Sound that need not be made.
struct Shelf {
    /// By campaign and language.
    prompts: RwLock<HashMap<(String, Language), Arc<Prompts>>>,
    cache: Mutex<SpeechCache>,
}

impl Voices {
    /// Starts a thread for each synthesiser.
    pub fn start(synthesizers: Vec<Box<dyn Synthesizer>>, cache: SpeechCache) -> std::io::Result<Self> {
        let shelf = Arc::new(Shelf { prompts: RwLock::default(), cache: Mutex::new(cache) });
        let (jobs, waiting) = sync_channel(SENTENCES_WAITING_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        for (n, synthesizer) in synthesizers.into_iter().enumerate() {
            let (shelf, waiting) = (Arc::clone(&shelf), Arc::clone(&waiting));
            thread::Builder::new()
                .name(format!("synthesizer-{n}"))
                .spawn(move || work(&shelf, &waiting, synthesizer))?;
        }
        Ok(Self { shelf, jobs })
    }

    /// Takes the recorded prompts of a campaign into use, in place of any before them.
    pub fn record(&self, campaign: &str, language: Language, prompts: Prompts) {
        let mut all = self.shelf.prompts.write().unwrap_or_else(PoisonError::into_inner);
        all.insert((campaign.to_owned(), language), Arc::new(prompts));
    }

    /// The sound of `text`: at once where it was recorded or is in the cache, or later as [`Answer::Rendered`].
    pub fn speak(
        &self,
        text: String,
        voice: &Voice,
        reply: ReplyId,
        index: usize,
        answer: &mpsc::Sender<Answer>,
    ) -> Option<Result<Speech, String>> {
        if let Some(speech) = self.shelf.find(&text, voice) {
            return Some(Ok(speech));
        }
        let done = Done::Answer { reply, index, answer: answer.clone() };
        match self.jobs.try_send(Job { text, voice: voice.clone(), done }) {
            Ok(()) => None,
            Err(TrySendError::Full(_)) => Some(Err("synthesiser queue full".to_owned())),
            Err(TrySendError::Disconnected(_)) => Some(Err("synthesiser stopped".to_owned())),
        }
    }

    /// Renders those of `sentences` that are not recorded into the cache and waits for them.
    pub fn warm(&self, sentences: Vec<String>, voice: &Voice) -> Result<(), SynthesizeError> {
        let (done, answers) = sync_channel(sentences.len().max(1));
        for text in sentences.into_iter().filter(|text| self.shelf.find(text, voice).is_none()) {
            let job = Job { text, voice: voice.clone(), done: Done::Warm(done.clone()) };
            if self.jobs.send(job).is_err() {
                break;
            }
        }
        drop(done);
        answers.into_iter().collect()
    }
}

impl Shelf {
    /// What is recorded as it is, or has been rendered.
    fn find(&self, text: &str, voice: &Voice) -> Option<Speech> {
        let recorded = self.prompts(voice).and_then(|prompts| prompts.whole(text));
        recorded.or_else(|| self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(text, voice))
    }

    fn prompts(&self, voice: &Voice) -> Option<Arc<Prompts>> {
        let all = self.prompts.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&(voice.prompts.clone(), voice.language)).map(Arc::clone)
    }

    fn keep(&self, text: &str, voice: &Voice, speech: &Speech) {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).insert(text, voice, speech.clone());
    }
}

fn work(shelf: &Shelf, waiting: &Mutex<Receiver<Job>>, mut synthesizer: Box<dyn Synthesizer>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { text, voice, done }) = next else { return };
        let result = render(shelf, synthesizer.as_mut(), &text, &voice);
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

/// Speaks a text, or joins its recorded parts with what is spoken between them.
fn render(
    shelf: &Shelf,
    synthesizer: &mut dyn Synthesizer,
    text: &str,
    voice: &Voice,
) -> Result<Speech, SynthesizeError> {
    let mut speak = |words: &str| match shelf.find(words, voice) {
        Some(speech) => Ok(speech),
        None => synthesizer.synthesize(words, voice),
    };
    let stretches = shelf.prompts(voice).and_then(|prompts| prompts.stretches(text, &mut speak));
    let speech = match stretches {
        Some(stretches) => join(&stretches?),
        None => speak(text)?,
    };
    shelf.keep(text, voice, &speech);
    Ok(speech)
}
