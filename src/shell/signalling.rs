//! The sockets of signalling: UDP, and TCP on the same address and port. What arrives comes out of [`Signalling::arrival`];
//! what the agent wants sent goes in. A task a connection reads and writes; all that waits is bounded.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use crate::sip::stream::{Framed, Framer};
use crate::sip::{StreamId, Transport};

/// Messages of ours that wait for one connection; full: its peer does not read, and it is closed.
const WRITES_WAITING_MAX: usize = 256;
/// Pieces that connections read and the node has not yet taken; full: they stop reading.
const READS_WAITING_MAX: usize = 256;
/// One piece.
const READ_BYTES_MAX: usize = 16 * 1024;
/// The largest UDP datagram.
const DATAGRAM_BYTES_MAX: usize = 65_535;
/// How long a connection of ours may take to come about.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// How long a peer may take to read one message.
const WRITE_MAX: Duration = Duration::from_secs(10);
/// How long a connection that we close stays half open, so that the peer can read what we said last.
const LINGER_MAX: Duration = Duration::from_secs(1);
/// After a failed accept, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// RFC 4594 §2: signalling is CS3.
const TRAFFIC_CLASS: u32 = 24 << 2;
/// Tries to find a port that is free for UDP and TCP, when any will do.
const BIND_TRIES: usize = 16;

/// What arrived.
pub enum Arrival {
    /// A datagram.
    Datagram(SocketAddr, Vec<u8>),
    /// A connection, to be taken by [`Signalling::accept`] or dropped.
    Connection(TcpStream, SocketAddr),
    /// Bytes of a connection, cut anywhere.
    Bytes(StreamId, Vec<u8>),
    /// A connection ended, or never came about.
    Closed(StreamId),
}

/// One connection, as seen from here; dropping `writes` closes it.
struct Stream {
    peer: SocketAddr,
    writes: mpsc::Sender<Vec<u8>>,
    task: AbortHandle,
    /// For the trace, which shows messages and not pieces.
    framer: Framer,
}

/// See the module.
pub struct Signalling {
    udp: UdpSocket,
    datagram: Vec<u8>,
    address: SocketAddr,
    streams: HashMap<StreamId, Stream>,
    /// Connections that were cut because their peers do not read.
    cut: VecDeque<StreamId>,
    to_us: mpsc::Sender<Arrival>,
    arrivals: mpsc::Receiver<Arrival>,
    accepting: AbortHandle,
}

impl Drop for Signalling {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Signalling {
    /// Binds UDP and TCP to one address and port.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let (udp, listener) = bind_both(address).await?;
        let address = udp.local_addr()?;
        mark(&SockRef::from(&udp), address);
        let (to_us, arrivals) = mpsc::channel(READS_WAITING_MAX);
        let accepting = tokio::spawn(accept(listener, to_us.clone())).abort_handle();
        let (datagram, streams, cut) = (vec![0; DATAGRAM_BYTES_MAX], HashMap::new(), VecDeque::new());
        Ok(Self { udp, datagram, address, streams, cut, to_us, arrivals, accepting })
    }

    /// Where both listen.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The next that arrives. Nothing is lost when it is dropped before it is ready.
    pub async fn arrival(&mut self) -> Arrival {
        if let Some(stream) = self.cut.pop_front() {
            return Arrival::Closed(stream);
        }
        loop {
            tokio::select! {
                received = self.udp.recv_from(&mut self.datagram) => match received {
                    Ok((len, source)) => return Arrival::Datagram(source, self.datagram[..len].to_vec()),
                    Err(why) => tracing::debug!(%why, "SIP socket"), // ICMP errors of peers that are gone
                },
                Some(arrival) = self.arrivals.recv() => {
                    if let Arrival::Closed(stream) = &arrival {
                        self.close(*stream);
                    }
                    return arrival;
                }
            }
        }
    }

    /// The other end of a connection.
    pub fn peer(&self, stream: StreamId) -> Option<SocketAddr> {
        self.streams.get(&stream).map(|stream| stream.peer)
    }

