//! A bench for SIP tests: one agent on a virtual clock whose peer is the test itself, writing and reading messages.

use std::net::SocketAddr;
use std::time::Duration;

use callwright::base::{Now, Redacted};
use callwright::sip::lexer::{Lexed, lex};
use callwright::sip::{
    Agent, AgentConfig, Command, DialogId, EndReason, Event, ExtraHeaders, Input, Output, StreamId, Timer, Transport,
    Uri,
};

/// We accept a call or a re-INVITE.
pub fn answer(dialog: DialogId) -> Command {
    Command::Answer { dialog, sdp: OFFER.into(), headers: ExtraHeaders::default() }
}

pub const OFFER: &str = "v=0\r\n";

pub fn us() -> SocketAddr {
    "10.0.0.1:5060".parse().expect("address")
}

pub fn peer() -> SocketAddr {
    "10.0.0.2:5070".parse().expect("address")
}

pub fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub struct Bench {
    pub agent: Agent,
    pub now: Now,
    /// Events not yet looked at.
    pub events: Vec<Event>,
    /// Messages not yet looked at, with the time in ms at which they left.
    pub sent: Vec<(u64, Message)>,
    /// Timers that fired, with the time in ms.
    pub fired: Vec<(u64, Timer)>,
    /// The connection that the peer uses, if it speaks TCP: the latest that either side opened.
    pub stream: Option<StreamId>,
    /// Connections that the agent opened, with where to, and closed.
    pub opened: Vec<(StreamId, SocketAddr)>,
    pub closed: Vec<StreamId>,
}

/// A message the agent sent.
#[derive(Debug, Clone)]
pub struct Message {
    pub text: String,
    pub destination: SocketAddr,
    /// The connection, if it went on one.
    pub stream: Option<StreamId>,
}

impl Message {
    /// `INVITE` or `200`.
    pub fn what(&self) -> &str {
        let mut words = self.text.split(' ');
        match words.next() {
            Some("SIP/2.0") => words.next().unwrap_or(""),
            Some(method) => method,
            None => "",
        }
    }

    /// The values of a header, joined.
    pub fn header(&self, name: &str) -> String {
        let values = self.text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        values.collect::<Vec<_>>().join("|")
    }

    pub fn tag(&self, name: &str) -> String {
        self.header(name).split(";tag=").nth(1).unwrap_or("").to_owned()
    }

