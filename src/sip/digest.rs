//! Digest authentication: the value that proves a shared secret, challenges and answers to them. MD5 and SHA-256, `qop=auth`
//! and none (RFC 2069). RFC 7616, RFC 8760, RFC 3261 §22. `nextnonce` and `auth-int` are not used.

use std::fmt;

use md5::Md5;
use sha2::{Digest, Sha256};

use super::header::split_outside_quotes;
use super::message::{Request, Response};
use crate::base::Redacted;

/// Who we are to a peer that challenges, or who may call us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The realm they are for; any when none.
    pub realm: Option<String>,
    /// The name.
    pub user: String,
    /// The password.
    pub secret: Redacted<String>,
}

/// The hash. In order of preference, the last is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
pub enum Algorithm {
    /// What every peer knows.
    #[serde(rename = "MD5")]
    Md5,
    /// RFC 8760.
    #[serde(rename = "SHA-256")]
    Sha256,
}

impl Algorithm {
    /// As on the wire.
    pub const fn token(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// That of a challenge or an answer; MD5 when it names none.
    fn named(token: Option<&str>) -> Option<Self> {
        let Some(token) = token else { return Some(Self::Md5) };
        [Self::Md5, Self::Sha256].into_iter().find(|algorithm| algorithm.token().eq_ignore_ascii_case(token))
    }

    /// In lower-case hexadecimal.
    fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
        }
    }
}

/// In lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What both sides put into the hash. RFC 7616 §3.4.1.
pub(super) struct Proof<'a> {
    pub algorithm: Algorithm,
    pub user: &'a str,
    pub realm: &'a str,
    pub method: &'a str,
    pub uri: &'a str,
    pub nonce: &'a str,
    /// Nonce count and client nonce as written; none without `qop`.
    pub counted: Option<(&'a str, &'a str)>,
}

impl Proof<'_> {
    /// The value of `response`.
    pub fn response(&self, secret: &Redacted<String>) -> String {
        let Self { algorithm, user, realm, method, uri, nonce, counted } = self;
        let who = algorithm.hash(&format!("{user}:{realm}:{}", secret.reveal()));
        let what = algorithm.hash(&format!("{method}:{uri}"));
        match counted {
            Some((count, cnonce)) => algorithm.hash(&format!("{who}:{nonce}:{count}:{cnonce}:auth:{what}")),
            None => algorithm.hash(&format!("{who}:{nonce}:{what}")),
        }
    }
}

/// The parameters of a challenge or an answer.
pub(super) struct DigestParams(Vec<(String, String)>);

impl DigestParams {
    /// Reads `Digest name=value, name="value"`; `None` if it is another scheme or broken.
    pub fn parse(value: &str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once(char::is_whitespace)?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let mut params = Vec::new();
        for param in split_outside_quotes(rest, ',')?.into_iter().filter(|param| !param.trim().is_empty()) {
            let (name, value) = param.split_once('=')?;
            params.push((name.trim().to_owned(), unquote(value.trim())));
        }
        Some(Self(params))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn algorithm(&self) -> Option<Algorithm> {
        Algorithm::named(self.get("algorithm"))
    }
}

fn unquote(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        plain.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    plain
}

/// As a quoted string. RFC 3261 §25.1.
pub(super) fn quote(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Who challenges: the peer by 401, or a proxy before it by 407.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Challenger {
    Peer,
    Proxy,
}

impl Challenger {
    /// The headers of its challenges and of the answers to them.
    const fn headers(self) -> (&'static str, &'static str) {
        match self {
            Self::Peer => ("WWW-Authenticate", "Authorization"),
            Self::Proxy => ("Proxy-Authenticate", "Proxy-Authorization"),
        }
    }

    const fn of(status: u16) -> Option<Self> {
        match status {
            401 => Some(Self::Peer),
            407 => Some(Self::Proxy),
            _ => None,
        }
    }
}

/// The headers that carry answers to challenges.
pub(super) const AUTHORIZATIONS: [&str; 2] = [Challenger::Peer.headers().1, Challenger::Proxy.headers().1];

/// A challenge that we can answer, and how often we did.
#[derive(Clone)]
struct Challenge {
    challenger: Challenger,
    algorithm: Algorithm,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// Whether it wants `qop=auth`.
    counts: bool,
    count: u32,
    credentials: Credentials,
}

/// The challenges met within one dialog: its later requests answer them unasked. RFC 3261 §22.3.
#[derive(Clone, Default)]
pub(super) struct Challenges(Vec<Challenge>);

/// Realms of one dialog: the peer's and those of proxies; further ones cannot be answered.
const CHALLENGES_MAX: usize = 4;

impl fmt::Debug for Challenges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} challenges", self.0.len())
    }
}

