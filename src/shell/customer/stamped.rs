//! A UDP socket that says when the kernel received each datagram: our own scheduling does not count as the agent's.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::time::{Duration, SystemTime};

use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;
use tokio::io::Interest;
use tokio::net::UdpSocket;

use crate::base::Instant;
use crate::shell::clock::Clock;

/// See the module.
pub struct StampedSocket {
    socket: UdpSocket,
    clock: Clock,
}

impl StampedSocket {
    /// Binds and asks for time stamps.
    pub async fn bind(address: SocketAddr, clock: Clock) -> io::Result<Self> {
        let socket = UdpSocket::bind(address).await?;
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
        Ok(Self { socket, clock })
    }

    /// Where it is bound.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Sends at once, or not at all if the buffer is full.
    pub fn try_send_to(&self, bytes: &[u8], destination: SocketAddr) -> io::Result<usize> {
        self.socket.try_send_to(bytes, destination)
    }

    /// The next datagram's length, and when it came.
    pub async fn recv(&self, buffer: &mut [u8]) -> io::Result<(usize, Instant)> {
        loop {
            self.socket.readable().await?;
            match self.try_recv(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                received => return received,
            }
        }
    }

    /// A datagram that is there already.
    pub fn try_recv(&self, buffer: &mut [u8]) -> io::Result<(usize, Instant)> {
        self.socket.try_io(Interest::READABLE, || {
            let mut control = nix::cmsg_space!(TimeSpec);
            let mut parts = [IoSliceMut::new(buffer)];
            let flags = MsgFlags::MSG_DONTWAIT;
            let message = recvmsg::<()>(self.socket.as_raw_fd(), &mut parts, Some(&mut control), flags)?;
            let mut stamp = None;
            for part in message.cmsgs()? {
                if let ControlMessageOwned::ScmTimestampns(at) = part {
                    stamp = Some(SystemTime::UNIX_EPOCH + Duration::from(at));
                }
            }
            Ok((message.bytes, stamp.map_or_else(|| self.clock.now().instant, |stamp| self.clock.at(stamp))))
        })
    }
}
