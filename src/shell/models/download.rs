//! Fetching a file by HTTP: resumed where it broke off, its checksum taken while it arrives, bounded in size and in the
//! time that nothing comes. What has arrived lies in a file of its own until all is there and right.
//!
//! Beside the partial file lies where it comes from: URL and validator (RFC 9110 §8.8: a strong ETag, or else the date of the
//! last change). A range is asked for with If-Range (§13.1.5), so that a file which has changed since comes anew as a whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};
use ureq::Agent;
use ureq::http::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_RANGE, LAST_MODIFIED, RANGE};
use ureq::http::{HeaderMap, HeaderName, Response, StatusCode};
use ureq::{Body, Error as HttpError};

use super::sums::{add_file, digits};

/// Redirections followed, hubs have one or two.
const REDIRECTS_MAX: u32 = 8;
/// Read and written at a time.
const CHUNK_BYTES: usize = 1 << 16;
/// What stays free on the disk.
const FREE_BYTES_MIN: u64 = 64 << 20;

/// What is wanted.
pub struct Order<'a> {
    /// Where it lies: http or https. From https nothing leads to http.
    pub url: &'a str,
    /// Where it is gathered.
    pub partial: &'a Path,
    /// What its checksum must be.
    pub sha256: Option<&'a str>,
    /// What its size must be.
    pub bytes: Option<u64>,
    /// What its size may be.
    pub bytes_max: u64,
    /// How long to wait.
    pub patience: Patience,
}

/// How long to wait for a server.
#[derive(Debug, Clone)]
pub struct Patience {
    /// For the connection.
    pub connect: Duration,
    /// For an answer, and for each further byte.
    pub silence: Duration,
    /// Before each further attempt.
    pub pauses: Vec<Duration>,
}

impl Default for Patience {
    fn default() -> Self {
        let pauses = [1, 3, 10, 30].map(Duration::from_secs).to_vec();
        Self { connect: Duration::from_secs(20), silence: Duration::from_secs(60), pauses }
    }
}

