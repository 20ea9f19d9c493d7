//! Who may call: an INVITE from outside a dialog must prove one of the users' secrets, where there are users. Nonces carry
//! their own time and a seal, so that a challenge costs no memory; only those that were answered are remembered, so that
//! no answer counts twice. RFC 7616 §3.3, RFC 8760 §2.3, RFC 3261 §22.

use std::collections::BTreeMap;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::digest::{Algorithm, Credentials, DigestParams, Proof, hex, quote};
use super::message::Request;
use crate::base::{Instant, Redacted};

/// How long a nonce is good for.
pub const NONCE_LIFETIME: Duration = Duration::from_secs(300);
/// Answered nonces that are remembered; full: the oldest is forgotten, and with it all older ones stop counting.
const NONCES_MAX: usize = 4096;
/// Digits of a nonce's time, and of its seal.
const TIME_DIGITS: usize = 16;
const SEAL_DIGITS: usize = 32;

/// What an INVITE may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Admission {
    Granted,
    /// 401 with these values of WWW-Authenticate.
    Challenged(Vec<String>),
}

/// Why an answer does not count.
enum Refusal {
    /// Right, but not fresh.
    Stale,
    /// Absent, broken or wrong.
    Wrong,
}

/// See the module.
pub(super) struct Doorkeeper {
    realm: String,
    users: Vec<Credentials>,
    algorithms: Vec<Algorithm>,
    /// Makes the seals.
    key: [u8; 16],
    /// The highest count by which a nonce was answered. Nonces sort by time.
    answered: BTreeMap<String, u32>,
    /// Nonces up to this one are forgotten, and so stale.
    forgotten: String,
}

impl Doorkeeper {
    /// `key` must be beyond guessing.
    pub fn new(realm: String, users: Vec<Credentials>, algorithms: Vec<Algorithm>, key: [u8; 16]) -> Self {
        Self { realm, users, algorithms, key, answered: BTreeMap::new(), forgotten: String::new() }
    }

    /// Judges an INVITE.
    pub fn admit(&mut self, now: Instant, invite: &Request) -> Admission {
        if self.users.is_empty() {
            return Admission::Granted;
        }
        // The URI that is signed is not compared with the request's: proxies change that on the way. RFC 3261 §22.4.
        let answers: Vec<_> = invite.headers().all("Authorization").filter_map(DigestParams::parse).collect();
        let ours = answers.iter().find(|answer| answer.get("realm") == Some(self.realm.as_str()));
        match ours.map_or(Err(Refusal::Wrong), |answer| self.check(now, answer)) {
            Ok(()) => Admission::Granted,
            Err(Refusal::Stale) => Admission::Challenged(self.challenges(now, ", stale=true")),
            Err(Refusal::Wrong) => Admission::Challenged(self.challenges(now, "")),
        }
    }

    fn challenges(&self, now: Instant, stale: &str) -> Vec<String> {
        let (realm, nonce) = (quote(&self.realm), self.nonce(now));
        let challenge = |algorithm: &Algorithm| {
            format!("Digest realm={realm}, nonce=\"{nonce}\", algorithm={}, qop=\"auth\"{stale}", algorithm.token())
        };
        self.algorithms.iter().map(challenge).collect()
    }

    fn check(&mut self, now: Instant, answer: &DigestParams) -> Result<(), Refusal> {
        let get = |name| answer.get(name).ok_or(Refusal::Wrong);
        let (user, uri, nonce) = (get("username")?, get("uri")?, get("nonce")?);
        let (counted, count) = match answer.get("qop") {
            Some(qop) if qop.eq_ignore_ascii_case("auth") => {
                let count = get("nc")?;
                let number = u32::from_str_radix(count, 16).map_err(|_| Refusal::Wrong)?;
                (Some((count, get("cnonce")?)), number)
            }
            Some(_) => return Err(Refusal::Wrong),
            None => (None, u32::MAX), // RFC 2069 counts nothing: the nonce is good once
        };
        let offered = |algorithm: &Algorithm| self.algorithms.contains(algorithm);
        let algorithm = answer.algorithm().filter(offered).ok_or(Refusal::Wrong)?;
        let proof = Proof { algorithm, user, realm: &self.realm, method: "INVITE", uri, nonce, counted };
        let known = self.users.iter().find(|known| known.user == user);
        let nobody = Redacted::new(String::new());
        let expected = proof.response(known.map_or(&nobody, |known| &known.secret)); // as long for strangers
        let is_right = are_equal(expected.as_bytes(), get("response")?.to_ascii_lowercase().as_bytes());
        if known.is_none() || !is_right || !self.is_ours(nonce) {
            return Err(Refusal::Wrong);
        }
        self.spend(now, nonce, count)
    }

    /// Notes that a nonce of ours was answered by this count, if that is news.
    fn spend(&mut self, now: Instant, nonce: &str, count: u32) -> Result<(), Refusal> {
        let made = u64::from_str_radix(&nonce[..TIME_DIGITS], 16).map_or(Instant::default(), Instant::from_micros);
        let spent = self.answered.get(nonce).is_some_and(|highest| count <= *highest);
        if now.since(made) > NONCE_LIFETIME || spent || *nonce <= *self.forgotten {
            return Err(Refusal::Stale);
        }
        if self.answered.len() >= NONCES_MAX
            && !self.answered.contains_key(nonce)
            && let Some((oldest, _)) = self.answered.pop_first()
        {
            self.forgotten = oldest;
        }
        self.answered.insert(nonce.to_owned(), count);
        Ok(())
    }

    fn nonce(&self, now: Instant) -> String {
        let time = format!("{:0TIME_DIGITS$x}", now.as_micros());
        let seal = self.seal(&time);
        time + &seal
    }

    fn is_ours(&self, nonce: &str) -> bool {
        let time = nonce.get(..TIME_DIGITS).filter(|_| nonce.len() == TIME_DIGITS + SEAL_DIGITS);
        time.is_some_and(|time| are_equal(self.seal(time).as_bytes(), &nonce.as_bytes()[TIME_DIGITS..]))
    }

    /// A keyed hash of a fixed length of input, cut to half: SHA-256 needs no more to seal it.
    fn seal(&self, time: &str) -> String {
        let mut seal = hex(&Sha256::new().chain_update(self.key).chain_update(time).finalize());
        seal.truncate(SEAL_DIGITS);
        seal
    }
}

/// In a time that does not tell where they differ.
fn are_equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forgotten_nonce_never_counts_again_and_the_table_stays_bounded() {
        let mut keeper = Doorkeeper::new("r".into(), Vec::new(), Vec::new(), [7; 16]);
        let at = |n: usize| Instant::from_micros(n as u64);
        let nonces: Vec<String> = (0..=NONCES_MAX).map(|n| keeper.nonce(at(n))).collect();
        for nonce in &nonces {
            assert!(keeper.is_ours(nonce) && keeper.spend(at(9_999), nonce, 1).is_ok());
        }
        assert_eq!(keeper.answered.len(), NONCES_MAX);
        assert!(matches!(keeper.spend(at(9_999), &nonces[0], 2), Err(Refusal::Stale)));
        assert!(keeper.spend(at(9_999), &nonces[1], 2).is_ok());
        assert!(!keeper.is_ours(&nonces[0].replace('0', "1")) && !keeper.is_ours("") && !keeper.is_ours("é"));
    }
}