impl Challenges {
    /// Takes the challenges of a 401 or 407 to `request`. Whether it is worth trying again: we have credentials for one that
    /// the request did not already answer, or its nonce was stale.
    pub fn learn(&mut self, refusal: &Response, request: &Request, credentials: &[Credentials]) -> bool {
        let Some(challenger) = Challenger::of(refusal.status()) else { return false };
        let (challenges, answers) = challenger.headers();
        let mut best: Option<(Challenge, DigestParams)> = None;
        for params in refusal.headers().all(challenges).filter_map(DigestParams::parse) {
            let Some(challenge) = Challenge::read(challenger, &params, credentials) else { continue };
            if best.as_ref().is_none_or(|(best, _)| challenge.algorithm > best.algorithm) {
                best = Some((challenge, params));
            }
        }
        let Some((challenge, params)) = best else { return false };
        let answered = request.headers().all(answers).filter_map(DigestParams::parse);
        let refused = answered.filter(|answer| answer.get("realm") == Some(challenge.realm.as_str())).count() > 0;
        if refused && !params.get("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")) {
            return false;
        }
        self.0.retain(|known| known.challenger != challenger || known.realm != challenge.realm);
        let has_room = self.0.len() < CHALLENGES_MAX;
        if has_room {
            self.0.push(challenge);
        }
        has_room
    }

    /// The request with an answer to each challenge met so far.
    pub fn sign(&mut self, request: Request, cnonce: &str) -> Request {
        self.0.iter_mut().fold(request, |request, challenge| {
            let (_, header) = challenge.challenger.headers();
            let answer = challenge.answer(&request, cnonce);
            request.with(header, answer)
        })
    }
}

impl Challenge {
    fn read(challenger: Challenger, params: &DigestParams, credentials: &[Credentials]) -> Option<Self> {
        let (realm, nonce) = (params.get("realm")?, params.get("nonce")?);
        let fits = |ours: &&Credentials| ours.realm.as_deref().is_none_or(|ours| ours == realm);
        let qop = params.get("qop").map(|qop| qop.split(',').any(|token| token.trim().eq_ignore_ascii_case("auth")));
        Some(Self {
            challenger,
            algorithm: params.algorithm()?,
            realm: realm.to_owned(),
            nonce: nonce.to_owned(),
            opaque: params.get("opaque").map(str::to_owned),
            counts: match qop {
                None => false,
                Some(true) => true,
                Some(false) => return None, // auth-int alone
            },
            count: 0,
            credentials: credentials.iter().find(fits)?.clone(),
        })
    }

    /// The value of Authorization.
    fn answer(&mut self, request: &Request, cnonce: &str) -> String {
        self.count += 1;
        let count = format!("{:08x}", self.count);
        let (uri, method) = (request.uri().reveal(), request.method().to_string());
        let Self { algorithm, realm, nonce, opaque, counts, credentials, .. } = self;
        let proof = Proof {
            algorithm: *algorithm,
            user: &credentials.user,
            realm,
            method: &method,
            uri: &uri,
            nonce,
            counted: counts.then_some((count.as_str(), cnonce)),
        };
        let mut text = format!(
            "Digest username={}, realm={}, nonce={}, uri={}, response=\"{}\", algorithm={}",
            quote(&credentials.user),
            quote(realm),
            quote(nonce),
            quote(&uri),
            proof.response(&credentials.secret),
            algorithm.token(),
        );
        if *counts {
            text.push_str(&format!(", qop=auth, nc={count}, cnonce={}", quote(cnonce)));
        }
        if let Some(opaque) = opaque {
            text.push_str(&format!(", opaque={}", quote(opaque)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(proof: &Proof<'_>, secret: &str) -> String {
        proof.response(&Redacted::new(secret.to_owned()))
    }

    #[test]
    fn the_examples_of_rfc_7616_come_out() {
        let mut proof = Proof {
            algorithm: Algorithm::Md5,
            user: "Mufasa",
            realm: "http-auth@example.org",
            method: "GET",
            uri: "/dir/index.html",
            nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            counted: Some(("00000001", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")),
        };
        assert_eq!(response(&proof, "Circle of Life"), "8ca523f5e9506fed4657c9700eebdbec");
        proof.algorithm = Algorithm::Sha256;
        let expected = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
        assert_eq!(response(&proof, "Circle of Life"), expected);
    }

    #[test]
    fn the_examples_of_rfc_2617_and_rfc_2069_come_out() {
        let mut proof = Proof {
            algorithm: Algorithm::Md5,
            user: "Mufasa",
            realm: "testrealm@host.com",
            method: "GET",
            uri: "/dir/index.html",
            nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
            counted: Some(("00000001", "0a4f113b")),
        };
        assert_eq!(response(&proof, "Circle Of Life"), "6629fae49393a05397450978507c4ef1");
        proof.counted = None;
        assert_eq!(response(&proof, "CircleOfLife"), "1949323746fe6a43ef61f9606e7febea", "erratum 749 of RFC 2069");
    }

    #[test]
    fn parameters_are_read_with_quotes_and_escapes_and_other_schemes_are_not() {
        let params = DigestParams::parse("digest realm=\"a, \\\"b\\\"\",nonce=x , stale=TRUE,, algorithm=sha-256")
            .expect("valid");
        assert_eq!((params.get("Realm"), params.get("nonce")), (Some("a, \"b\""), Some("x")));
        assert_eq!((params.get("stale"), params.algorithm()), (Some("TRUE"), Some(Algorithm::Sha256)));
        assert_eq!(unquote(&quote("a\"b\\c")), "a\"b\\c");
        for bad in ["", "Digest", "Basic YTpi", "Digest realm=\"open", "Digest realm"] {
            assert!(DigestParams::parse(bad).is_none(), "{bad}");
        }
    }
}