/// Why a file could not be fetched. Each says the way out.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The network or the server, for now.
    #[error("{url}: {why} ({have_bytes} bytes are here): the same command goes on from there")]
    Broken {
        /// From where.
        url: String,
        /// What happened.
        why: String,
        /// What has arrived.
        have_bytes: u64,
    },
    /// The server says no.
    #[error("{url}: the server says {status}: is the address right?")]
    Status {
        /// From where.
        url: String,
        /// The status.
        status: StatusCode,
    },
    /// It cannot be asked at all.
    #[error("{url}: {why}: name an http or https address that needs no log-in")]
    Unreachable {
        /// From where.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// It is not the file that was meant.
    #[error("{url} has {is_bytes} bytes, not {wanted_bytes}: it is another file, or the server shows a page instead")]
    OtherSize {
        /// From where.
        url: String,
        /// What it has.
        is_bytes: u64,
        /// What it should have.
        wanted_bytes: u64,
    },
    /// It is not the file that was meant.
    #[error("{url} has the SHA-256 {is}, not {wanted}: it is damaged or another file; nothing was installed")]
    OtherSum {
        /// From where.
        url: String,
        /// What it has.
        is: String,
        /// What it should have.
        wanted: String,
    },
    /// It does not end.
    #[error("{url} has more than {bytes_max} bytes: no model is larger")]
    TooLarge {
        /// From where.
        url: String,
        /// What it may have.
        bytes_max: u64,
    },
    /// The disk is full.
    #[error("{}: {needed_bytes} bytes are needed, {free_bytes} are free: make room", folder.display())]
    NoRoom {
        /// Where.
        folder: PathBuf,
        /// For the rest.
        needed_bytes: u64,
        /// What there is.
        free_bytes: u64,
    },
    /// The disk.
    #[error("{}: {why}", path.display())]
    Disk {
        /// Where.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// Somebody else is at it.
    #[error("{}: another install gathers this file: wait for it", path.display())]
    Busy {
        /// The partial file.
        path: PathBuf,
    },
}

/// Fetches the file into `order.partial`; its checksum. `progress` is told what has arrived, and of how much.
pub fn fetch(order: &Order<'_>, mut progress: impl FnMut(u64, Option<u64>)) -> Result<String, DownloadError> {
    let mut partial = Partial::open(order)?;
    let agent = agent(order);
    let mut pauses = order.patience.pauses.iter();
    while order.bytes.is_none_or(|bytes| partial.length != bytes) {
        match attempt(order, &agent, &mut partial, &mut progress) {
            Ok(()) => break,
            Err(why @ DownloadError::Broken { .. }) => {
                let Some(pause) = pauses.next() else { return Err(why) };
                tracing::warn!("{why}");
                thread::sleep(*pause);
            }
            Err(why) => return Err(why),
        }
    }
    let sum = digits(partial.sum.clone());
    match order.sha256 {
        Some(wanted) if wanted != sum => {
            partial.restart(None)?; // going on from here would be no use
            Err(DownloadError::OtherSum { url: order.url.to_owned(), is: sum, wanted: wanted.to_owned() })
        }
        _ => {
            partial.file.sync_all().map_err(|why| disk(order.partial, &why))?;
            let _ = fs::remove_file(&partial.origin); // what is whole is not resumed
            Ok(sum)
        }
    }
}

fn agent(order: &Order<'_>) -> Agent {
    let patience = &order.patience;
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .https_only(order.url.starts_with("https:"))
        .max_redirects(REDIRECTS_MAX)
        .user_agent(concat!("callwright/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(patience.connect))
        .timeout_recv_response(Some(patience.silence))
        .timeout_per_read(Some(patience.silence))
        .build();
    config.into()
}

/// What has arrived so far.
struct Partial {
    file: File,
    path: PathBuf,
    /// Where it comes from.
    origin: PathBuf,
    length: u64,
    sum: Sha256,
    /// What tells this version of the file from others.
    validator: Option<String>,
}

impl Partial {
    /// Takes up what an earlier attempt left, if it came from the same address.
    fn open(order: &Order<'_>) -> Result<Self, DownloadError> {
        let path = order.partial.to_owned();
        let failed = |why: io::Error| disk(&path, &why);
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DownloadError::Busy { path }),
            Err(TryLockError::Error(why)) => return Err(failed(why)),
        }
        let origin = PathBuf::from(format!("{}.from", path.display()));
        let known = fs::read_to_string(&origin).unwrap_or_default();
        let validator =
            known.split_once('\n').filter(|(url, _)| *url == order.url).map(|(_, validator)| validator.to_owned());
        let mut sum = Sha256::new();
        let length = match validator {
            Some(_) => add_file(&mut file, &mut sum).map_err(failed)?,
            None => 0,
        };
        let mut partial = Self { file, path, origin, length, sum, validator };
        if partial.length == 0 {
            partial.restart(None)?;
        }
        Ok(partial)
    }

    /// Begins from nothing, with another version of the file.
    fn restart(&mut self, validator: Option<(&str, String)>) -> Result<(), DownloadError> {
        let failed = |why: io::Error| disk(&self.path, &why);
        self.file.set_len(0).and_then(|()| self.file.rewind()).map_err(failed)?;
        (self.length, self.sum, self.validator) = (0, Sha256::new(), None);
        match validator {
            Some((url, validator)) => {
                fs::write(&self.origin, format!("{url}\n{validator}")).map_err(failed)?;
                self.validator = Some(validator);
            }
            None => _ = fs::remove_file(&self.origin), // there may be none
        }
        Ok(())
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), DownloadError> {
        self.file.write_all(bytes).map_err(|why| disk(&self.path, &why))?;
        self.sum.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }
}

/// One request: all of the file, or the rest of it.
fn attempt(
    order: &Order<'_>,
    agent: &Agent,
    partial: &mut Partial,
    progress: &mut impl FnMut(u64, Option<u64>),
) -> Result<(), DownloadError> {
    let mut request = agent.get(order.url);
    match &partial.validator {
        Some(validator) if partial.length > 0 => {
            request = request.header(RANGE, format!("bytes={}-", partial.length)).header(IF_RANGE, validator);
        }
        _ => partial.restart(None)?,
    }
    let response = request.call().map_err(|why| refused(order, partial, why))?;
    let total = begin(order, partial, &response)?;
    check_size(order, partial, total)?;
    let mut body = response.into_body().into_with_config().limit(u64::MAX).reader();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        progress(partial.length, total);
        match body.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) if partial.length + read as u64 > order.bytes_max => {
                partial.restart(None)?;
                return Err(too_large(order));
            }
            Ok(read) => partial.push(&chunk[..read])?,
            Err(why) if why.kind() == ErrorKind::Interrupted => {}
            Err(why) => return Err(broken(order, partial, why.to_string())),
        }
    }
    match total {
        Some(total) if partial.length != total => {
            Err(broken(order, partial, format!("it breaks off before {total} bytes")))
        }
        _ => Ok(()),
    }
}

