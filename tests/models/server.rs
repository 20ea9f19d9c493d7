//! An HTTP server that answers as it is told: a function writes the bytes of each answer.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What was asked.
#[derive(Debug, Clone)]
pub struct Request {
    pub path: String,
    /// The first byte that is wanted, if not all are.
    pub from: Option<usize>,
    pub if_range: Option<String>,
}

pub struct Server {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers each connection's one request, until the test ends.
    pub fn start(answer: impl Fn(usize, &Request, &mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for (n, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                let request = read(&stream);
                seen.lock().unwrap().push(request.clone());
                answer(n, &request, &mut { stream });
            }
        });
        Self { url, requests }
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Request {
    let lines: Vec<String> =
        BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let header = |name: &str| {
        let value = |line: &String| {
            line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_owned())
        };
        lines.iter().find_map(value)
    };
    let from = header("range").map(|range| range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap());
    Request { path: lines[0].split(' ').nth(1).unwrap().to_owned(), from, if_range: header("if-range") }
}

/// Sends a head and a body; the client may be gone.
pub fn send(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n");
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

/// All of a file, or the part that was asked for if it is still this version.
pub fn send_file(stream: &mut TcpStream, request: &Request, etag: &str, file: &[u8]) {
    match request.from {
        Some(from) if request.if_range.as_deref() == Some(etag) => {
            let range = format!("Content-Range: bytes {from}-{}/{}\r\n", file.len() - 1, file.len());
            let headers = format!("Content-Length: {}\r\nETag: {etag}\r\n{range}", file.len() - from);
            send(stream, "206 Partial Content", &headers, &file[from..]);
        }
        _ => send(stream, "200 OK", &format!("Content-Length: {}\r\nETag: {etag}\r\n", file.len()), file),
    }
}

/// Says that the whole comes, and breaks off half-way.
pub fn send_half(stream: &mut TcpStream, etag: &str, file: &[u8]) {
    let headers = format!("Content-Length: {}\r\nETag: {etag}\r\n", file.len());
    send(stream, "200 OK", &headers, &file[..file.len() / 2]);
}
