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
        let first = first.saturating_add(first % 2);
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
        match address {
            SocketAddr::V4(_) => socket.set_tos_v4(EXPEDITED_FORWARDING)?,
            SocketAddr::V6(_) => socket.set_tclass_v6(EXPEDITED_FORWARDING)?,
        }
        socket.bind(&address.into())?;
        UdpSocket::from_std(socket.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    use socket2::SockRef;

    /// An address of this process alone, so that tests of two checkouts do not take each other's ports.
    fn loopback() -> IpAddr {
        let [_, a, b, c] = std::process::id().to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(127, a, b, c.max(1)))
    }

    fn port(socket: &UdpSocket) -> u16 {
        socket.local_addr().expect("bound").port()
    }

    #[tokio::test]
    async fn a_call_gets_an_even_port_and_the_odd_one_above_it_and_ports_rest_before_they_are_used_again() {
        let ports = Ports::new(loopback(), (42_001, 42_006));
        let mut firsts = Vec::new();
        for _ in 0..3 {
            let (rtp, rtcp) = ports.bind().expect("free");
            assert_eq!((port(&rtp) % 2, port(&rtcp)), (0, port(&rtp) + 1));
            firsts.push(port(&rtp));
        }
        assert_eq!(firsts, [42_002, 42_004, 42_002], "the pair of 42006 would end beyond the range");
    }

    #[tokio::test]
    async fn a_range_in_use_says_which_and_what_to_do() {
        let ports = Ports::new(loopback(), (42_010, 42_013));
        let (first, second) = (ports.bind().expect("free"), ports.bind().expect("free"));
        let error = ports.bind().expect_err("exhausted").to_string();
        assert!(error.contains("from 42010 to 42013 on 127.") && error.contains("widen rtp.ports"), "{error}");
        drop((first, second));
        assert!(ports.bind().is_ok());
        assert!(Ports::new(loopback(), (42_011, 42_011)).bind().is_err());
        assert!(Ports::new(loopback(), (u16::MAX, u16::MAX)).bind().is_err());
    }

    #[tokio::test]
    async fn rtp_and_rtcp_are_marked_for_expedited_forwarding() {
        let (rtp, rtcp) = Ports::new(loopback(), (42_020, 42_021)).bind().expect("free");
        for socket in [&rtp, &rtcp] {
            assert_eq!(SockRef::from(socket).tos_v4().expect("readable") >> 2, 46);
        }
        let ipv6 = IpAddr::V6(Ipv6Addr::LOCALHOST);
        let (rtp, rtcp) = Ports::new(ipv6, (42_000, 42_999)).bind().expect("one pair of 500 is free");
        for socket in [&rtp, &rtcp] {
            assert_eq!(SockRef::from(socket).tclass_v6().expect("readable") >> 2, 46);
        }
    }
}