    /// The messages that became whole with these bytes, and who sent them: for the trace.
    pub fn whole(&mut self, stream: StreamId, bytes: &[u8]) -> Vec<(SocketAddr, Vec<u8>)> {
        let Some(Stream { peer, framer, .. }) = self.streams.get_mut(&stream) else { return Vec::new() };
        framer.push(bytes);
        let messages = std::iter::from_fn(|| framer.next()).filter_map(|framed| match framed {
            Framed::Ping => None,
            Framed::Message(message) | Framed::Fault { head: message, .. } => Some((*peer, message)),
        });
        messages.collect()
    }

    /// Sends a datagram.
    pub async fn send_datagram(&self, destination: SocketAddr, bytes: &[u8]) {
        if let Err(why) = self.udp.send_to(bytes, destination).await {
            tracing::debug!(%why, %destination, "SIP send");
        }
    }

    /// Takes a connection that arrived.
    pub fn accept(&mut self, stream: StreamId, socket: TcpStream, peer: SocketAddr) {
        let (writes, waiting) = mpsc::channel(WRITES_WAITING_MAX);
        let task = tokio::spawn(converse(stream, socket, waiting, self.to_us.clone())).abort_handle();
        self.streams.insert(stream, Stream { peer, writes, task, framer: Framer::default() });
    }

    /// Opens a connection.
    pub fn connect(&mut self, stream: StreamId, transport: Transport, destination: SocketAddr) {
        debug_assert!(transport == Transport::Tcp, "the one stream transport so far");
        let (writes, waiting) = mpsc::channel(WRITES_WAITING_MAX);
        let (from, to_us) = (SocketAddr::new(self.address.ip(), 0), self.to_us.clone());
        let task = tokio::spawn(async move {
            match timeout(CONNECT_MAX, connect(from, destination)).await.unwrap_or_else(|late| Err(late.into())) {
                Ok(socket) => converse(stream, socket, waiting, to_us).await,
                Err(why) => {
                    tracing::info!(%why, %destination, "no SIP connection");
                    let _ = to_us.send(Arrival::Closed(stream)).await; // the node may have ended first
                }
            }
        })
        .abort_handle();
        self.streams.insert(stream, Stream { peer: destination, writes, task, framer: Framer::default() });
    }

    /// Sends on a connection. One whose peer does not read is cut, which [`Signalling::arrival`] tells.
    pub fn send(&mut self, id: StreamId, bytes: Vec<u8>) {
        let Some(stream) = self.streams.get(&id) else { return };
        if stream.writes.try_send(bytes).is_err() {
            stream.task.abort();
            self.close(id);
            self.cut.push_back(id);
        }
    }

    /// Closes a connection once its last message is sent.
    pub fn close(&mut self, stream: StreamId) {
        self.streams.remove(&stream);
    }
}

/// Any port: one that is free for both.
async fn bind_both(address: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    let mut tries = if address.port() == 0 { BIND_TRIES } else { 1 };
    loop {
        let udp = UdpSocket::bind(address).await?;
        tries -= 1;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(listener) => return Ok((udp, listener)),
            Err(_) if tries > 0 => {}
            Err(why) => return Err(why),
        }
    }
}

/// Asks the network for the service class of signalling; not all systems let us.
fn mark(socket: &SockRef<'_>, address: SocketAddr) {
    let marked = if address.is_ipv4() { socket.set_tos_v4(TRAFFIC_CLASS) } else { socket.set_tclass_v6(TRAFFIC_CLASS) };
    if let Err(why) = marked {
        tracing::debug!(%why, "DSCP of SIP");
    }
}

