//! The pool of recogniser states: one thread each at low priority, one bounded queue for all calls. Final jobs go before
//! speculative ones, then the longest waiting; a newer job of a call replaces its queued older one; speculative work
//! never takes the last free state, because whisper.cpp cannot be interrupted. New models are taken up between two jobs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::sync::mpsc;

use crate::asr::{Language, Recognizer};
use crate::audio::Utterance16k;
use crate::base::{CallId, TurnId};
use crate::call::{Attempt, Understood, Urgency};
use crate::hearing::Manner;
use crate::understanding::{Classifier, LastAct, Speaker};

use super::call_task::Answer;
use super::priority;

/// One utterance to be recognised and understood.
pub struct Job {
    /// The call.
    pub call: CallId,
    /// The turn.
    pub turn: TurnId,
    /// The attempt.
    pub attempt: Attempt,
    /// How soon.
    pub urgency: Urgency,
    /// The sound.
    pub audio: Utterance16k,
    /// Its language.
    pub language: Language,
    /// What the agent did before it.
    pub last_act: LastAct,
    /// How it is spoken.
    pub manner: Option<Manner>,
    /// Where the answer goes.
    pub answer: mpsc::Sender<Answer>,
}

impl Job {
    fn same_attempt(&self, other: &Self) -> bool {
        self.call == other.call && (self.turn, self.attempt) == (other.turn, other.attempt)
    }

    fn failed(self, why: &str) {
        let answer = Answer::Heard { turn: self.turn, attempt: self.attempt, result: Err(why.to_owned()) };
        let _ = self.answer.try_send(answer); // the call may be over
    }
}

struct Queue {
    waiting: Vec<Job>,
    /// What a state works on: call, turn, attempt.
    running: Vec<(CallId, TurnId, Attempt)>,
    closed: bool,
    /// How often the models were renewed.
    generation: u64,
    /// How states of the present models are made.
    make: Arc<MakeState>,
    /// States of the present models that no thread has taken up yet.
    fresh: Vec<State>,
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    states: usize,
    waiting_max: usize,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pool. Dropping it ends its threads after the jobs they work on, and waits for them: a process must not end under
/// a library that computes.
pub struct Recognizers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// A recogniser state with its text model.
pub type State = (Box<dyn Recognizer>, Box<dyn Classifier>);

/// Makes a state, at the start, for new models and after one failed; says why it cannot.
pub type MakeState = dyn Fn() -> Result<State, String> + Send + Sync;

impl Recognizers {
    /// Makes the states and starts a thread for each.
    pub fn start(states: usize, waiting_max: usize, make: Arc<MakeState>) -> anyhow::Result<Self> {
        let queue = Queue {
            waiting: Vec::new(),
            running: Vec::new(),
            closed: false,
            generation: 0,
            make: Arc::clone(&make),
            fresh: Vec::new(),
        };
        let shared = Arc::new(Shared { queue: Mutex::new(queue), wake: Condvar::new(), states, waiting_max });
        let mut pool = Self { shared, threads: Vec::with_capacity(states) };
        for n in 0..states {
            let state = make().map_err(anyhow::Error::msg)?;
            let shared = Arc::clone(&pool.shared);
            let thread = thread::Builder::new().name(format!("recognizer-{n}"));
            pool.threads.push(thread.spawn(move || work(&shared, state))?);
        }
        Ok(pool)
    }

    /// Takes new models into use: their states are made beside the present ones, then each thread changes over when its
    /// job is done. If one cannot be made, all stays as it was.
    pub fn renew(&self, make: Arc<MakeState>) -> Result<(), String> {
        let fresh = (0..self.shared.states).map(|_| make()).collect::<Result<Vec<State>, String>>()?;
        let mut queue = self.shared.lock();
        queue.generation += 1;
        queue.make = make;
        let _never_taken = std::mem::replace(&mut queue.fresh, fresh);
        drop(queue);
        self.shared.wake.notify_all();
        Ok(())
    }

    /// Queues a job. A full queue gives up its oldest speculative job, or refuses this one by an error answer.
    pub fn submit(&self, job: Job) {
        let mut queue = self.shared.lock();
        if queue
            .running
            .iter()
            .any(|(call, turn, attempt)| *call == job.call && (*turn, *attempt) == (job.turn, job.attempt))
        {
            return; // a speculative decode of the same sound is under way: its answer will do
        }
        queue.waiting.retain(|other| other.call != job.call || other.same_attempt(&job) && other.urgency > job.urgency);
        if queue.waiting.iter().any(|other| other.same_attempt(&job)) {
            return;
        }
        if queue.waiting.len() >= self.shared.waiting_max {
            metrics::counter!("callwright_recognizer_jobs_dropped_total").increment(1);
            let Some(oldest) = queue.waiting.iter().position(|other| other.urgency == Urgency::Speculative) else {
                return job.failed("recogniser queue full");
            };
            queue.waiting.remove(oldest).failed("recogniser queue full");
        }
        queue.waiting.push(job);
        metrics::gauge!("callwright_recognizer_jobs_waiting").set(queue.waiting.len() as f64);
        drop(queue);
        self.shared.wake.notify_all();
    }

