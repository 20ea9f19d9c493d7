//! What the agent is about to say, read by the text model: one thread at low priority and a bounded queue for all calls.
//! Nothing waits for it. The phrases of a sentence were looked at before (`compliance`); a sentence that finds the queue
//! full, or whose reading fails, is left at that.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use tokio::sync::mpsc;

use crate::asr::Language;
use crate::call::ReplyId;
use crate::understanding::{Classifier, Speaker};

use super::call_task::Answer;
use super::priority;

/// Sentences that wait at most; a further one goes unread. At a millisecond each all are read before they are said.
const REVIEWS_WAITING_MAX: usize = 64;

/// One sentence to be read.
pub struct Review {
    /// The reply; brought back.
    pub reply: ReplyId,
    /// Which of its sentences; brought back.
    pub index: usize,
    /// The sentence.
    pub text: String,
    /// Its language.
    pub language: Language,
    /// Where the answer goes.
    pub answer: mpsc::Sender<Answer>,
}

/// The thread. Dropping it ends it after what waits, and waits for it: a process must not end under a library that computes.
pub struct Reviews {
    queue: Option<SyncSender<Review>>,
    thread: Option<JoinHandle<()>>,
}

impl Reviews {
    /// Starts the thread.
    pub fn start(classifier: Box<dyn Classifier>) -> std::io::Result<Self> {
        let (queue, waiting) = sync_channel(REVIEWS_WAITING_MAX);
        let thread = thread::Builder::new().name("reviews".to_owned()).spawn(move || work(classifier, &waiting))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Has a sentence read; never blocks.
    pub fn submit(&self, review: Review) {
        if self.queue.as_ref().is_none_or(|queue| queue.try_send(review).is_err()) {
            metrics::counter!("callwright_reviews_dropped_total").increment(1);
        }
    }
}

impl Drop for Reviews {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // one that failed has ended too
        }
    }
}

fn work(mut classifier: Box<dyn Classifier>, waiting: &Receiver<Review>) {
    priority::lower();
    while let Ok(Review { reply, index, text, language, answer }) = waiting.recv() {
        match classifier.read(&text, language, Speaker::Agent) {
            Ok(reading) => {
                let suspicion = reading.violation;
                let _ = answer.try_send(Answer::Reviewed { reply, index, suspicion }); // the call may be over
            }
            Err(why) => tracing::warn!(%why, "a sentence of the agent was not read"),
        }
    }
}
