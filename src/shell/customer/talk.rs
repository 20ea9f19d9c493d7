//! Dials, speaks lines as a person would (after the agent has finished, or over it), hangs up.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::net::UdpSocket;

use crate::audio::Frame8k;
use crate::base::{Instant, Now, Redacted};
use crate::rtp;
use crate::sdp;
use crate::shell::clock::Clock;
use crate::shell::node::random;
use crate::shell::trace::{Passed, Trace, Way};
use crate::sip;

use super::flow::Flow;
use super::measure::{self, Arrived, SOUND_DBOV_MIN, Spoken};
use super::recording::Recording;
use super::script::Line;
use super::stamped::StampedSocket;

const FRAME: Duration = Duration::from_millis(20);
/// The agent has finished when it was silent for this long: longer than its pause between two sentences.
const AGENT_DONE: Duration = Duration::from_millis(900);
/// A reply that takes longer is none.
const REPLY_MAX: Duration = Duration::from_secs(10);
/// How long the agent may take to say goodbye and hang up after the last line.
const GOODBYE_MAX: Duration = Duration::from_secs(20);
/// The whole call.
const CALL_MAX: Duration = Duration::from_secs(300);

/// How the call ends after the last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parting {
    /// The agent says goodbye and hangs up.
    AgentHangsUp,
    /// The customer hangs up when it has heard the reply.
    CustomerHangsUp,
}

/// What there is to tell while the call goes on.
pub enum Told<'a> {
    /// The agent's opening is over.
    Opened,
    /// So is the reply to a line.
    Turn {
        /// The line.
        line: &'a Line,
        /// Its labels.
        spoken: Spoken,
        /// The agent's packets from a second before the line on.
        arrived: &'a [Arrived],
    },
}

/// A call that was held.
pub struct Held {
    /// Lines spoken, their replies included.
    pub turns: usize,
    /// The sound.
    pub recording: Recording,
    /// The agent's packets.
    pub flow: Flow,
}

/// A line on its way.
struct Playing {
    frame: usize,
    first_voiced: Option<Instant>,
    last_voiced: Option<Instant>,
}

/// See the module.
pub struct Customer {
    clock: Clock,
    trace: Trace,
    agent: sip::Agent,
    dialog: sip::DialogId,
    socket: UdpSocket,
    media_socket: StampedSocket,
    media: sdp::Media,
    session: rtp::Session,
    call_id: String,
    lines: Vec<Line>,
    parting: Parting,
    arrived: Vec<Arrived>,
    spoken: Vec<Spoken>,
    /// Lines whose reply is over.
    turns: usize,
    recording: Recording,
    flow: Flow,
    /// Since when it is the agent's turn.
    waiting_since: Instant,
    ended: bool,
}

impl Customer {
    /// Dials and waits until the agent has answered.
    pub async fn call(
        clock: Clock,
        trace: Trace,
        callee: SocketAddr,
        lines: Vec<Line>,
        parting: Parting,
    ) -> Result<Self> {
        let ip = callee.ip();
        let socket = UdpSocket::bind(SocketAddr::new(ip, 0)).await.context("the customer's SIP socket")?;
        let media_socket =
            StampedSocket::bind(SocketAddr::new(ip, 0), clock).await.context("the customer's RTP socket")?;
        let mut agent = sip::Agent::new(sip::AgentConfig::new(socket.local_addr()?), random());
        let dialog = agent.next_dialog_id();
        let local = sdp::Local {
            address: ip,
            rtp_port: media_socket.local_addr()?.port(),
            session_id: random() >> 1,
            version: 1,
        };
        let target = sip::Uri::parse(&format!("sip:demo@{callee}"))?;
        let offer = sdp::offer(&local);
        let dial = sip::Command::Dial {
            dialog,
            target,
            destination: callee,
            caller: Redacted::new("customer".to_owned()),
            headers: sip::ExtraHeaders::default(),
            offer,
        };
        agent.handle(clock.now(), sip::Input::Command(dial));

        let mut call_id = String::new();
        let mut datagram = vec![0; 65_535];
        let media = loop {
            let mut answer = None;
            while let Some(output) = agent.poll() {
                match output {
                    sip::Output::Datagram { destination, bytes } => {
                        if call_id.is_empty() {
                            call_id = header(&bytes, "call-id:").unwrap_or_default();
                        }
                        trace.sip(clock.now(), passed(&socket, Way::Out, destination, &bytes)?);
                        socket.send_to(&bytes, destination).await?;
                    }
                    sip::Output::Event(sip::Event::Answered { sdp, .. }) => answer = sdp,
                    sip::Output::Event(sip::Event::Ended { reason, .. }) => {
                        bail!("the agent at {callee} did not take the call ({reason:?}): is it running?");
                    }
                    sip::Output::Event(_) => {}
                    sip::Output::Connect { .. } | sip::Output::Bytes { .. } | sip::Output::Close { .. } => {} // it speaks UDP
                }
            }
            if let Some(answer) = answer {
                break sdp::accept(&answer)?;
            }
            let deadline = agent.deadline().map(|(at, _)| at);
            tokio::select! {
                received = socket.recv_from(&mut datagram) => if let Ok((len, source)) = received {
                    trace.sip(clock.now(), passed(&socket, Way::In, source, &datagram[..len])?);
                    agent.handle(clock.now(), sip::Input::Datagram { source, bytes: &datagram[..len] });
                },
                () = clock.until(deadline) => agent.handle(clock.now(), sip::Input::Tick),
            }
        };
        Ok(Self {
            session: rtp::Session::new(rtp::SessionConfig { media, latching: rtp::Latching::Signalled }, random()),
            waiting_since: clock.now().instant,
            clock,
            trace,
            agent,
            dialog,
            socket,
            media_socket,
            media,
            call_id,
            lines,
            parting,
            arrived: Vec::new(),
            spoken: Vec::new(),
            turns: 0,
            recording: Recording::default(),
            flow: Flow::default(),
            ended: false,
        })
    }