async fn accept(listener: TcpListener, to_us: mpsc::Sender<Arrival>) {
    loop {
        match listener.accept().await {
            Ok((socket, source)) => {
                if to_us.send(Arrival::Connection(socket, source)).await.is_err() {
                    return;
                }
            }
            Err(why) => {
                tracing::warn!(%why, "SIP accept");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connect(from: SocketAddr, destination: SocketAddr) -> io::Result<TcpStream> {
    let socket = if from.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.bind(from)?;
    socket.connect(destination).await
}

/// Reads and writes one connection until either side closes it.
async fn converse(stream: StreamId, socket: TcpStream, waiting: mpsc::Receiver<Vec<u8>>, to_us: mpsc::Sender<Arrival>) {
    if let Err(why) = socket.set_nodelay(true) {
        tracing::debug!(%why, "SIP connection");
    }
    if let Ok(here) = socket.local_addr() {
        mark(&SockRef::from(&socket), here);
    }
    let (reader, writer) = socket.into_split();
    let (mut reading, mut writing) = (pin!(read(stream, reader, to_us.clone())), pin!(write(writer, waiting)));
    tokio::select! {
        () = &mut reading => {
            // The peer said its last: it still gets the answers. Ours goes out as the queue is dropped.
            let _ = to_us.send(Arrival::Closed(stream)).await;
            let _ = timeout(WRITE_MAX, writing).await;
        }
        () = &mut writing => {
            // We closed. What the peer still sends must be read, or the system would reset the connection under our words.
            let _ = timeout(LINGER_MAX, reading).await;
            let _ = to_us.send(Arrival::Closed(stream)).await;
        }
    }
}

async fn read(stream: StreamId, mut reader: OwnedReadHalf, to_us: mpsc::Sender<Arrival>) {
    let mut piece = vec![0; READ_BYTES_MAX];
    while let Ok(len @ 1..) = reader.read(&mut piece).await {
        if to_us.send(Arrival::Bytes(stream, piece[..len].to_vec())).await.is_err() {
            return;
        }
    }
}

async fn write(mut writer: OwnedWriteHalf, mut waiting: mpsc::Receiver<Vec<u8>>) {
    while let Some(bytes) = waiting.recv().await {
        if !matches!(timeout(WRITE_MAX, writer.write_all(&bytes)).await, Ok(Ok(()))) {
            return;
        }
    }
    let _ = writer.shutdown().await; // already gone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::{Agent, AgentConfig};

    fn run(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
        runtime.block_on(async { timeout(Duration::from_secs(20), test).await.expect("in time") });
    }

    async fn bound(agent: &mut Agent) -> (Signalling, StreamId) {
        let signalling = Signalling::bind("127.0.0.1:0".parse().expect("address")).await.expect("bound");
        (signalling, agent.next_stream_id())
    }

    fn agent() -> Agent {
        Agent::new(AgentConfig::new("127.0.0.1:5060".parse().expect("address")), 1)
    }

    #[test]
    fn a_connection_carries_both_ways_and_its_last_words_arrive_though_the_peer_still_sends() {
        run(async {
            let mut agent = agent();
            let (mut here, stream) = bound(&mut agent).await;
            let mut peer = TcpStream::connect(here.local_addr()).await.expect("connected");
            let Arrival::Connection(socket, source) = here.arrival().await else { panic!() };
            assert_eq!(source, peer.local_addr().expect("address"));
            here.accept(stream, socket, source);
            peer.write_all(b"hello").await.expect("sent");
            let Arrival::Bytes(from, bytes) = here.arrival().await else { panic!() };
            assert_eq!((from, bytes.as_slice(), here.peer(stream)), (stream, &b"hello"[..], Some(source)));
            peer.write_all(&[b'x'; 100_000]).await.expect("sent");
            here.send(stream, b"too much".to_vec());
            here.close(stream);
            let mut said = Vec::new();
            peer.read_to_end(&mut said).await.expect("no reset");
            assert_eq!(said, b"too much");
        });
    }

    #[test]
    fn a_connection_that_is_refused_is_told_and_so_is_one_whose_peer_does_not_read() {
        run(async {
            let mut agent = agent();
            let (mut here, first) = bound(&mut agent).await;
            let nobody = UdpSocket::bind("127.0.0.1:0").await.expect("bound").local_addr().expect("address");
            here.connect(first, Transport::Tcp, nobody);
            assert!(matches!(here.arrival().await, Arrival::Closed(stream) if stream == first));

            let deaf = TcpListener::bind("127.0.0.1:0").await.expect("bound");
            let second = agent.next_stream_id();
            here.connect(second, Transport::Tcp, deaf.local_addr().expect("address"));
            for _ in 0..=WRITES_WAITING_MAX {
                here.send(second, vec![b'x'; 1000]); // nothing runs in between: the queue fills
            }
            assert!(matches!(here.arrival().await, Arrival::Closed(stream) if stream == second));
            assert_eq!(here.peer(second), None);
        });
    }
}
