//! The machine of one call: signalling events, packets, words and sound in; SIP commands, packets, work and events out.
//!
//! While media flows a frame is due each 20 ms: it takes one frame from the jitter buffer, lets the turn detector hear
//! it, and sends one frame, of the reply or of silence. All other timers are checked at the same beat. Bounds: ten
//! frames are made up for after a stall, the rest is skipped; outputs are drained by the driver after every input.

use std::collections::VecDeque;
use std::net::SocketAddr;

use crate::asr::Language;
use crate::base::{CallId, Instant, Now, Redacted, TurnId};
use crate::conversation::{Conversation, Do, Heard};
use crate::hearing::tones::ToneDetector;
use crate::hearing::{Baseline, TurnDetector};
use crate::rtp;
use crate::sdp;
use crate::sip;
use crate::speech::Playout;

use super::event::{EndReason, Event, Happened, MediaSummary};
use super::io::{Input, Output, Timer};
use super::keys::Presses;
use super::reply::Saying;
use super::turn::{Caller, Decode, Hearing};

/// Limits of a call. Milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct CallLimits {
    /// A call longer than this ends.
    pub call_ms_max: u64,
    /// No RTP and no RTCP for this long, while not on hold: the peer is asked by OPTIONS whether the call is alive.
    pub media_gone_ms: u64,
    /// The caller says nothing for this long after the agent: the agent prompts.
    pub silence_ms: u64,
    /// The workers have not answered for this long: the agent asks the caller to say it again, or leaves a sentence out.
    pub think_ms_max: u64,
    /// Below this mean token log-probability the words are not acted on.
    pub logprob_min: f32,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self {
            call_ms_max: 1_800_000,
            media_gone_ms: 30_000,
            silence_ms: 6_000,
            think_ms_max: 3_000,
            logprob_min: -0.5,
        }
    }
}

/// What a call is made of.
pub struct CallSetup {
    /// Its name.
    pub id: CallId,
    /// Its SIP dialog.
    pub dialog: sip::DialogId,
    /// Where our RTP is received.
    pub local: sdp::Local,
    /// The language it is held in.
    pub language: Language,
    /// Carried by our 200 or our INVITE.
    pub headers: sip::ExtraHeaders,
    /// What is said.
    pub conversation: Conversation,
    /// Finds the caller's turns.
    pub detector: TurnDetector,
    /// Limits.
    pub limits: CallLimits,
    /// Randomness for SSRC, sequence number and timestamp.
    pub seed: u64,
}

/// Who says nothing for so long after the goodbye has no more to say.
const GOODBYE_SILENCE_MS: u64 = 2_000;
/// Silence between two sentences.
pub(super) const SENTENCE_GAP_FRAMES: u32 = 9;
/// The last sound must leave the peer's jitter buffer before BYE.
pub(super) const GOODBYE_FRAMES: u32 = 20;

pub(super) enum Phase {
    /// Dialling, or our 200 awaits its ACK.
    SettingUp,
    /// The caller has the floor.
    Listening { quiet_since: Instant },
    /// The turn is over; its words are with the workers.
    Thinking { since: Instant, over: Over },
    /// The agent has the floor.
    Speaking(Speaking),
    /// All is said; BYE after some frames.
    Closing { frames_left: u32 },
    /// Nothing is sent any more.
    Ended,
}

/// How a turn of the caller ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Over {
    /// Silence awaited before it was taken as over.
    pub silence_ms: u64,
    /// When the caller was last heard.
    pub last_voice: Instant,
}

pub(super) struct Speaking {
    pub saying: Saying,
    pub gap_frames_left: u32,
    /// When the caller's last speech was, for the reply latency; taken by the first sound.
    pub asked_at: Option<Instant>,
    /// Since when the sound of the next sentence is awaited.
    pub awaited_since: Option<Instant>,
}

impl Speaking {
    pub fn new(saying: Saying, asked_at: Option<Instant>) -> Self {
        Self { saying, gap_frames_left: 0, asked_at, awaited_since: None }
    }
}

/// One call. See the module.
pub struct Call {
    pub(super) id: CallId,
    pub(super) dialog: sip::DialogId,
    pub(super) local: sdp::Local,
    pub(super) language: Language,
    pub(super) limits: CallLimits,
    pub(super) seed: u64,
    pub(super) phase: Phase,
    pub(super) created: Now,
    pub(super) media: Option<sdp::Media>,
    pub(super) rtp: Option<rtp::Session>,
    pub(super) detector: TurnDetector,
    /// The caller's own way of speaking.
    pub(super) baseline: Baseline,
    pub(super) tones: ToneDetector,
    /// The beginning of the last signal that was told.
    pub(super) tone_from_ms: Option<u64>,
    pub(super) conversation: Conversation,
    pub(super) hearing: Hearing,
    pub(super) playout: Playout,
    pub(super) replies: u32,
    pub(super) interrupted: Option<Saying>,
    pub(super) frame_at: Option<Instant>,
    pub(super) presses: Presses,
    pub(super) media_seen: Instant,
    pub(super) probe: Option<Instant>,
    pub(super) outputs: VecDeque<Output>,
}

