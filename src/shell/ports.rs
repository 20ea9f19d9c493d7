//! RTP ports: an even one for RTP and the odd one above for RTCP (RFC 3550 §11), taken in turn so that a port rests
//! before it is used again and late packets of an old call find nobody.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};

use socket2::{Domain, Socket, Type};
use tokio::net::UdpSocket;

/// DSCP EF (RFC 3246) in the upper six bits of the traffic class.
const EXPEDITED_FORWARDING: u32 = 46 << 2;

/// The range and the next port to try.
#[derive(Debug)]
pub struct Ports {
    ip: IpAddr,
    first: u16,
    pairs: u16,
    next: AtomicU16,
}

/// Why a call got no ports.
#[derive(Debug, thiserror::Error)]
pub enum PortsError {
    /// No pair can be bound.
    #[error("no free RTP port pair from {first} to {last} on {ip} ({why}): widen rtp.ports")]
    Exhausted {
        /// The address.
        ip: IpAddr,
        /// The first port.
        first: u16,
        /// The last port.
        last: u16,
        /// What the system said last.
        why: String,
    },
}

impl Ports {
    /// Pairs from `first` to `last` on `ip`.
    pub fn new(ip: IpAddr, (first, last): (u16, u16)) -> Self {
        let first = first + first % 2;
        Self { ip, first, pairs: last.saturating_sub(first).div_ceil(2), next: AtomicU16::new(0) }
    }

    /// The next free pair, RTP first.
    pub fn bind(&self) -> Result<(UdpSocket, UdpSocket), PortsError> {
        let mut why = "the range holds no pair".to_owned();
        for _ in 0..self.pairs {
            let pair = self.next.fetch_add(1, Ordering::Relaxed) % self.pairs.max(1);
            let port = self.first + 2 * pair;
            match self.socket(port).and_then(|rtp| Ok((rtp, self.socket(port + 1)?))) {
                Ok(pair) => return Ok(pair),
                Err(error) => why = error.to_string(),
            }
        }
        let last = self.first + (2 * self.pairs).saturating_sub(1);
        Err(PortsError::Exhausted { ip: self.ip, first: self.first, last, why })
    }

    fn socket(&self, port: u16) -> io::Result<UdpSocket> {
        let address = SocketAddr::new(self.ip, port);
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)?;
        socket.set_nonblocking(true)?;
        if address.is_ipv4() {
            socket.set_tos_v4(EXPEDITED_FORWARDING)?;
        }
        socket.bind(&address.into())?;
        UdpSocket::from_std(socket.into())
    }
}
