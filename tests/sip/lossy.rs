//! Two agents call each other over a link that loses, delays, doubles and reorders datagrams, or breaks connections in the
//! middle of a message, on a virtual clock with random commands: every call ends, once, and nothing is left behind.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::time::Duration;

use callwright::base::{Instant, Now, Redacted};
use callwright::sip::{
    Agent, AgentConfig, Command, DialogId, EndReason, Event, ExtraHeaders, Input, Output, STREAM_IDLE_MAX, StreamId,
    Transport, Uri,
};

const CALLS: u64 = 8;
/// When both sides hang up what they still have.
const CURFEW: Duration = Duration::from_secs(150);
/// Ring limit after the curfew, CANCEL wait, and the longest lingering transaction after that.
const AFTERMATH: Duration = Duration::from_secs(300);

/// SplitMix64: chances that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

struct Side {
    agent: Agent,
    address: SocketAddr,
    seen: BTreeSet<DialogId>,
    ends: BTreeMap<DialogId, Vec<EndReason>>,
    confirmed: usize,
}

struct World {
    sides: [Side; 2],
    dice: Dice,
    now: Now,
    transport: Transport,
    /// Of datagrams, and of connections that never come about; of messages on one, after a quarter as many it breaks.
    loss_percent: u64,
    /// The other end of each end of a connection, and until when bytes are on their way to it.
    links: HashMap<(usize, StreamId), StreamId>,
    busy_until: HashMap<(usize, StreamId), Instant>,
    /// Datagrams, bytes and commands on their way, in order of time.
    coming: BTreeMap<(Instant, u64), (usize, Coming)>,
    count: u64,
}

enum Coming {
    Datagram(Vec<u8>),
    Accepted(StreamId),
    Bytes(StreamId, Vec<u8>),
    Closed(StreamId),
    Command(Box<Command>),
}

impl World {
    fn new(transport: Transport, seed: u64, loss_percent: u64) -> Self {
        let side = |n: u64| {
            let address: SocketAddr = format!("10.0.0.{n}:5060").parse().expect("address");
            let agent = Agent::new(AgentConfig::new(address), seed * 2 + n);
            Side { agent, address, seen: BTreeSet::new(), ends: BTreeMap::new(), confirmed: 0 }
        };
        let sides = [side(1), side(2)];
        Self {
            sides,
            dice: Dice(seed),
            now: Now::default(),
            transport,
            loss_percent,
            links: HashMap::new(),
            busy_until: HashMap::new(),
            coming: BTreeMap::new(),
            count: 0,
        }
    }

    fn later(&mut self, side: usize, delay: Duration, coming: Coming) {
        self.count += 1;
        self.coming.insert((self.now.instant + delay, self.count), (side, coming));
    }

    /// To one end of a connection, behind what is already on its way there.
    fn stream_later(&mut self, side: usize, stream: StreamId, coming: Coming) {
        let delay = Duration::from_millis(1 + self.dice.roll(200));
        let busy_until = self.busy_until.entry((side, stream)).or_default();
        *busy_until = (*busy_until).max(self.now.instant + delay);
        let delay = busy_until.since(self.now.instant);
        self.later(side, delay, coming);
    }

    fn connect(&mut self, side: usize, stream: StreamId) {
        if self.dice.roll(100) < self.loss_percent {
            return self.stream_later(side, stream, Coming::Closed(stream));
        }
        let other = self.sides[1 - side].agent.next_stream_id();
        self.links.extend([((side, stream), other), ((1 - side, other), stream)]);
        self.stream_later(1 - side, other, Coming::Accepted(other));
    }

    fn send_on(&mut self, side: usize, stream: StreamId, bytes: &[u8]) {
        let Some(other) = self.links.get(&(side, stream)).copied() else { return };
        let (first, second) = bytes.split_at(usize::try_from(self.dice.roll(bytes.len() as u64)).expect("small"));
        self.stream_later(1 - side, other, Coming::Bytes(other, first.to_vec()));
        if self.dice.roll(400) < self.loss_percent {
            self.close(side, stream);
            return self.stream_later(side, stream, Coming::Closed(stream));
        }
        self.stream_later(1 - side, other, Coming::Bytes(other, second.to_vec()));
    }

    fn close(&mut self, side: usize, stream: StreamId) {
        if let Some(other) = self.links.remove(&(side, stream)) {
            self.links.remove(&(1 - side, other));
            self.stream_later(1 - side, other, Coming::Closed(other));
        }
    }

    fn command_later(&mut self, side: usize, seconds_max: u64, command: Command) {
        let delay = Duration::from_millis(self.dice.roll(seconds_max * 1000 + 1));
        self.later(side, delay, Coming::Command(Box::new(command)));
    }

    fn drain(&mut self, side: usize) {
        while let Some(output) = self.sides[side].agent.poll() {
            match output {
                Output::Datagram { bytes, .. } => {
                    for _ in 0..=u64::from(self.dice.roll(20) == 0) {
                        if self.dice.roll(100) >= self.loss_percent {
                            let delay = Duration::from_millis(1 + self.dice.roll(200));
                            self.later(1 - side, delay, Coming::Datagram(bytes.clone()));
                        }
                    }
                }
                Output::Event(event) => self.react(side, event),
                Output::Connect { stream, .. } => self.connect(side, stream),
                Output::Bytes { stream, bytes } => self.send_on(side, stream, &bytes),
                Output::Close { stream } => self.close(side, stream),
            }
        }
    }

