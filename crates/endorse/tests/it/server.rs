//! A service on the loopback interface, and a fetcher that asks it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use adyton_endorse::{BaseUrl, Fetcher, Item, Limits, Outcome, Sources, TlsRoots};

/// What a service does with one request.
pub(crate) enum Reply {
    /// Answers.
    Http(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Writes these bytes, whatever they are, and closes.
    Raw(Vec<u8>),
    /// Says nothing, ever.
    Silence,
}

pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Reply {
    Reply::Http(200, Vec::new(), body.into())
}

pub(crate) fn status(status: u16) -> Reply {
    Reply::Http(status, Vec::new(), b"<html>sorry</html>".to_vec())
}

/// A service that serves until the test ends.
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers each request by its path and body.
    pub(crate) fn start(mut handle: impl FnMut(&str, &[u8]) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        // It ends with the process: nothing here waits for it.
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let Some((path, body)) = read(&stream) else {
                    continue;
                };
                log.lock().unwrap().push(path.clone());
                match handle(&path, &body) {
                    Reply::Silence => silent.push(stream),
                    reply => answer(&mut stream, &reply),
                }
            }
        });
        Self { url, asked }
    }

    /// The paths that were asked for since this was last called.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    pub(crate) fn base(&self) -> BaseUrl {
        self.url.parse().unwrap()
    }

    /// Every vendor is this service.
    pub(crate) fn sources(&self) -> Sources {
        Sources {
            kds: self.base(),
            pccs: Some(self.base()),
            rim: self.base(),
            ocsp: self.base(),
            ..Sources::default()
        }
    }

    pub(crate) fn fetcher(&self) -> Fetcher {
        fetcher(self.sources())
    }
}

/// It never waits between tries.
pub(crate) fn impatient() -> Limits {
    Limits {
        first_pause: Duration::ZERO,
        tries: 3,
        ..Limits::default()
    }
}

pub(crate) fn fetcher(sources: Sources) -> Fetcher {
    Fetcher::new(sources, &TlsRoots::Platform, impatient()).unwrap()
}

/// `kept`, `fetched` and so on, for each item.
pub(crate) fn outcomes(items: &[Item]) -> Vec<&'static str> {
    let word = |item: &Item| match item.outcome {
        Outcome::AtHand => "at hand",
        Outcome::Kept { .. } => "kept",
        Outcome::Fetched { .. } => "fetched",
        Outcome::Unserved => "unserved",
        Outcome::Failed(_) => "failed",
        _ => "?",
    };
    items.iter().map(word).collect()
}

/// Path and body of a request.
pub(crate) fn read(stream: &TcpStream) -> Option<(String, Vec<u8>)> {
    request(stream)
}

/// The same from anything.
pub(crate) fn request(from: impl std::io::Read) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(from);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, body))
}

pub(crate) fn bytes(reply: &Reply) -> Vec<u8> {
    match reply {
        Reply::Http(status, headers, body) => {
            let length = body.len();
            let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n");
            for (name, value) in headers {
                head += &format!("{name}: {value}\r\n");
            }
            [head.as_bytes(), b"Connection: close\r\n\r\n", body].concat()
        }
        Reply::Raw(bytes) => bytes.clone(),
        Reply::Silence => Vec::new(),
    }
}

fn answer(stream: &mut TcpStream, reply: &Reply) {
    // A client that has seen enough closes first.
    let _ = stream.write_all(&bytes(reply));
    let _ = stream.shutdown(Shutdown::Write);
}