    /// The call's name on the wire.
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// Speaks the lines; returns when the call is over.
    pub async fn talk(mut self, mut told: impl FnMut(Told<'_>)) -> Result<Held> {
        let clock = self.clock;
        let started = clock.now().instant;
        let mut next_frame = started;
        let mut playing: Option<Playing> = None;
        let (mut datagram, mut packet) = (vec![0; 65_535], [0; 2048]);
        let mut hung_up = false;
        while !self.ended {
            self.drain().await?;
            let now = clock.now();
            if !hung_up && self.over(now, started) {
                hung_up = true;
                self.agent.handle(now, sip::Input::Command(sip::Command::HangUp { dialog: self.dialog }));
                continue;
            }
            let wake = self.agent.deadline().map_or(next_frame, |(at, _)| at.min(next_frame));
            tokio::select! {
                received = self.media_socket.recv(&mut packet) => if let Ok((len, at)) = received {
                    self.on_packet(at, &packet[..len]);
                },
                received = self.socket.recv_from(&mut datagram) => if let Ok((len, source)) = received {
                    self.trace.sip(clock.now(), passed(&self.socket, Way::In, source, &datagram[..len])?);
                    self.agent.handle(clock.now(), sip::Input::Datagram { source, bytes: &datagram[..len] });
                },
                () = clock.until(Some(wake)) => {
                    // After a stall what has arrived must be known before the next line is begun.
                    while let Ok((len, at)) = self.media_socket.try_recv(&mut packet) {
                        self.on_packet(at, &packet[..len]);
                    }
                    let now = clock.now();
                    self.agent.handle(now, sip::Input::Tick);
                    while next_frame <= now.instant {
                        next_frame = next_frame + FRAME;
                        self.on_frame(&mut playing, &mut told)?;
                    }
                }
            }
        }
        self.finish_turn(self.clock.now().instant, &mut told);
        Ok(Held { turns: self.turns, recording: self.recording, flow: self.flow })
    }

    /// Nothing more is to be waited for.
    fn over(&self, now: Now, started: Instant) -> bool {
        let waited = now.instant.since(self.waiting_since);
        let all_spoken = self.spoken.len() == self.lines.len();
        let parted = match self.parting {
            Parting::AgentHangsUp => waited > GOODBYE_MAX,
            Parting::CustomerHangsUp => waited > REPLY_MAX || self.agent_is_done(now.instant),
        };
        now.instant.since(started) > CALL_MAX || all_spoken && parted
    }

    async fn drain(&mut self) -> Result<()> {
        while let Some(output) = self.agent.poll() {
            match output {
                sip::Output::Datagram { destination, bytes } => {
                    self.trace.sip(self.clock.now(), passed(&self.socket, Way::Out, destination, &bytes)?);
                    self.socket.send_to(&bytes, destination).await?;
                }
                sip::Output::Event(sip::Event::Ended { .. }) => self.ended = true,
                sip::Output::Event(_) => {}
                sip::Output::Connect { .. } | sip::Output::Bytes { .. } | sip::Output::Close { .. } => {} // it speaks UDP
            }
        }
        Ok(())
    }

    /// One packet of the agent, judged as it came from the wire.
    fn on_packet(&mut self, at: Instant, bytes: &[u8]) {
        self.flow.add(at, bytes);
        let Some(frame) = rtp::voice_of(bytes, self.media.payload_type, self.media.law) else { return };
        self.arrived.push(Arrived { at, dbov: frame.level_dbov() });
        self.recording.received(&frame);
    }

    /// One 20 ms beat: the next frame of the line, or silence until it is time for the next line.
    fn on_frame(&mut self, playing: &mut Option<Playing>, told: &mut impl FnMut(Told<'_>)) -> Result<()> {
        let now = self.clock.now().instant;
        if playing.is_none() && self.may_speak(now) {
            self.finish_turn(now, told);
            *playing = Some(Playing { frame: 0, first_voiced: None, last_voiced: None });
        }
        let mut frame = Frame8k::SILENCE;
        if let Some(line) = playing {
            let sound = self.lines[self.spoken.len()].sound.samples();
            match sound.chunks(160).nth(line.frame) {
                Some(chunk) => {
                    frame.0[..chunk.len()].copy_from_slice(chunk);
                    line.frame += 1;
                    if frame.level_dbov() >= SOUND_DBOV_MIN {
                        line.first_voiced.get_or_insert(now);
                        line.last_voiced = Some(now);
                    }
                }
                None => {
                    let (Some(first_voiced), Some(last_voiced)) = (line.first_voiced, line.last_voiced) else {
                        bail!("line {} of the script has no sound", self.spoken.len() + 1);
                    };
                    self.spoken.push(Spoken { first_voiced, last_voiced });
                    self.waiting_since = now;
                    *playing = None;
                }
            }
        }
        self.recording.sent(&frame);
        let packet = self.session.send(&frame);
        // A full socket buffer loses the packet, as a network would.
        let _ = self.media_socket.try_send_to(packet, self.media.remote);
        Ok(())
    }

    /// Whether the next line begins now.
    fn may_speak(&self, now: Instant) -> bool {
        let Some(line) = self.lines.get(self.spoken.len()) else { return false };
        if now.since(self.waiting_since) > REPLY_MAX {
            return true; // no reply: the next line, as an impatient person would
        }
        match (line.interrupt_ms, self.agent_since()) {
            (Some(ms), Some((began, _))) => now.since(began) >= Duration::from_millis(ms),
            (None, Some(_)) => self.agent_is_done(now),
            (_, None) => false,
        }
    }

    /// The agent's sound since the last line: when it began and when it was last heard.
    fn agent_since(&self) -> Option<(Instant, Instant)> {
        let since = self.spoken.last().map_or(Instant::default(), |spoken| spoken.last_voiced);
        let stretches = measure::stretches(self.recent());
        let began = stretches.iter().find(|(from, _)| *from > since)?.0;
        stretches.last().map(|(_, last)| (began, *last))
    }

    /// It has replied, and is silent.
    fn agent_is_done(&self, now: Instant) -> bool {
        self.agent_since().is_some_and(|(_, last)| now.since(last) >= AGENT_DONE)
    }

    /// What arrived since the last line began, with a second before it.
    fn recent(&self) -> &[Arrived] {
        let from = self.spoken.last().map_or(Instant::default(), |spoken| spoken.first_voiced - Duration::from_secs(1));
        &self.arrived[self.arrived.partition_point(|packet| packet.at < from)..]
    }

    /// The reply to the last line is over: the next line begins, or the call has ended.
    fn finish_turn(&mut self, now: Instant, told: &mut impl FnMut(Told<'_>)) {
        let Some(&spoken) = self.spoken.last() else { return told(Told::Opened) };
        if self.turns == self.spoken.len() {
            return; // the call ended within a line
        }
        let recent = self.recent();
        let arrived = &recent[..recent.partition_point(|packet| packet.at <= now)];
        told(Told::Turn { line: &self.lines[self.turns], spoken, arrived });
        self.turns = self.spoken.len();
    }
}

/// A message for the trace.
fn passed<'a>(socket: &UdpSocket, way: Way, peer: SocketAddr, bytes: &'a [u8]) -> std::io::Result<Passed<'a>> {
    Ok(Passed { way, transport: sip::Transport::Udp, local: socket.local_addr()?, peer, bytes })
}

/// The value of a header in a message of our own.
fn header(message: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(message).ok()?;
    let line =
        text.lines().find(|line| line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)))?;
    Some(line[name.len()..].trim().to_owned())
}
