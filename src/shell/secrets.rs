//! Secrets of the environment and of files become credentials. They are read once, at start, and never shown.

use anyhow::{Context, Result, ensure};

use crate::base::Redacted;
use crate::config::{Account, Secret};
use crate::sip::Credentials;

/// The credentials of these accounts.
pub fn reveal(accounts: &[Account]) -> Result<Vec<Credentials>> {
    accounts.iter().map(credentials).collect()
}

fn credentials(account: &Account) -> Result<Credentials> {
    let Account { realm, user, secret } = account;
    let (secret, place) = match secret {
        Secret::Env(name) => (std::env::var(name).context("not set"), format!("variable {name}")),
        Secret::File(path) => (std::fs::read_to_string(path).map_err(Into::into), format!("file {}", path.display())),
    };
    let secret = secret.with_context(|| format!("the secret of SIP user {user} in {place}"))?;
    let secret = secret.trim_end_matches(['\r', '\n']).to_owned();
    ensure!(!secret.is_empty(), "the secret of SIP user {user} in {place} is empty");
    Ok(Credentials { realm: realm.clone(), user: user.clone(), secret: Redacted::new(secret) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_from_its_file_without_the_line_break_and_an_absent_one_is_named() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("secret");
        std::fs::write(&path, "open sesame\r\n").expect("written");
        let account = |secret| Account { realm: None, user: "alice".into(), secret };
        let [found] = &reveal(&[account(Secret::File(path))]).expect("there")[..] else { panic!() };
        assert_eq!(found.secret.reveal(), "open sesame");
        let absent = reveal(&[account(Secret::Env("CALLWRIGHT_NO_SUCH_SECRET".into()))]).expect_err("absent");
        assert!(format!("{absent:#}").contains("variable CALLWRIGHT_NO_SUCH_SECRET"), "{absent:#}");
    }
}