    fn react(&mut self, side: usize, event: Event) {
        let here = &mut self.sides[side];
        let dialog = event.dialog();
        assert!(!here.ends.contains_key(&dialog), "{event:?} after the end");
        here.seen.insert(dialog);
        let sdp = b"v=0".to_vec();
        match event {
            Event::Invited(_) => {
                self.command_later(side, 1, Command::Ring { dialog });
                match self.dice.roll(10) {
                    0 => self.command_later(side, 5, Command::Reject { dialog, status: 486 }),
                    1 => {} // nobody picks up
                    _ => {
                        self.command_later(side, 10, Command::Answer { dialog, sdp, headers: ExtraHeaders::default() })
                    }
                }
            }
            Event::Reoffered { .. } => match self.dice.roll(4) {
                0 => self.command_later(side, 2, Command::Reject { dialog, status: 488 }),
                _ => self.command_later(side, 2, Command::Answer { dialog, sdp, headers: ExtraHeaders::default() }),
            },
            Event::Confirmed { .. } | Event::Answered { .. } => {
                self.sides[side].confirmed += 1;
                match self.dice.roll(5) {
                    0 => self.command_later(side, 10, Command::HangUp { dialog }),
                    1 => self.command_later(side, 10, Command::Probe { dialog }),
                    2 => self.command_later(side, 10, Command::Reoffer { dialog, sdp }),
                    _ => {}
                }
            }
            Event::Ended { reason, .. } => here.ends.entry(dialog).or_default().push(reason),
            Event::Ringing { .. } | Event::Info { .. } | Event::ProbeAnswered { .. } => {}
        }
    }

    /// Runs until `end`: whatever comes first, a datagram, a command or a deadline.
    fn run(&mut self, end: Instant) {
        loop {
            let coming = self.coming.keys().next().map(|(at, _)| *at);
            let timers = self.sides.iter().filter_map(|side| side.agent.deadline().map(|(at, _)| at)).min();
            let Some(next) = coming.into_iter().chain(timers).min().filter(|at| *at <= end) else { break };
            self.now = self.now.plus(next.since(self.now.instant));
            if coming == Some(next) {
                let (_, (side, coming)) = self.coming.pop_first().expect("just seen");
                let source = self.sides[1 - side].address;
                let input = match &coming {
                    Coming::Datagram(bytes) => Input::Datagram { source, bytes },
                    Coming::Accepted(stream) => {
                        let (stream, transport) = (*stream, self.transport);
                        Input::Accepted { stream, transport, source: SocketAddr::new(source.ip(), 40_000) }
                    }
                    Coming::Bytes(stream, bytes) => Input::Bytes { stream: *stream, bytes },
                    Coming::Closed(stream) => Input::Closed { stream: *stream },
                    Coming::Command(command) => Input::Command(*command.clone()),
                };
                self.sides[side].agent.handle(self.now, input);
                self.drain(side);
            } else {
                for side in 0..2 {
                    self.sides[side].agent.handle(self.now, Input::Tick);
                    self.drain(side);
                }
            }
        }
        self.now = self.now.plus(end.since(self.now.instant));
    }

    fn call_around(&mut self) {
        for n in 0..CALLS {
            let from = usize::from(n % 2 == 1);
            let destination = self.sides[1 - from].address;
            let dialog = self.sides[from].agent.next_dialog_id();
            let dial = Command::Dial {
                dialog,
                target: Uri::of(destination).over(self.transport),
                destination,
                caller: Redacted::new("x".to_owned()),
                headers: ExtraHeaders::default(),
                offer: b"v=0".to_vec(),
            };
            self.command_later(from, 20, dial);
            if self.dice.roll(4) == 0 {
                self.command_later(from, 40, Command::HangUp { dialog });
            }
        }
        self.run(Instant::default() + CURFEW);
        for side in 0..2 {
            for dialog in self.sides[side].seen.clone() {
                self.sides[side].agent.handle(self.now, Input::Command(Command::HangUp { dialog }));
                self.drain(side);
            }
        }
        self.run(Instant::default() + CURFEW + AFTERMATH + STREAM_IDLE_MAX * 2);
    }

    fn nothing_is_left(&self, what: &str) {
        for side in &self.sides {
            let ended: BTreeSet<_> = side.ends.keys().copied().collect();
            assert_eq!(side.seen, ended, "{what}: a call never ended");
            assert!(side.ends.values().all(|ends| ends.len() == 1), "{what}: {:?}", side.ends);
            let counters = side.agent.counters();
            assert_eq!((counters.dialogs, counters.transactions, counters.streams), (0, 0, 0), "{what}");
            assert_eq!(side.agent.deadline(), None, "{what}");
        }
    }
}

#[test]
fn every_call_ends_once_at_any_loss() {
    for transport in [Transport::Udp, Transport::Tcp] {
        for loss_percent in [0, 5, 20, 50, 90] {
            for seed in 0..60 {
                let mut world = World::new(transport, seed, loss_percent);
                world.call_around();
                world.nothing_is_left(&format!("{transport}, seed {seed}, {loss_percent}% lost"));
            }
        }
    }
}

#[test]
fn without_loss_no_call_fails_and_the_two_sides_agree() {
    let mut confirmed = 0;
    for seed in 0..120 {
        let transport = if seed < 60 { Transport::Udp } else { Transport::Tcp };
        let mut world = World::new(transport, seed, 0);
        world.call_around();
        for side in &world.sides {
            let failed = |reason: &&EndReason| {
                matches!(reason, EndReason::NoAck | EndReason::Failed(_) | EndReason::TransportError)
            };
            assert_eq!(side.ends.values().flatten().find(failed), None, "seed {seed}");
            confirmed += side.confirmed;
        }
    }
    assert!(confirmed > 800, "{confirmed} calls came about");
}
