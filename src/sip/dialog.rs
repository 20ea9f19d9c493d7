//! A dialog: what two sides agree on so that a request finds its way: tags, numbers, routes and the remote target.
//! RFC 3261 §12.

use super::digest::Challenges;
use super::header::{Address, CSeq, Headers, Via};
use super::message::{Request, Response};
use super::transport::{Hop, Transport};
use super::uri::Uri;
use super::{Envelope, Method};

/// The state of RFC 3261 §12: early while `remote` has no tag.
#[derive(Clone)]
pub(super) struct Dialog {
    pub call_id: String,
    local: Address,
    remote: Address,
    /// Number of our latest request.
    local_number: u32,
    /// Number of the peer's latest request.
    remote_number: u32,
    /// Route set, in the order of our requests.
    routes: Vec<Address>,
    target: Uri,
    /// Where the peer was heard from, or first looked for. Our requests go there when their next hop is a name, over this
    /// transport when it names none, and on this connection when it is the same host.
    pub heard_from: Hop,
    /// Whom to prove who we are.
    pub challenges: Challenges,
}

impl Dialog {
    /// For an INVITE of ours, not yet answered. RFC 3261 §12.1.2.
    pub fn outbound(call_id: String, local: Address, target: Uri, destination: Hop) -> Self {
        let (remote, routes) = (Address::new(&target.clone().over(Transport::default())), Vec::new());
        Self {
            call_id,
            local,
            remote,
            local_number: 0,
            remote_number: 0,
            routes,
            target,
            heard_from: destination,
            challenges: Challenges::default(),
        }
    }

    /// From an INVITE received. RFC 3261 §12.1.1. Without a usable Contact (RFC 2543) requests go back to `source`.
    pub fn inbound(invite: &Request, local_tag: &str, source: Hop) -> Self {
        let Envelope { from, to, call_id, cseq, .. } = invite.envelope().clone();
        Self {
            call_id,
            local: to.with_tag(local_tag),
            remote: from,
            local_number: 0,
            remote_number: cseq.number,
            routes: routes_of(invite.headers()),
            target: contact_of(invite.headers()).unwrap_or_else(|| Uri::of(source.address).over(source.transport)),
            heard_from: source,
            challenges: Challenges::default(),
        }
    }

    /// The dialog that a 2xx to our INVITE makes: its tag, its Contact, its routes in reverse. RFC 3261 §12.1.2.
    pub fn confirmed_by(mut self, accept: &Response) -> Self {
        self.remote = accept.envelope().to.clone();
        self.routes = routes_of(accept.headers());
        self.routes.reverse();
        self.refresh_target(accept.headers());
        self
    }

    /// The Contact of a re-INVITE or its 2xx moves the target. RFC 3261 §12.2.
    pub fn refresh_target(&mut self, headers: &Headers) {
        if let Some(target) = contact_of(headers) {
            self.target = target;
        }
    }

    /// Our tag: agents look dialogs up by it.
    pub fn local_tag(&self) -> &str {
        self.local.tag().unwrap_or("")
    }

    /// Whether a request with our tag comes from the other side of this dialog. RFC 3261 §12.2.2.
    pub fn is_of(&self, request: &Envelope) -> bool {
        self.call_id == request.call_id && self.remote.tag() == request.from.tag()
    }

    /// Whether this is another branch of the same forked INVITE. RFC 3261 §13.2.2.4.
    pub fn is_other_than(&self, dialog: &Self) -> bool {
        self.remote.tag() != dialog.remote.tag()
    }

    /// Whether a request is in order; if so, it is the latest. RFC 3261 §12.2.2.
    pub fn takes(&mut self, number: u32) -> bool {
        let in_order = number >= self.remote_number;
        self.remote_number = self.remote_number.max(number);
        in_order
    }

    /// Our next request within it. RFC 3261 §12.2.1.1.
    pub fn next_request(&mut self, method: Method, via: Via) -> Request {
        let number = self.next_number();
        self.request(method, number, via)
    }

    /// That of our next request.
    pub fn next_number(&mut self) -> u32 {
        self.local_number += 1;
        self.local_number
    }

    /// The ACK for a 2xx to our INVITE of this number. RFC 3261 §13.2.2.4.
    pub fn ack(&self, number: u32, via: Via) -> Request {
        self.request(Method::Ack, number, via)
    }

    fn request(&self, method: Method, number: u32, via: Via) -> Request {
        let envelope = Envelope {
            via,
            from: self.local.clone(),
            to: self.remote.clone(),
            call_id: self.call_id.clone(),
            cseq: CSeq { number, method },
        };
        let strict =
            self.routes.first().and_then(|first| first.uri().ok()).filter(|uri| uri.params().get("lr").is_none());
        let (uri, routes, last) = match strict {
            // A strict router wants itself in the request line and the target at the end.
            Some(router) => (router, &self.routes[1..], Some(Address::new(&self.target))),
            None => (self.target.clone(), &self.routes[..], None),
        };
        let request = Request::new(method, uri, envelope);
        routes.iter().chain(&last).fold(request, |request, route| request.with("Route", route.reveal()))
    }

    /// Where our requests go: the first route, else the target. A URI without a transport means the one that the dialog
    /// was made over: many peers leave it out, and RFC 3263 §4.1 would have us call a TCP peer over UDP.
    pub fn next_hop(&self) -> Hop {
        let uri = self.routes.first().and_then(|first| first.uri().ok());
        let uri = uri.as_ref().unwrap_or(&self.target);
        let transport = uri.transport().unwrap_or(self.heard_from.transport);
        let address = uri.address().unwrap_or(self.heard_from.address);
        let same_host = transport == self.heard_from.transport && address.ip() == self.heard_from.address.ip();
        Hop { transport, address, stream: self.heard_from.stream.filter(|_| same_host) }
    }

    /// A peer that connected anew is reached by the new connection.
    pub fn heard_again(&mut self, from: Hop) {
        if from.stream.is_some() && from.address.ip() == self.heard_from.address.ip() {
            self.heard_from = from;
        }
    }
}

fn routes_of(headers: &Headers) -> Vec<Address> {
    headers.all("Record-Route").filter_map(Address::parse).collect()
}

fn contact_of(headers: &Headers) -> Option<Uri> {
    headers.get("Contact").and_then(Address::parse)?.uri().ok()
}
