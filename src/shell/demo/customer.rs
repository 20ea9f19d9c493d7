//! The customer: dials, speaks its lines as a person would (after the agent has finished, or over it), hangs up.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::net::UdpSocket;

use crate::audio::Frame8k;
use crate::base::{Instant, Now, Redacted};
use crate::rtp;
use crate::sdp;
use crate::shell::clock::Clock;
use crate::shell::node::random;
use crate::shell::trace::{Passed, Trace, Way, file_name};
use crate::sip;

use super::Options;
use super::follow::{Follow, Seen};
use super::measure::{self, Arrived, SOUND_DBOV_MIN, Spoken};
use super::recording::Recording;
use super::script::{Line, Script};
use super::table::{Row, Table};

const FRAME: Duration = Duration::from_millis(20);
/// The agent has finished when it was silent for this long: longer than its pause between two sentences.
const AGENT_DONE: Duration = Duration::from_millis(900);
/// A reply that takes longer is none.
const REPLY_MAX: Duration = Duration::from_secs(10);
/// How long the agent may take to say goodbye and hang up after the last line.
const GOODBYE_MAX: Duration = Duration::from_secs(20);
/// The whole call.
const CALL_MAX: Duration = Duration::from_secs(300);

/// A call that was held.
pub struct DemoCall {
    /// A row a line.
    pub rows: Vec<Row>,
    /// The sound.
    pub recording: Recording,
    /// The agent's trace.
    pub events: PathBuf,
    /// Every line was spoken before the call ended.
    pub completed: bool,
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
    media_socket: UdpSocket,
    media: sdp::Media,
    session: rtp::Session,
    script: Script,
    follow: Follow,
    arrived: Vec<Arrived>,
    spoken: Vec<Spoken>,
    rows: Vec<Row>,
    table: Table,
    recording: Recording,
    /// Since when it is the agent's turn.
    waiting_since: Instant,
    ended: bool,
}

