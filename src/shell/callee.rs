//! Whom `callwright call` calls: a SIP URI, its host an address or a name that the system resolves (A and AAAA).

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, Result, ensure};

use crate::sip::{Host, PORT_DEFAULT, Uri};

/// The URI and the address of `uri`, as reached from `from`. Until there are permits only loopback and private addresses
/// are called.
pub async fn resolve(uri: &str, from: IpAddr) -> Result<(Uri, SocketAddr)> {
    let target = Uri::parse(uri).map_err(|why| anyhow::anyhow!("{uri}: {why}"))?;
    let port = target.port().unwrap_or(PORT_DEFAULT);
    let found: Vec<SocketAddr> = match target.host() {
        Host::Ip(ip) => vec![SocketAddr::new(*ip, port)],
        Host::Name(name) => {
            let found = tokio::net::lookup_host((name.as_str(), port)).await;
            found.with_context(|| format!("{uri}: the host {name} is not known"))?.collect()
        }
    };
    // From loopback to loopback the family may change.
    let same_family = |address: &&SocketAddr| address.is_ipv4() == from.is_ipv4();
    let loopback = |address: &&SocketAddr| address.ip().is_loopback() && from.is_loopback();
    let destination = found.iter().find(same_family).or_else(|| found.iter().find(loopback)).copied();
    let destination = destination.with_context(|| {
        let family = if from.is_ipv4() { "IPv4" } else { "IPv6" };
        format!("{uri}: the host has no {family} address, which {from} could reach: give --listen another")
    })?;
    let private = match destination.ip().to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    };
    ensure!(private, "{uri}: test calls reach loopback and private addresses only; others need a permit");
    ensure!(
        destination.ip().is_loopback() || !from.is_loopback(),
        "{destination} is not reached from {from}: give --listen with an address of this machine in its network"
    );
    Ok((target, destination))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn resolved(uri: &str, from: &str) -> Result<SocketAddr, String> {
        let from = from.parse().expect("an address");
        resolve(uri, from).await.map(|(_, address)| address).map_err(|why| format!("{why:#}"))
    }

    #[tokio::test]
    async fn names_and_addresses_are_reached_in_the_family_of_our_own() {
        assert_eq!(resolved("sip:a@127.0.0.1", "127.0.0.1").await, Ok("127.0.0.1:5060".parse().expect("address")));
        assert_eq!(resolved("sip:a@localhost:5070", "127.0.0.1").await, Ok("127.0.0.1:5070".parse().expect("address")));
        assert_eq!(resolved("sip:a@[::1]", "127.0.0.1").await, Ok("[::1]:5060".parse().expect("address")));
        assert!(resolved("sip:a@[fd00::1]", "10.0.0.1").await.is_err_and(|why| why.contains("no IPv4 address")));
        assert!(resolved("sip:a@nobody.invalid", "127.0.0.1").await.is_err_and(|why| why.contains("nobody.invalid")));
    }

    #[tokio::test]
    async fn public_addresses_and_those_out_of_reach_are_refused() {
        assert!(resolved("sip:a@203.0.113.1", "192.168.0.1").await.is_err_and(|why| why.contains("permit")));
        assert!(resolved("sip:a@192.168.0.2", "127.0.0.1").await.is_err_and(|why| why.contains("--listen")));
        assert!(resolved("tel:1", "127.0.0.1").await.is_err());
    }
}