    /// The answer of a peer to this request.
    pub fn answer(&self, status: &str, tag: &str, extra: &str, body: &str) -> String {
        let via = self.header("Via");
        let to = self.header("To");
        let to = if to.contains(";tag=") || tag.is_empty() { to } else { format!("{to};tag={tag}") };
        let (from, call, number) = (self.header("From"), self.header("Call-ID"), self.header("CSeq"));
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        format!(
            "SIP/2.0 {status} Reason\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {call}\r\nCSeq: {number}\r\n\
             {extra}{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

impl Bench {
    pub fn new() -> Self {
        Self::with(AgentConfig::new(us()))
    }

    pub fn with(config: AgentConfig) -> Self {
        let (events, sent, fired) = (Vec::new(), Vec::new(), Vec::new());
        let (stream, opened, closed) = (None, Vec::new(), Vec::new());
        Self { agent: Agent::new(config, 7), now: Now::default(), events, sent, fired, stream, opened, closed }
    }

    /// A bench whose peer has connected over TCP.
    pub fn over_tcp() -> Self {
        let mut bench = Self::new();
        bench.connect(peer());
        bench
    }

    /// The peer connects, and uses the new connection from now on.
    pub fn connect(&mut self, source: SocketAddr) -> StreamId {
        let stream = self.agent.next_stream_id();
        self.agent.handle(self.now, Input::Accepted { stream, transport: Transport::Tcp, source });
        self.drain();
        self.stream = Some(stream);
        stream
    }

    /// The connection breaks.
    pub fn disconnect(&mut self) {
        let stream = self.stream.take().expect("a connection");
        self.agent.handle(self.now, Input::Closed { stream });
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.agent.poll() {
            match output {
                Output::Datagram { destination, bytes } => self.on_sent(destination, None, bytes),
                Output::Bytes { stream, bytes } => {
                    assert!(!self.closed.contains(&stream), "nothing is sent on a closed connection");
                    let opened = self.opened.iter().find(|(opened, _)| *opened == stream);
                    self.on_sent(opened.map_or(peer(), |(_, destination)| *destination), Some(stream), bytes);
                }
                Output::Connect { stream, transport, destination } => {
                    assert_eq!(transport, Transport::Tcp);
                    self.opened.push((stream, destination));
                    self.stream = Some(stream);
                }
                Output::Close { stream } => self.closed.push(stream),
                Output::Event(event) => self.events.push(event),
            }
        }
    }

    fn on_sent(&mut self, destination: SocketAddr, stream: Option<StreamId>, bytes: Vec<u8>) {
        let readable = !matches!(lex(&bytes), Lexed::Silent(_) | Lexed::Refused(_));
        let message = Message { text: String::from_utf8(bytes).expect("text"), destination, stream };
        let repeats_what_was_broken = ["400", "413", "416", "501", "505"].contains(&message.what());
        let pong = stream.is_some() && message.text == "\r\n";
        assert!(readable || repeats_what_was_broken || pong, "{}", message.text);
        self.sent.push((self.now.instant.as_millis(), message));
    }

    pub fn receive(&mut self, text: &str) {
        self.receive_bytes(text.as_bytes());
    }

    /// The peer sends these on its connection, or as a datagram if it has none.
    pub fn receive_bytes(&mut self, bytes: &[u8]) {
        let input = match self.stream {
            Some(stream) => Input::Bytes { stream, bytes },
            None => Input::Datagram { source: peer(), bytes },
        };
        self.agent.handle(self.now, input);
        self.drain();
    }

    pub fn command(&mut self, command: Command) {
        self.agent.handle(self.now, Input::Command(command));
        self.drain();
    }

    /// Lets time pass, firing each timer when it is due.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now.plus(time);
        while let Some((at, timer)) = self.agent.deadline().filter(|(at, _)| *at <= end.instant) {
            self.now = self.now.plus(at.since(self.now.instant));
            self.fired.push((self.now.instant.as_millis(), timer));
            self.agent.handle(self.now, Input::Tick);
            self.drain();
        }
        self.now = end;
    }

    /// What was sent since the last look, as `INVITE`, `200`, …
    pub fn sent(&mut self) -> Vec<String> {
        self.sent.drain(..).map(|(_, message)| message.what().to_owned()).collect()
    }

    /// The times in ms at which messages left since the last look.
    pub fn sent_at_ms(&mut self) -> Vec<u64> {
        self.sent.drain(..).map(|(at, _)| at).collect()
    }

    /// The latest message of this kind.
    pub fn last(&self, what: &str) -> Message {
        let found = self.sent.iter().rev().find(|(_, message)| message.what() == what);
        found.unwrap_or_else(|| panic!("no {what} in {:?}", self.sent)).1.clone()
    }

    pub fn events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// How the only call ended; panics unless exactly one end was told.
    pub fn end(&mut self) -> EndReason {
        let mut ends = Vec::new();
        for event in self.events() {
            if let Event::Ended { reason, .. } = event {
                ends.push(reason);
            }
        }
        assert_eq!(ends.len(), 1, "{ends:?}");
        ends[0]
    }

    pub fn deadline(&self) -> Option<(u64, Timer)> {
        self.agent.deadline().map(|(at, timer)| (at.as_millis(), timer))
    }

    /// The peer's INVITE arrives; the dialog it makes.
    pub fn invited(&mut self) -> DialogId {
        self.receive(&request("INVITE", "inv1", 1, "", OFFER));
        match self.events().as_slice() {
            [Event::Invited(invited)] => invited.dialog,
            other => panic!("{other:?}"),
        }
    }

    /// A call of the peer that we accepted and it acknowledged; the dialog and our tag.
    pub fn established(&mut self) -> (DialogId, String) {
        let dialog = self.invited();
        self.command(answer(dialog));
        let tag = self.last("200").tag("To");
        self.receive(&request("ACK", "ack1", 1, &tag, ""));
        assert_eq!(self.events(), [Event::Confirmed { dialog, answer: None }]);
        self.sent.clear();
        (dialog, tag)
    }

    /// We dial the peer; the dialog and our INVITE.
    pub fn dialled(&mut self) -> (DialogId, Message) {
        self.dialled_to("sip:bob@10.0.0.2:5070")
    }

    /// We dial this URI at the peer's address.
    pub fn dialled_to(&mut self, target: &str) -> (DialogId, Message) {
        let dialog = self.agent.next_dialog_id();
        let target = Uri::parse(target).expect("uri");
        let caller = Redacted::new("agent".to_owned());
        self.command(Command::Dial {
            dialog,
            target,
            destination: peer(),
            caller,
            headers: ExtraHeaders::default(),
            offer: OFFER.into(),
        });
        (dialog, self.last("INVITE"))
    }

    /// We dialled and the peer accepted; the dialog and our INVITE.
    pub fn answered(&mut self) -> (DialogId, Message) {
        let (dialog, invite) = self.dialled();
        self.receive(&invite.answer("200", "p1", CONTACT, OFFER));
        assert_eq!(self.events(), [Event::Answered { dialog, sdp: Some(OFFER.into()) }]);
        assert_eq!(self.sent(), ["INVITE", "ACK"]);
        (dialog, invite)
    }
}

pub const CONTACT: &str = "Contact: <sip:bob@10.0.0.2:5070>\r\n";

/// A request of the peer in its one call to us; `our_tag` may be empty.
pub fn request(method: &str, branch: &str, number: u32, our_tag: &str, body: &str) -> String {
    let tag = if our_tag.is_empty() { String::new() } else { format!(";tag={our_tag}") };
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    format!(
        "{method} sip:demo@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5070;branch=z9hG4bK{branch}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:alice@10.0.0.2>;tag=a1\r\nTo: <sip:demo@10.0.0.1>{tag}\r\nCall-ID: call1\r\n\
         CSeq: {number} {method}\r\nContact: <sip:alice@10.0.0.2:5070>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