    /// Jobs that wait or run, over states: 1 means that every state is busy.
    pub fn load(&self) -> f32 {
        let queue = self.shared.lock();
        (queue.waiting.len() + queue.running.len()) as f32 / self.shared.states.max(1) as f32
    }
}

impl Drop for Recognizers {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.wake.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join(); // one that failed has ended too
        }
    }
}

/// The next job this state may take: the most urgent, then the longest waiting.
fn take(queue: &mut Queue, states: usize) -> Option<Job> {
    let last_free = states > 1 && queue.running.len() + 1 == states;
    let urgent = queue.waiting.iter().position(|job| job.urgency == Urgency::Final);
    let at = match urgent {
        Some(at) => at,
        None if last_free || queue.waiting.is_empty() => return None,
        None => 0,
    };
    Some(queue.waiting.remove(at))
}

fn work(shared: &Shared, state: State) {
    let mut state = Some(state);
    let mut generation = 0;
    priority::lower();
    loop {
        let mut queue = shared.lock();
        let job = loop {
            if queue.closed {
                return;
            }
            if queue.generation != generation {
                generation = queue.generation;
                let fresh = queue.fresh.pop();
                drop(queue);
                state = fresh; // frees the old one, the last frees its model: not under the lock
                queue = shared.lock();
                continue;
            }
            match take(&mut queue, shared.states) {
                Some(job) => break job,
                None => queue = shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner),
            }
        };
        let running = (job.call.clone(), job.turn, job.attempt);
        queue.running.push(running.clone());
        let make = Arc::clone(&queue.make);
        drop(queue);
        let result = attempt(&mut state, &*make, &job);
        drop(make);
        let answer = Answer::Heard { turn: job.turn, attempt: job.attempt, result };
        let _ = job.answer.try_send(answer); // the call may be over
        let mut queue = shared.lock();
        queue.running.retain(|other| *other != running);
        drop(queue);
        shared.wake.notify_all();
    }
}

/// A panic in a library ends one job, not the thread: the state, of which nobody knows how it was left, is made anew.
fn attempt(state: &mut Option<State>, make: &MakeState, job: &Job) -> Result<Understood, String> {
    let (mut recognizer, mut classifier) = match state.take() {
        Some(state) => state,
        None => make().map_err(|why| format!("no recogniser state: {why}"))?,
    };
    let understood = AssertUnwindSafe(|| understand(&mut *recognizer, &mut *classifier, job));
    match catch_unwind(understood) {
        Ok(result) => {
            *state = Some((recognizer, classifier));
            result
        }
        Err(_panic) => {
            tracing::error!(call = %job.call, "a recogniser state failed and is made anew");
            metrics::counter!("callwright_recognizer_failures_total").increment(1);
            Err("the recogniser failed".to_owned())
        }
    }
}