/// Where the answer begins: at nothing or where we are. The file's size, if it is told.
fn begin(order: &Order<'_>, partial: &mut Partial, response: &Response<Body>) -> Result<Option<u64>, DownloadError> {
    let (status, headers) = (response.status(), response.headers());
    match status {
        StatusCode::OK => {
            partial.restart(validator(headers).map(|validator| (order.url, validator)))?;
            Ok(header(headers, &CONTENT_LENGTH).and_then(|length| length.parse().ok()))
        }
        StatusCode::PARTIAL_CONTENT => match header(headers, &CONTENT_RANGE).and_then(range) {
            Some((from, total)) if from == partial.length => Ok(total),
            Some(_) | None => {
                partial.restart(None)?;
                Err(broken(order, partial, "it sends another part than was asked for".to_owned()))
            }
        },
        StatusCode::RANGE_NOT_SATISFIABLE => {
            partial.restart(None)?;
            Err(broken(order, partial, "it is shorter than what is here".to_owned()))
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Err(broken(order, partial, status.to_string())),
        status if status.is_server_error() => Err(broken(order, partial, status.to_string())),
        status => Err(DownloadError::Status { url: order.url.to_owned(), status }),
    }
}

/// `bytes FROM-TO/TOTAL`.
fn range(value: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = value.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.parse().ok()?, total.parse().ok()))
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A weak ETag does not tell versions apart byte by byte.
fn validator(headers: &HeaderMap) -> Option<String> {
    let etag = header(headers, &ETAG).filter(|etag| !etag.starts_with("W/"));
    etag.or_else(|| header(headers, &LAST_MODIFIED)).map(str::to_owned)
}

fn check_size(order: &Order<'_>, partial: &Partial, total: Option<u64>) -> Result<(), DownloadError> {
    if let (Some(is_bytes), Some(wanted_bytes)) = (total, order.bytes)
        && is_bytes != wanted_bytes
    {
        return Err(DownloadError::OtherSize { url: order.url.to_owned(), is_bytes, wanted_bytes });
    }
    if total.is_some_and(|total| total > order.bytes_max) {
        return Err(too_large(order));
    }
    let needed_bytes = total.unwrap_or(0).saturating_sub(partial.length) + FREE_BYTES_MIN;
    let folder = order.partial.parent().unwrap_or(Path::new("."));
    let disk = rustix::fs::statvfs(folder).map_err(|why| disk(folder, &why.into()))?;
    let free_bytes = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free_bytes < needed_bytes {
        return Err(DownloadError::NoRoom { folder: folder.to_owned(), needed_bytes, free_bytes });
    }
    Ok(())
}

/// Why there is no answer: what may be otherwise a moment later, and what will not.
#[expect(clippy::wildcard_enum_match_arm, reason = "theirs, and open")]
fn refused(order: &Order<'_>, partial: &Partial, why: HttpError) -> DownloadError {
    match why {
        HttpError::Io(_) | HttpError::Timeout(_) | HttpError::HostNotFound | HttpError::ConnectionFailed => {
            broken(order, partial, why.to_string())
        }
        why => DownloadError::Unreachable { url: order.url.to_owned(), why: why.to_string() },
    }
}

fn broken(order: &Order<'_>, partial: &Partial, why: String) -> DownloadError {
    DownloadError::Broken { url: order.url.to_owned(), why, have_bytes: partial.length }
}

fn too_large(order: &Order<'_>) -> DownloadError {
    DownloadError::TooLarge { url: order.url.to_owned(), bytes_max: order.bytes_max }
}

fn disk(path: &Path, why: &io::Error) -> DownloadError {
    DownloadError::Disk { path: path.to_owned(), why: why.to_string() }
}
