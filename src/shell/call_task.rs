//! The driver of one call: waits on packets, workers, signalling and the deadline, feeds one input, drains the outputs.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::UdpSocket;
use tokio::sync::mpsc;

use crate::asr::Language;
use crate::base::{CallId, TurnId};
use crate::call::{Attempt, Call, EndReason, Event, Happened, Input, Output, Port, ReplyId, Understood};
use crate::compliance::Suspicion;
use crate::sip;
use crate::speech::{Speech, Voice};

use super::clock::Clock;
use super::learning::Learning;
use super::recognizers::{Job, Recognizers};
use super::reviews::{Review, Reviews};
use super::trace::Trace;
use super::voices::Voices;

/// Answers of workers that wait at most: a call asks for few things at a time.
const ANSWERS_WAITING_MAX: usize = 64;
/// Longer datagrams are cut and then dropped by the parser.
const DATAGRAM_BYTES_MAX: usize = 2048;

/// What the node tells a call.
pub enum ToCall {
    /// An event of its dialog.
    Sip(Box<sip::Event>),
    /// End in an orderly way.
    ShutDown,
}

/// What a call tells the node.
pub enum FromCall {
    /// For the SIP agent.
    Sip(Box<sip::Command>),
    /// The task is over, with how the call ended.
    Finished(sip::DialogId, Option<EndReason>),
}

/// What workers answer.
pub enum Answer {
    /// An utterance, understood.
    Heard { turn: TurnId, attempt: Attempt, result: Result<Understood, String> },
    /// A sentence, rendered.
    Rendered { reply: ReplyId, index: usize, result: Result<Speech, String> },
    /// A sentence of the agent, read by the model.
    Reviewed { reply: ReplyId, index: usize, suspicion: Option<Suspicion> },
}

/// What calls share.
pub struct Services {
    /// The clock.
    pub clock: Clock,
    /// Recognition and understanding.
    pub recognizers: Recognizers,
    /// Synthesis and its cache.
    pub voices: Voices,
    /// The model's look at what the agent says.
    pub reviews: Reviews,
    /// The trace.
    pub trace: Trace,
    /// What was heard, to be learned from.
    pub learning: Learning,
}

/// One call's task.
pub struct CallTask {
    /// The machine.
    pub call: Call,
    /// Its name.
    pub id: CallId,
    /// The language it is held in.
    pub language: Language,
    /// The agent's voice.
    pub voice: Voice,
    /// RTP.
    pub rtp: UdpSocket,
    /// RTCP.
    pub rtcp: UdpSocket,
    /// From the node.
    pub inbox: mpsc::Receiver<ToCall>,
    /// To the node.
    pub node: mpsc::Sender<FromCall>,
    /// Shared.
    pub services: Arc<Services>,
}

impl CallTask {
    /// Runs until the call is over; says how it ended.
    pub async fn run(mut self) -> Option<EndReason> {
        let (answer, mut answers) = mpsc::channel(ANSWERS_WAITING_MAX);
        let clock = self.services.clock;
        let mut rtp = [0; DATAGRAM_BYTES_MAX];
        let mut rtcp = [0; DATAGRAM_BYTES_MAX];
        let mut ended = None;
        while self.drain(&answer, &mut ended).await {
            let deadline = self.call.deadline().map(|(at, _why)| at);
            tokio::select! {
                biased;
                () = clock.until(deadline) => self.call.handle(clock.now(), Input::Tick),
                Some(answer) = answers.recv() => self.call.handle(clock.now(), match answer {
                    Answer::Heard { turn, attempt, result } => Input::Heard { turn, attempt, result },
                    Answer::Rendered { reply, index, result } => Input::Rendered { reply, index, result },
                    Answer::Reviewed { reply, index, suspicion } => Input::Reviewed { reply, index, suspicion },
                }),
                told = self.inbox.recv() => self.call.handle(clock.now(), match told {
                    Some(ToCall::Sip(event)) => Input::Sip(*event),
                    Some(ToCall::ShutDown) | None => Input::ShutDown,
                }),
                // Packets last: a flood of them must not keep a BYE out.
                Ok((len, source)) = self.rtp.recv_from(&mut rtp) => {
                    self.call.handle(clock.now(), Input::Packet { source, bytes: &rtp[..len] });
                }
                Ok((len, source)) = self.rtcp.recv_from(&mut rtcp) => {
                    self.call.handle(clock.now(), Input::Packet { source, bytes: &rtcp[..len] });
                }
            }
        }
        ended
    }