fn understand(
    recognizer: &mut dyn Recognizer,
    classifier: &mut dyn Classifier,
    job: &Job,
) -> Result<Understood, String> {
    let transcript = recognizer.transcribe(&job.audio, job.language).map_err(|e| e.to_string())?;
    metrics::histogram!("callwright_decode_seconds").record(transcript.decode.as_secs_f64());
    let speaker = Speaker::Customer(job.last_act);
    let mut reading = classifier.read(transcript.text.reveal(), job.language, speaker).map_err(|e| e.to_string())?;
    if let Some(manner) = &job.manner {
        reading.feeling = classifier.feel(&reading, manner).unwrap_or_else(|why| {
            tracing::warn!(%why, "the emotion model failed: the words are understood without the voice");
            None
        });
    }
    Ok(Understood { transcript, reading })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Weak;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::{Receiver, Sender, channel};

    use crate::asr::{RecognizeError, Transcript};
    use crate::base::Redacted;
    use crate::understanding::{Action, ClassifyError, Intent, Reading};

    /// Fails on silence, and after that on everything: as a library whose inside is broken.
    struct Brittle {
        broken: bool,
    }

    impl Recognizer for Brittle {
        fn transcribe(&mut self, audio: &Utterance16k, _: Language) -> Result<Transcript, RecognizeError> {
            self.broken |= audio.samples().is_empty();
            assert!(!self.broken, "an invariant of the library");
            Ok(Transcript { text: Default::default(), mean_logprob: 0.0, decode: Default::default() })
        }
    }

    struct Deaf;

    impl Classifier for Deaf {
        fn read(&mut self, _: &str, _: Language, _: Speaker) -> Result<Reading, ClassifyError> {
            Ok(Reading::of(Intent { action: Action::OutOfScope, confidence: 1.0 }))
        }
    }

    fn job(turn: u32, samples: Vec<i16>, answer: &mpsc::Sender<Answer>) -> Job {
        Job {
            call: CallId::new("call"),
            turn: TurnId(turn),
            attempt: Attempt(0),
            urgency: Urgency::Final,
            audio: Utterance16k::new(samples),
            language: Language::En,
            last_act: LastAct::Unknown,
            manner: None,
            answer: answer.clone(),
        }
    }

    #[test]
    fn a_panic_in_a_library_fails_one_job_and_the_thread_goes_on_with_a_fresh_state() {
        let made = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&made);
        let make = move || -> Result<State, String> {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok((Box::new(Brittle { broken: false }), Box::new(Deaf)))
        };
        let pool = Recognizers::start(1, 8, Arc::new(make)).expect("started");
        let (answer, mut answers) = mpsc::channel(8);
        let mut heard = |turn: u32, samples: Vec<i16>| {
            pool.submit(job(turn, samples, &answer));
            let Some(Answer::Heard { turn: answered, result, .. }) = answers.blocking_recv() else {
                panic!("no answer")
            };
            (answered.0 == turn, result.map(|_| ()))
        };
        assert_eq!(heard(1, vec![1; 160]), (true, Ok(())));
        assert_eq!(heard(2, vec![]), (true, Err("the recogniser failed".to_owned())));
        assert_eq!(heard(3, vec![1; 160]), (true, Ok(())));
        assert_eq!(made.load(Ordering::SeqCst), 2);
    }

    /// Says the name of its model, when it is allowed to.
    struct Patient {
        model: Arc<String>,
        begun: Sender<()>,
        allowed: Arc<Mutex<Receiver<()>>>,
    }

    impl Recognizer for Patient {
        fn transcribe(&mut self, _: &Utterance16k, _: Language) -> Result<Transcript, RecognizeError> {
            self.begun.send(()).expect("somebody waits");
            self.allowed.lock().expect("whole").recv().expect("the test goes on");
            let text = Redacted::new(self.model.as_str().to_owned());
            Ok(Transcript { text, mean_logprob: 0.0, decode: Default::default() })
        }
    }

    #[test]
    fn new_models_are_used_from_the_next_job_on_and_the_old_are_freed_after_their_last() {
        let (begun, begins) = channel();
        let (allow, allowed) = channel();
        let allowed = Arc::new(Mutex::new(allowed));
        let model = |name: &str| -> (Weak<String>, Arc<MakeState>) {
            let (model, begun, allowed) = (Arc::new(name.to_owned()), begun.clone(), Arc::clone(&allowed));
            let weak = Arc::downgrade(&model);
            let make = move || -> Result<State, String> {
                let (model, begun, allowed) = (Arc::clone(&model), begun.clone(), Arc::clone(&allowed));
                Ok((Box::new(Patient { model, begun, allowed }), Box::new(Deaf)))
            };
            (weak, Arc::new(make))
        };
        let (old, make) = model("old");
        let pool = Recognizers::start(1, 8, make).expect("started");
        let (answer, mut answers) = mpsc::channel(8);
        let mut heard = || match answers.blocking_recv() {
            Some(Answer::Heard { result: Ok(understood), .. }) => understood.transcript.text.reveal().clone(),
            Some(Answer::Heard { .. } | Answer::Rendered { .. } | Answer::Reviewed { .. }) | None => {
                panic!("nothing understood")
            }
        };
        pool.submit(job(1, vec![1; 160], &answer));
        begins.recv().expect("the job runs");
        let broken = |why: &str| -> Arc<MakeState> {
            let why = why.to_owned();
            Arc::new(move || Err(why.clone()))
        };
        assert_eq!(pool.renew(broken("no memory")), Err("no memory".to_owned()));
        let (new, make) = model("new");
        assert_eq!(pool.renew(make), Ok(()));
        assert!(old.upgrade().is_some(), "a job runs on it");
        allow.send(()).expect("it waits");
        assert_eq!(heard(), "old");
        pool.submit(job(2, vec![1; 160], &answer));
        begins.recv().expect("the job runs");
        assert!(old.upgrade().is_none(), "nobody needs it any more");
        allow.send(()).expect("it waits");
        assert_eq!(heard(), "new");
        drop(pool);
        assert!(new.upgrade().is_none());
    }
}
