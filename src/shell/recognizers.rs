//! The pool of recogniser states: one thread each at low priority, one bounded queue for all calls. Final jobs go before
//! speculative ones, then the longest waiting; a newer job of a call replaces its queued older one; speculative work
//! never takes the last free state, because whisper.cpp cannot be interrupted.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::sync::mpsc;

use crate::asr::{Language, Recognizer};
use crate::audio::Utterance16k;
use crate::base::{CallId, TurnId};
use crate::call::{Attempt, Understood, Urgency};
use crate::understanding::Classifier;

use super::call_task::Answer;

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

#[derive(Default)]
struct Queue {
    waiting: Vec<Job>,
    /// What a state works on: call, turn, attempt.
    running: Vec<(CallId, TurnId, Attempt)>,
    closed: bool,
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

/// A recogniser state with its intent model.
pub type State = (Box<dyn Recognizer>, Box<dyn Classifier>);

impl Recognizers {
    /// Starts a thread for each state.
    pub fn start(states: Vec<State>, waiting_max: usize) -> std::io::Result<Self> {
        let shared =
            Arc::new(Shared { queue: Mutex::default(), wake: Condvar::new(), states: states.len(), waiting_max });
        let mut pool = Self { shared, threads: Vec::with_capacity(states.len()) };
        for (n, state) in states.into_iter().enumerate() {
            let shared = Arc::clone(&pool.shared);
            let thread = thread::Builder::new().name(format!("recognizer-{n}"));
            pool.threads.push(thread.spawn(move || work(&shared, state))?);
        }
        Ok(pool)
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

fn work(shared: &Shared, (mut recognizer, mut classifier): State) {
    // Speech must not stutter under recognition. On Linux the priority of "this process" is the calling thread's.
    if let Err(why) = rustix::process::setpriority_process(None, 10) {
        tracing::warn!(%why, "recogniser thread keeps its priority");
    }
    loop {
        let mut queue = shared.lock();
        let job = loop {
            if queue.closed {
                return;
            }
            match take(&mut queue, shared.states) {
                Some(job) => break job,
                None => queue = shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner),
            }
        };
        let running = (job.call.clone(), job.turn, job.attempt);
        queue.running.push(running.clone());
        drop(queue);
        let result = understand(&mut *recognizer, &mut *classifier, &job);
        let answer = Answer::Heard { turn: job.turn, attempt: job.attempt, result };
        let _ = job.answer.try_send(answer); // the call may be over
        let mut queue = shared.lock();
        queue.running.retain(|other| *other != running);
        drop(queue);
        shared.wake.notify_all();
    }
}

fn understand(
    recognizer: &mut dyn Recognizer,
    classifier: &mut dyn Classifier,
    job: &Job,
) -> Result<Understood, String> {
    let transcript = recognizer.transcribe(&job.audio, job.language).map_err(|e| e.to_string())?;
    metrics::histogram!("callwright_decode_seconds").record(transcript.decode.as_secs_f64());
    let intent = classifier.classify(transcript.text.reveal(), job.language).map_err(|e| e.to_string())?;
    Ok(Understood { transcript, intent })
}