    /// Does what the call wants; false when it is finished.
    async fn drain(&mut self, answer: &mpsc::Sender<Answer>, ended: &mut Option<EndReason>) -> bool {
        while let Some(output) = self.call.poll() {
            match output {
                Output::Packet { from, destination, packet } => self.send(from, destination, packet.bytes()),
                Output::Sip(command) => {
                    if self.node.send(FromCall::Sip(Box::new(command))).await.is_err() {
                        return false;
                    }
                }
                Output::Transcribe { turn, attempt, urgency, audio, last_act, manner } => {
                    self.services.recognizers.submit(Job {
                        call: self.id.clone(),
                        turn,
                        attempt,
                        urgency,
                        audio,
                        language: self.language,
                        last_act,
                        manner,
                        answer: answer.clone(),
                    })
                }
                Output::Synthesize { reply, index, text } => {
                    if let Some(result) = self.services.voices.speak(text, &self.voice, reply, index, answer) {
                        self.call.handle(self.services.clock.now(), Input::Rendered { reply, index, result });
                    }
                }
                Output::Review { reply, index, text } => {
                    let answer = answer.clone();
                    self.services.reviews.submit(Review { reply, index, text, language: self.language, answer });
                }
                Output::Event(happened) => {
                    if let Event::Ended { reason, .. } = happened.event {
                        *ended = Some(reason);
                    }
                    self.record(&happened);
                }
                Output::Finished => return false,
            }
        }
        true
    }

    fn send(&self, from: Port, destination: SocketAddr, bytes: &[u8]) {
        let socket = match from {
            Port::Rtp => &self.rtp,
            Port::Rtcp => &self.rtcp,
        };
        if socket.try_send_to(bytes, destination).is_err() {
            metrics::counter!("callwright_rtp_send_failed_total").increment(1);
        }
    }

    fn record(&self, happened: &Happened) {
        match &happened.event {
            Event::Speaking { reply_ms: Some(reply_ms), .. } => {
                metrics::histogram!("callwright_reply_seconds").record(*reply_ms as f64 / 1000.0);
            }
            Event::BargeIn { .. } => metrics::counter!("callwright_barge_in_total").increment(1),
            Event::Violation { by, standing, .. } => {
                metrics::counter!("callwright_violations_total", "by" => format!("{by:?}").to_lowercase(),
                    "standing" => format!("{standing:?}").to_lowercase())
                .increment(1);
            }
            Event::OptedOut => metrics::counter!("callwright_opt_out_total").increment(1),
            Event::SpeculationDropped { .. } => {
                metrics::counter!("callwright_speculation_dropped_total").increment(1);
            }
            Event::Ended { reason, media } => tracing::info!(call = %self.id, ?reason, ?media, "call ended"),
            Event::Opened { .. }
            | Event::Started { .. }
            | Event::CallerStarted { .. }
            | Event::Tone(_)
            | Event::Partial { .. }
            | Event::Heard { .. }
            | Event::HearingFailed { .. }
            | Event::Reply { .. }
            | Event::Speaking { reply_ms: None, .. }
            | Event::ReplyResumed { .. }
            | Event::ReplySaid { .. }
            | Event::SpeechFailed { .. }
            | Event::Key { .. }
            | Event::KeySent { .. }
            | Event::CallBackAgreed { .. }
            | Event::FollowUp { .. }
            | Event::TransferRequested
            | Event::Held { .. }
            | Event::MediaChanged { .. }
            | Event::MediaLost => {}
        }
        self.services.trace.event(happened);
        self.services.learning.event(happened);
    }
}