impl Call {
    /// A call that comes in. Its answer leaves at once: 200 with our SDP, or 488 when no codec is shared.
    pub fn inbound(mut setup: CallSetup, now: Now, offer: Option<&[u8]>) -> Self {
        let headers = std::mem::take(&mut setup.headers);
        let mut call = Self::new(setup, now);
        let answered = match offer {
            Some(offer) => sdp::answer(offer, &call.local).map(|(answer, media)| (answer, Some(media))),
            None => Ok((sdp::offer(&call.local), None)),
        };
        match answered {
            Ok((sdp, media)) => {
                if let Some(media) = media {
                    call.set_media(now, media);
                }
                call.sip(sip::Command::Answer { dialog: call.dialog, sdp, headers });
            }
            Err(why) => {
                tracing::info!(call = %call.id, %why, "offer refused");
                call.sip(sip::Command::Reject { dialog: call.dialog, status: 488 });
                call.finish(now, EndReason::NoCommonMedia);
            }
        }
        call
    }

    /// A call that goes out.
    pub fn outbound(
        mut setup: CallSetup,
        now: Now,
        target: sip::Uri,
        destination: SocketAddr,
        caller: Redacted<String>,
    ) -> Self {
        let headers = std::mem::take(&mut setup.headers);
        let mut call = Self::new(setup, now);
        let offer = sdp::offer(&call.local);
        call.sip(sip::Command::Dial { dialog: call.dialog, target, destination, caller, headers, offer });
        call
    }

    fn new(setup: CallSetup, now: Now) -> Self {
        Self {
            id: setup.id,
            dialog: setup.dialog,
            local: setup.local,
            language: setup.language,
            limits: setup.limits,
            seed: setup.seed,
            phase: Phase::SettingUp,
            created: now,
            media: None,
            rtp: None,
            detector: setup.detector,
            baseline: Baseline::default(),
            tones: ToneDetector::new(),
            tone_from_ms: None,
            conversation: setup.conversation,
            hearing: Hearing::new(),
            playout: Playout::default(),
            replies: 0,
            interrupted: None,
            frame_at: None,
            presses: Presses::default(),
            media_seen: now.instant,
            probe: None,
            outputs: VecDeque::new(),
        }
    }

    /// The only mutator.
    pub fn handle(&mut self, now: Now, input: Input<'_>) {
        if matches!(self.phase, Phase::Ended) {
            return; // late packets and late answers of workers
        }
        match input {
            Input::Sip(event) => self.on_sip(now, event),
            Input::Packet { source, bytes } => self.on_packet(now, source, bytes),
            Input::Heard { turn, attempt, result } => self.on_heard(now, turn, attempt, result),
            Input::Rendered { reply, index, result } => self.on_rendered(now, reply, index, result),
            Input::Reviewed { reply, index, suspicion } => self.on_reviewed(now, reply, index, suspicion),
            Input::Press(key) => self.press(now, key),
            Input::Tick => self.on_tick(now),
            Input::ShutDown => self.hang_up(now, EndReason::ShutDown),
        }
    }

    /// What is to be done, in order.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Input::Tick`], and why.
    pub fn deadline(&self) -> Option<(Instant, Timer)> {
        self.frame_at.map(|at| (at, Timer::Frame))
    }

    // --- signalling ---------------------------------------------------------------------------------------------

    fn on_sip(&mut self, now: Now, event: sip::Event) {
        match event {
            sip::Event::Confirmed { answer, .. } => {
                if let Some(answer) = answer {
                    self.take_answer(now, &answer);
                }
                if self.media.is_none() {
                    return self.hang_up(now, EndReason::NoCommonMedia); // our offer was left without an answer
                }
                self.begin(now);
            }
            sip::Event::Answered { sdp, .. } => {
                match sdp {
                    Some(answer) => self.take_answer(now, &answer),
                    None => self.hang_up(now, EndReason::NoCommonMedia),
                }
                self.begin(now);
            }
            sip::Event::Reoffered { offer, .. } => self.on_reoffer(now, offer.as_deref()),
            sip::Event::ProbeAnswered { status, .. } => match status {
                408 | 481 => self.hang_up(now, EndReason::PeerGone),
                _ => {
                    self.probe = None;
                    self.media_seen = now.instant;
                }
            },
            sip::Event::Ended { reason, .. } => {
                let reason = match reason {
                    sip::EndReason::PeerHungUp => EndReason::PeerHungUp,
                    sip::EndReason::WeHungUp => EndReason::AgentHungUp,
                    sip::EndReason::Cancelled => EndReason::Cancelled,
                    sip::EndReason::Rejected(_) | sip::EndReason::NoAnswer => EndReason::NotAnswered,
                    sip::EndReason::NoAck | sip::EndReason::Failed(_) | sip::EndReason::TransportError => {
                        EndReason::PeerGone
                    }
                };
                self.finish(now, reason);
            }
            sip::Event::Invited(_) | sip::Event::Ringing { .. } => {} // the node's; early media is not heard yet
            sip::Event::Info { content_type, body, .. } => self.on_info(now, &content_type, body.reveal()),
        }
    }