impl Customer {
    /// Dials and waits until the agent has answered.
    pub async fn call(clock: Clock, trace: Trace, options: &Options, script: Script) -> Result<Self> {
        let ip = options.agent.ip();
        let socket = UdpSocket::bind(SocketAddr::new(ip, 0)).await.context("the customer's SIP socket")?;
        let media_socket = UdpSocket::bind(SocketAddr::new(ip, 0)).await.context("the customer's RTP socket")?;
        let mut agent = sip::Agent::new(sip::AgentConfig::new(socket.local_addr()?), random());
        let dialog = agent.next_dialog_id();
        let local = sdp::Local {
            address: ip,
            rtp_port: media_socket.local_addr()?.port(),
            session_id: random() >> 1,
            version: 1,
        };
        let target = sip::Uri::parse(&format!("sip:demo@{}", options.agent))?;
        let offer = sdp::offer(&local);
        let dial = sip::Command::Dial {
            dialog,
            target,
            destination: options.agent,
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
                        bail!(
                            "the agent at {} did not take the call ({reason:?}): is it running? callwright serve --trace {}",
                            options.agent,
                            options.directory.display()
                        );
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
            follow: Follow::new(options.directory.join(format!("{}.jsonl", file_name(&call_id)))),
            waiting_since: clock.now().instant,
            clock,
            trace,
            agent,
            dialog,
            socket,
            media_socket,
            media,
            script,
            arrived: Vec::new(),
            spoken: Vec::new(),
            rows: Vec::new(),
            table: Table::for_terminal(),
            recording: Recording::default(),
            ended: false,
        })
    }

    /// Speaks the script; returns when the call is over.
    pub async fn talk(mut self) -> Result<DemoCall> {
        println!("{}", self.table.heading());
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
                received = self.media_socket.recv_from(&mut packet) => if let Ok((len, _)) = received {
                    self.on_packet(clock.now(), &packet[..len]);
                },
                received = self.socket.recv_from(&mut datagram) => if let Ok((len, source)) = received {
                    self.trace.sip(clock.now(), passed(&self.socket, Way::In, source, &datagram[..len])?);
                    self.agent.handle(clock.now(), sip::Input::Datagram { source, bytes: &datagram[..len] });
                },
                () = clock.until(Some(wake)) => {
                    // After a stall what has arrived must be known before the next line is begun.
                    while let Ok((len, _)) = self.media_socket.try_recv_from(&mut packet) {
                        self.on_packet(clock.now(), &packet[..len]);
                    }
                    let now = clock.now();
                    self.agent.handle(now, sip::Input::Tick);
                    while next_frame <= now.instant {
                        next_frame = next_frame + FRAME;
                        self.on_frame(&mut playing)?;
                    }
                }
            }
        }
        self.finish_row(self.clock.now().instant);
        let completed = self.rows.len() == self.script.lines.len();
        Ok(DemoCall { rows: self.rows, recording: self.recording, events: self.follow.path().to_owned(), completed })
    }

    /// Nothing more is to be waited for.
    fn over(&self, now: Now, started: Instant) -> bool {
        let all_spoken = self.spoken.len() == self.script.lines.len();
        now.instant.since(started) > CALL_MAX || all_spoken && now.instant.since(self.waiting_since) > GOODBYE_MAX
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
    fn on_packet(&mut self, now: Now, bytes: &[u8]) {
        let Some(frame) = rtp::voice_of(bytes, self.media.payload_type, self.media.law) else { return };
        self.arrived.push(Arrived { at: now.instant, dbov: frame.level_dbov() });
        self.recording.received(&frame);
    }

    /// One 20 ms beat: the next frame of the line, or silence until it is time for the next line.
    fn on_frame(&mut self, playing: &mut Option<Playing>) -> Result<()> {
        let now = self.clock.now().instant;
        if playing.is_none() && self.may_speak(now) {
            self.finish_row(now);
            *playing = Some(Playing { frame: 0, first_voiced: None, last_voiced: None });
        }
        let mut frame = Frame8k::SILENCE;
        if let Some(line) = playing {
            let sound = self.script.lines[self.spoken.len()].sound.samples();
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
        let Some(line) = self.script.lines.get(self.spoken.len()) else { return false };
        if now.since(self.waiting_since) > REPLY_MAX {
            return true; // no reply: the next line, as an impatient person would
        }
        let stretches = measure::stretches(self.recent());
        let since = self.spoken.last().map_or(Instant::default(), |spoken| spoken.last_voiced);
        let Some((began, _)) = stretches.iter().find(|(from, _)| *from > since) else { return false };
        let quiet_since = stretches.last().map_or(now, |(_, to)| *to);
        match line.interrupt_ms {
            Some(ms) => now.since(*began) >= Duration::from_millis(ms),
            None => now.since(quiet_since) >= AGENT_DONE,
        }
    }

    /// What arrived since the last line began, with a second before it.
    fn recent(&self) -> &[Arrived] {
        let from = self.spoken.last().map_or(Instant::default(), |spoken| spoken.first_voiced - Duration::from_secs(1));
        &self.arrived[self.arrived.partition_point(|packet| packet.at < from)..]
    }

    /// The row of the last line is complete: the next one begins, or the call is over.
    fn finish_row(&mut self, now: Instant) {
        let news = self.follow.news();
        let replies: Vec<&str> = news
            .iter()
            .filter_map(|seen| match seen {
                Seen::Reply { text } => Some(text.as_str()),
                Seen::Heard { .. } | Seen::Other => None,
            })
            .collect();
        let reply = replies.join(" / ");
        if self.spoken.is_empty() {
            println!("{}\n", self.table.row(0, &Row::opening(reply)));
            return;
        }
        let unwritten = self.script.lines.get(self.rows.len()).filter(|_| self.rows.len() < self.spoken.len());
        let (Some(spoken), Some(line)) = (self.spoken.last().copied(), unwritten) else {
            return; // the call ended within a line
        };
        let arrived: Vec<Arrived> = self.recent().iter().copied().filter(|packet| packet.at <= now).collect();
        let row = Row::of(line, &news, reply, spoken, &arrived);
        self.rows.push(row.clone());
        println!("{}\n", self.table.row(self.rows.len(), &row));
    }
}

impl Row {
    /// The agent's opening, before anybody was heard.
    fn opening(reply: String) -> Self {
        Self {
            said: String::new(),
            heard: String::new(),
            action: String::new(),
            confidence: 0.0,
            want: String::new(),
            reply,
            replied: None,
            barge_in_stop: None,
        }
    }

    fn of(line: &Line, news: &[Seen], reply: String, spoken: Spoken, arrived: &[Arrived]) -> Self {
        let (mut heard, mut action, mut confidence) = (String::new(), String::new(), 0.0);
        for seen in news {
            if let Seen::Heard { text, action: id, action_confidence } = seen {
                if !heard.is_empty() && !text.is_empty() {
                    heard.push(' ');
                }
                heard.push_str(text);
                (action, confidence) = (id.clone(), *action_confidence);
            }
        }
        Self {
            said: line.text.clone(),
            heard,
            action,
            confidence,
            want: line.want.clone(),
            reply,
            replied: Some(measure::reply(spoken, arrived)),
            barge_in_stop: line.interrupt_ms.and_then(|_| measure::barge_in_stop(spoken, arrived)),
        }
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
