//! A download comes to its end or says why not, whatever the server does.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::thread::{sleep, spawn};
use std::time::Duration;

use callwright::shell::models::download::{DownloadError, Order, Patience, fetch};
use sha2::{Digest, Sha256};

use super::server::{Server, send, send_file, send_half};

const MIB: usize = 1 << 20;

/// So many bytes, that differ by `seed`.
fn file(bytes: usize, seed: u8) -> Vec<u8> {
    (0..bytes).map(|n| (n as u8).wrapping_mul(31).wrapping_add((n >> 8) as u8) ^ seed).collect()
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What has arrived, and of how much.
type Told = (u64, Option<u64>);

/// Where a download is gathered.
struct Gathered {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Gathered {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".partial/model.bin");
        Self { _folder: folder, path }
    }

    /// Fetches what must have this checksum, in so many attempts; it, and the progress that was told last.
    fn fetch(&self, url: &str, sha256: Option<&str>, attempts: usize) -> Result<(Vec<u8>, Told), DownloadError> {
        let patience = Patience {
            connect: Duration::from_secs(5),
            silence: Duration::from_millis(400),
            pauses: vec![Duration::from_millis(1); attempts - 1],
        };
        let order = Order { url, partial: &self.path, sha256, bytes: None, bytes_max: 4 * MIB as u64, patience };
        let mut told = (0, None);
        fetch(&order, |have, total| told = (have, total))?;
        Ok((fs::read(&self.path).unwrap(), told))
    }
}

