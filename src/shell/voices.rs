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

    /// Renders those of `sentences` that are neither recorded nor in the cache yet, and waits for them.
    pub fn warm(&self, sentences: Vec<String>, voice: &Voice) -> Result<(), SynthesizeError> {
        let (done, answers) = sync_channel(sentences.len().max(1));
        for text in sentences.into_iter().filter(|text| !self.holds(text, voice)) {
            let job = Job { text, voice: voice.clone(), done: Done::Warm(done.clone()) };
            if self.jobs.send(job).is_err() {
                break;
            }
        }
        drop(done);
        answers.into_iter().collect()
    }

    /// Whether the sound of `text` is recorded or in the cache.
    pub fn holds(&self, text: &str, voice: &Voice) -> bool {
        self.shelf.find(text, voice).is_some()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Wav;
    use crate::speech::prompts::{Line, Pack, Script, Take};

    /// Says each text as a tone, and tells which.
    struct Told(SyncSender<String>);

    impl Synthesizer for Told {
        fn synthesize(&mut self, text: &str, _voice: &Voice) -> Result<Speech, SynthesizeError> {
            self.0.send(text.to_owned()).map_err(|why| SynthesizeError::Engine { chars: 0, why: why.to_string() })?;
            Ok(Speech::new(tone(0.5, 300.0)))
        }
    }

    fn tone(seconds: f32, hertz: f32) -> Vec<i16> {
        let wave = |n: usize| (3000.0 * (n as f32 * hertz * std::f32::consts::TAU / 8000.0).sin()) as i16;
        (0..(seconds * 8000.0) as usize).map(wave).collect()
    }

    fn voice(prompts: &str) -> Voice {
        Voice { language: Language::Zh, variant: String::new(), rate_wpm: 190, pitch: 50, prompts: prompts.to_owned() }
    }

    /// A campaign of which all fixed words are recorded.
    fn recorded(folder: &std::path::Path, texts: &[&str]) -> Prompts {
        let line = |text: &&str| Line { place: "notice".to_owned(), text: (*text).to_owned(), persona: None };
        let script = Script::new(Language::Zh, texts.iter().map(line).collect());
        let mut pack = Pack::open(folder, "telecom", Language::Zh).expect("a folder");
        for entry in &script.entries {
            let left = [vec![0; 4000], tone(entry.seconds, 200.0), vec![0; 4000]].concat();
            let take = Take::of(&Wav { sample_rate_hz: 8000, left, right: None }, entry).expect("a good take");
            pack.put(&entry.prompt, &take, "a.wav", "Ann").expect("written");
        }
        Prompts::load(&pack, &script).expect("loaded")
    }

    #[test]
    fn recorded_words_are_heard_first_and_only_what_the_call_fills_in_is_spoken() {
        let folder = tempfile::tempdir().expect("a folder");
        let (told, spoken) = sync_channel(8);
        let voices = Voices::start(vec![Box::new(Told(told))], SpeechCache::new(1 << 20)).expect("threads");
        let prompts = recorded(folder.path(), &["您好，请讲。", "那我{when}给您打过来，可以吗？"]);
        voices.record("telecom", Language::Zh, prompts);
        let (answer, mut answers) = mpsc::channel(4);
        let say = |text: &str, voice: &Voice| voices.speak(text.to_owned(), voice, ReplyId(1), 0, &answer);

        assert!(say("您好，请讲。", &voice("telecom")).is_some_and(|sound| sound.is_ok()), "at once");
        assert!(say("您好，请讲。", &voice("")).is_none(), "a call without prompts waits for the synthesiser");
        assert_eq!(spoken.recv().as_deref(), Ok("您好，请讲。"));
        answers.blocking_recv();

        let sentence = "那我明天下午三点给您打过来，可以吗？";
        assert!(say(sentence, &voice("telecom")).is_none());
        assert_eq!(spoken.recv().as_deref(), Ok("明天下午三点"));
        let Some(Answer::Rendered { result: Ok(joined), .. }) = answers.blocking_recv() else { panic!("no sound") };
        assert!(joined.duration().as_secs_f32() > 2.0, "recorded parts around the spoken one: {:?}", joined.duration());
        assert!(say(sentence, &voice("telecom")).is_some(), "joined once, kept");

        voices.warm(vec!["您好，请讲。".to_owned(), "再见。".to_owned()], &voice("telecom")).expect("rendered");
        assert_eq!(spoken.recv().as_deref(), Ok("再见。"));
        assert!(spoken.try_recv().is_err(), "what is recorded is not rendered");
    }
}