    fn take_answer(&mut self, now: Now, answer: &[u8]) {
        match sdp::accept(answer) {
            Ok(media) => self.set_media(now, media),
            Err(why) => {
                tracing::info!(call = %self.id, %why, "answer refused");
                self.hang_up(now, EndReason::NoCommonMedia);
            }
        }
    }

    fn on_reoffer(&mut self, now: Now, offer: Option<&[u8]>) {
        self.local.version += 1;
        let Some(offer) = offer else {
            let sdp = sdp::offer(&self.local);
            return self.accept(sdp);
        };
        match sdp::answer(offer, &self.local) {
            Ok((sdp, media)) => {
                self.set_media(now, media);
                self.accept(sdp);
            }
            Err(why) => {
                tracing::info!(call = %self.id, %why, "re-offer refused, the session stays as it was");
                self.sip(sip::Command::Reject { dialog: self.dialog, status: 488 });
            }
        }
    }

    fn accept(&mut self, sdp: Vec<u8>) {
        self.sip(sip::Command::Answer { dialog: self.dialog, sdp, headers: sip::ExtraHeaders::default() });
    }

    /// The call is up: media starts and the agent opens.
    fn begin(&mut self, now: Now) {
        let (Phase::SettingUp, Some(media)) = (&self.phase, &self.media) else {
            return; // a re-INVITE's ACK
        };
        let codec = media.law.name();
        self.event(now, Event::Started { language: self.language, codec });
        self.media_seen = now.instant;
        self.frame_at = Some(now.instant);
        let reply = self.conversation.open();
        let saying = self.saying(TurnId(0), reply);
        self.speak(now, saying, None);
    }

    // --- limits -------------------------------------------------------------------------------------------------

    /// The caller says nothing. A peer that sends no packets either may be gone, or suppress silence: it is prompted, but
    /// not hung up on before the OPTIONS probe told which.
    fn prompt(&mut self, now: Now, gone_ms: u64) {
        let mut conversation = self.conversation.clone();
        let reply = conversation.hear(Heard::Silence);
        if reply.actions.contains(&Do::HangUp) && gone_ms > self.limits.silence_ms {
            return;
        }
        self.conversation = conversation;
        let saying = self.saying(self.hearing.turn, reply);
        self.speak(now, saying, None);
    }

    pub(super) fn check_limits(&mut self, now: Now, direction: sdp::Direction) {
        let age_ms = now.instant.since(self.created.instant).as_millis() as u64;
        if age_ms > self.limits.call_ms_max {
            return self.hang_up(now, EndReason::TooLong);
        }
        let gone_ms = now.instant.since(self.media_seen).as_millis() as u64;
        if gone_ms > self.limits.media_gone_ms && direction == sdp::Direction::SendRecv && self.probe.is_none() {
            self.probe = Some(now.instant);
            self.event(now, Event::MediaLost);
            self.sip(sip::Command::Probe { dialog: self.dialog });
        }
        match &self.phase {
            Phase::Listening { quiet_since } => {
                let quiet_ms = now.instant.since(*quiet_since).as_millis() as u64;
                let silence_ms = match self.conversation.is_closing() {
                    true => GOODBYE_SILENCE_MS.min(self.limits.silence_ms),
                    false => self.limits.silence_ms,
                };
                if quiet_ms > silence_ms && direction.sends() && self.hearing.caller == Caller::Quiet {
                    self.prompt(now, gone_ms);
                }
            }
            Phase::Thinking { since, over } => {
                if now.instant.since(*since).as_millis() as u64 > self.limits.think_ms_max {
                    let over = *over;
                    self.hearing.decode = Decode::Failed("no answer in time".to_owned());
                    self.answer(now, over);
                }
            }
            Phase::SettingUp | Phase::Speaking(_) | Phase::Closing { .. } | Phase::Ended => {}
        }
    }

    // --- the end ------------------------------------------------------------------------------------------------

    /// We end the call: BYE, or CANCEL while it rings.
    pub(super) fn hang_up(&mut self, now: Now, reason: EndReason) {
        if !matches!(self.phase, Phase::Ended) {
            self.say_goodbye(now);
            self.sip(sip::Command::HangUp { dialog: self.dialog });
            self.finish(now, reason);
        }
    }

    pub(super) fn finish(&mut self, now: Now, reason: EndReason) {
        if matches!(self.phase, Phase::Ended) {
            return;
        }
        self.phase = Phase::Ended;
        self.frame_at = None;
        let media = self.rtp.as_ref().map(|session| MediaSummary::from(session.stats())).unwrap_or_default();
        self.event(now, Event::Ended { reason, media });
        self.outputs.push_back(Output::Finished);
    }

    pub(super) fn sip(&mut self, command: sip::Command) {
        self.outputs.push_back(Output::Sip(command));
    }

    pub(super) fn event(&mut self, now: Now, event: Event) {
        let at_ms = now.instant.since(self.created.instant).as_millis() as u64;
        self.outputs.push_back(Output::Event(Happened { call: self.id.clone(), at_ms, wall: now.wall, event }));
    }
}