#[test]
fn a_whole_download_has_its_checksum_and_tells_its_progress() {
    let body = file(MIB, 0);
    let served = body.clone();
    let server = Server::start(move |_, request, stream| send_file(stream, request, "\"v1\"", &served));
    let (got, told) = Gathered::new().fetch(&server.url, Some(&sum(&body)), 1).unwrap();
    assert!(got == body);
    assert_eq!(told, (MIB as u64, Some(MIB as u64)));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn what_breaks_off_is_gone_on_with_by_range() {
    let body = file(MIB, 0);
    let served = body.clone();
    let server = Server::start(move |n, request, stream| match n {
        0 => send_half(stream, "\"v1\"", &served),
        _ => send_file(stream, request, "\"v1\"", &served),
    });
    let (got, _) = Gathered::new().fetch(&server.url, Some(&sum(&body)), 2).unwrap();
    assert!(got == body);
    let requests = server.requests();
    assert_eq!((requests[0].from, requests[1].from), (None, Some(MIB / 2)));
    assert_eq!(requests[1].if_range.as_deref(), Some("\"v1\""));
}

#[test]
fn a_command_given_again_goes_on_where_the_last_one_ended() {
    let body = file(MIB, 0);
    let served = body.clone();
    let server = Server::start(move |n, request, stream| match n {
        0 => send_half(stream, "\"v1\"", &served),
        _ => send_file(stream, request, "\"v1\"", &served),
    });
    let gathered = Gathered::new();
    let why = gathered.fetch(&server.url, Some(&sum(&body)), 1).unwrap_err();
    assert!(matches!(why, DownloadError::Broken { have_bytes, .. } if have_bytes == MIB as u64 / 2), "{why}");
    assert!(gathered.fetch(&server.url, Some(&sum(&body)), 1).unwrap().0 == body);
    assert_eq!(server.requests()[1].from, Some(MIB / 2));
}

#[test]
fn what_came_from_another_address_is_not_gone_on_with() {
    let (body, other) = (file(MIB, 0), file(MIB, 7));
    let served = body.clone();
    let first = Server::start(move |_, _, stream| send_half(stream, "\"v1\"", &other));
    let second = Server::start(move |_, request, stream| send_file(stream, request, "\"v1\"", &served));
    let gathered = Gathered::new();
    gathered.fetch(&first.url, None, 1).unwrap_err();
    assert!(gathered.fetch(&second.url, Some(&sum(&body)), 1).unwrap().0 == body);
    assert_eq!(second.requests()[0].from, None);
}

#[test]
fn a_server_without_ranges_sends_the_whole_again() {
    let body = file(MIB, 0);
    let served = body.clone();
    let server = Server::start(move |n, _, stream| match n {
        0 => send_half(stream, "\"v1\"", &served),
        _ => send(stream, "200 OK", &format!("Content-Length: {}\r\n", served.len()), &served),
    });
    assert!(Gathered::new().fetch(&server.url, Some(&sum(&body)), 2).unwrap().0 == body);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_file_without_a_validator_begins_anew() {
    let body = file(MIB, 0);
    let served = body.clone();
    let server = Server::start(move |n, request, stream| match n {
        0 => send(stream, "200 OK", "Content-Length: 1048576\r\nETag: W/\"weak\"\r\n", &served[..MIB / 2]),
        _ => send_file(stream, request, "\"v1\"", &served),
    });
    assert!(Gathered::new().fetch(&server.url, Some(&sum(&body)), 2).unwrap().0 == body);
    assert_eq!(server.requests()[1].from, None);
}

#[test]
fn a_file_that_has_changed_meanwhile_begins_anew() {
    let (old, new) = (file(MIB, 0), file(MIB + 5, 9));
    let served = new.clone();
    let server = Server::start(move |n, request, stream| match n {
        0 => send_half(stream, "\"v1\"", &old),
        _ => send_file(stream, request, "\"v2\"", &served),
    });
    assert!(Gathered::new().fetch(&server.url, Some(&sum(&new)), 2).unwrap().0 == new);
    let requests = server.requests();
    assert_eq!((requests[1].from, requests[1].if_range.as_deref()), (Some(MIB / 2), Some("\"v1\"")));
}

#[test]
fn a_wrong_checksum_is_an_error_and_what_came_is_not_gone_on_with() {
    let (wrong, right) = (file(MIB, 1), file(MIB, 0));
    let served = right.clone();
    let server = Server::start(move |n, request, stream| {
        send_file(stream, request, "\"v1\"", if n == 0 { &wrong } else { &served });
    });
    let gathered = Gathered::new();
    let why = gathered.fetch(&server.url, Some(&sum(&right)), 3).unwrap_err();
    assert!(matches!(&why, DownloadError::OtherSum { wanted, .. } if *wanted == sum(&right)), "{why}");
    assert!(gathered.fetch(&server.url, Some(&sum(&right)), 1).unwrap().0 == right);
    assert_eq!(server.requests().iter().map(|request| request.from).collect::<Vec<_>>(), [None, None]);
}

#[test]
fn what_is_not_there_is_asked_for_once_and_what_is_busy_again() {
    let body = file(1000, 0);
    let served = body.clone();
    let server = Server::start(move |n, request, stream| match (request.path.as_str(), n) {
        ("/busy", 1) => send(stream, "503 Service Unavailable", "Content-Length: 0\r\n", b""),
        ("/busy", _) => send_file(stream, request, "\"v1\"", &served),
        _ => send(stream, "404 Not Found", "Content-Length: 2\r\n", b"no"),
    });
    let why = Gathered::new().fetch(&format!("{}/none", server.url), None, 3).unwrap_err();
    assert!(matches!(why, DownloadError::Status { status, .. } if status.as_u16() == 404), "{why}");
    assert_eq!(server.requests().len(), 1);
    assert!(Gathered::new().fetch(&format!("{}/busy", server.url), None, 2).unwrap().0 == body);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_redirection_is_followed_with_the_range_and_only_by_http() {
    let body = file(MIB, 0);
    let served = body.clone();
    let server = Server::start(move |n, request, stream| match (request.path.as_str(), n) {
        ("/model", _) => send(stream, "302 Found", "Location: /elsewhere\r\nContent-Length: 0\r\n", b""),
        ("/elsewhere", 1) => send_half(stream, "\"v1\"", &served),
        ("/elsewhere", _) => send_file(stream, request, "\"v1\"", &served),
        ("/loop", _) => send(stream, "302 Found", "Location: /loop\r\nContent-Length: 0\r\n", b""),
        _ => send(stream, "302 Found", "Location: file:///etc/passwd\r\nContent-Length: 0\r\n", b""),
    });
    assert!(Gathered::new().fetch(&format!("{}/model", server.url), Some(&sum(&body)), 2).unwrap().0 == body);
    assert_eq!(server.requests().last().unwrap().from, Some(MIB / 2));
    for path in ["loop", "file"] {
        let why = Gathered::new().fetch(&format!("{}/{path}", server.url), None, 1).unwrap_err();
        assert!(matches!(why, DownloadError::Unreachable { .. }), "{why}");
    }
}

#[test]
fn a_body_without_end_is_broken_off() {
    let server = Server::start(|_, _, stream| {
        send(stream, "200 OK", "Transfer-Encoding: chunked\r\n", b"");
        let chunk = [&b"10000\r\n"[..], &[7; 0x10000], b"\r\n"].concat();
        while stream.write_all(&chunk).is_ok() {}
    });
    let gathered = Gathered::new();
    let why = gathered.fetch(&server.url, None, 3).unwrap_err();
    assert!(matches!(why, DownloadError::TooLarge { .. }), "{why}");
    assert_eq!(fs::metadata(&gathered.path).unwrap().len(), 0, "it does not stay on the disk");
}

#[test]
fn a_file_of_another_size_is_not_even_fetched() {
    let server = Server::start(|_, _, stream| send(stream, "200 OK", "Content-Length: 9000000\r\n", b""));
    let why = Gathered::new().fetch(&server.url, None, 1).unwrap_err();
    assert!(matches!(why, DownloadError::TooLarge { .. }), "{why}");
    let gathered = Gathered::new();
    let patience = Patience::default();
    let order =
        Order { url: &server.url, partial: &gathered.path, sha256: None, bytes: Some(5), bytes_max: 1 << 30, patience };
    let why = fetch(&order, |_, _| {}).unwrap_err();
    assert!(matches!(why, DownloadError::OtherSize { is_bytes: 9_000_000, wanted_bytes: 5, .. }), "{why}");
}

#[test]
fn a_server_that_falls_silent_is_given_up_and_one_that_is_only_slow_is_not() {
    let body = file(8, 0);
    let served = body.clone();
    let server = Server::start(move |_, request, stream| {
        send(stream, "200 OK", "Content-Length: 8\r\nETag: \"v1\"\r\n", &served[..3]);
        match request.path.as_str() {
            "/silent" => sleep(Duration::from_secs(3)),
            _ => served[3..].iter().for_each(|byte| {
                sleep(Duration::from_millis(120));
                let _ = stream.write_all(&[*byte]);
            }),
        }
    });
    assert!(
        Gathered::new().fetch(&format!("{}/slow", server.url), None, 1).unwrap().0 == body,
        "600 ms, each wait short"
    );
    let why = Gathered::new().fetch(&format!("{}/silent", server.url), None, 1).unwrap_err();
    assert!(matches!(why, DownloadError::Broken { have_bytes: 3, .. }), "{why}");
}

#[test]
fn an_https_address_is_spoken_to_in_tls_and_a_plain_answer_is_refused() {
    const TLS_HANDSHAKE: u8 = 22; // RFC 8446 §5.1
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("https://{}/model.bin", listener.local_addr().unwrap());
    let first = spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut record = [0; 512];
        let _ = stream.read(&mut record).unwrap();
        send(&mut stream, "200 OK", "Content-Length: 5\r\n", b"plain");
        record[0]
    });
    let why = Gathered::new().fetch(&url, None, 1).unwrap_err();
    assert!(!matches!(why, DownloadError::Status { .. }), "{why}");
    assert_eq!(first.join().unwrap(), TLS_HANDSHAKE);
}

#[test]
fn two_do_not_gather_the_same_file() {
    let gathered = Gathered::new();
    fs::create_dir_all(gathered.path.parent().unwrap()).unwrap();
    let other = File::create(&gathered.path).unwrap();
    other.lock().unwrap();
    let why = gathered.fetch("http://127.0.0.1:9/model.bin", None, 1).unwrap_err();
    assert!(matches!(why, DownloadError::Busy { .. }), "{why}");
}
