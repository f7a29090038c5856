//! Requests and parts of a conversation, out of the bytes that the line has captured. Invariant: every
//! byte belongs to exactly one part; what is encrypted is one part.

use std::collections::BTreeMap;

use pishkhan_testkit::faulty_line::{Carried, Way};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const FRAME_HEAD: usize = 9;
const HEADERS: u8 = 1;

/// How many requests, and how many bytes of what.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Dissected {
    pub(crate) requests: Option<u64>,
    pub(crate) parts: Vec<(String, u64)>,
}

pub(crate) fn dissect(captured: &[Carried]) -> Dissected {
    let mut streams: BTreeMap<u64, [Vec<u8>; 2]> = BTreeMap::new();
    for piece in captured {
        let stream = &mut streams.entry(piece.connection).or_default()[direction(piece.way)];
        stream.extend_from_slice(&piece.bytes);
    }
    let mut parts = BTreeMap::new();
    let (mut requests, mut seen) = (0, true);
    for [up, down] in streams.values() {
        match up.first() {
            Some(0x14..=0x17) => seen = false,
            Some(b'A'..=b'Z') if !up.starts_with(PREFACE) => {
                requests += plain(up, "up", &mut parts);
                plain(down, "down", &mut parts);
            }
            _ => {
                requests += frames(up, "up", &mut parts);
                frames(down, "down", &mut parts);
            }
        }
    }
    let requests = (seen && !streams.is_empty()).then_some(requests);
    Dissected { requests, parts: parts.into_iter().collect() }
}

fn direction(way: Way) -> usize {
    match way {
        Way::Up => 0,
        Way::Down => 1,
    }
}

/// Messages of HTTP/1.1, their heads and bodies.
fn plain(stream: &[u8], way: &str, parts: &mut BTreeMap<String, u64>) -> u64 {
    let (mut messages, mut heads, mut at) = (0, 0, 0);
    let find = |from: usize, what: &[u8]| {
        stream[from..].windows(what.len()).position(|window| window == what).map(|at| from + at)
    };
    while let Some(version) = find(at, b"HTTP/1.1") {
        let begin = stream[at..version].iter().rposition(|byte| *byte == b'\n');
        let begin = begin.map_or(at, |before| at + before + 1);
        at = find(version, b"\r\n\r\n").map_or(stream.len(), |end| end + 4);
        heads += at - begin;
        messages += 1;
    }
    let mut add = |part: &str, bytes: usize| {
        *parts.entry(format!("{way} {part}")).or_default() += bytes as u64;
    };
    add("HTTP/1.1 heads", heads);
    add("HTTP/1.1 bodies", stream.len() - heads);
    messages
}

/// Requests of HTTP/2, and its frames by kind.
fn frames(mut stream: &[u8], way: &str, parts: &mut BTreeMap<String, u64>) -> u64 {
    let mut requests = 0;
    let mut add = |part: String, bytes: usize| *parts.entry(part).or_default() += bytes as u64;
    if let Some(rest) = stream.strip_prefix(PREFACE) {
        add(format!("{way} preface"), PREFACE.len());
        stream = rest;
    }
    while let [a, b, c, kind, ..] = stream {
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        let whole = (FRAME_HEAD + length).min(stream.len());
        add(format!("{way} {}", name(*kind)), whole);
        requests += u64::from(*kind == HEADERS);
        stream = &stream[whole..];
    }
    requests
}

fn name(kind: u8) -> &'static str {
    match kind {
        0 => "data",
        HEADERS => "headers",
        3 => "reset",
        4 => "settings",
        6 => "ping",
        7 => "goaway",
        8 => "window",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(connection: u64, way: Way, bytes: &[u8]) -> Carried {
        Carried { connection, way, bytes: bytes.to_vec() }
    }

    #[test]
    fn requests_are_seen_in_both_versions_and_not_under_tls() {
        let one = b"GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\n\r\n";
        assert_eq!(dissect(&[piece(1, Way::Up, one)]).requests, Some(2));
        let two = [PREFACE, &[0, 0, 1, HEADERS, 5, 0, 0, 0, 1, 7, 0, 0, 2, 0, 1, 0, 0, 0, 1, 8, 9]];
        let seen = dissect(&[
            piece(1, Way::Up, &two.concat()),
            piece(1, Way::Down, &[0, 0, 0, 4, 1, 0, 0, 0, 0]),
        ]);
        let part = |name: &str, bytes| (name.to_owned(), bytes);
        let parts = [
            part("down settings", 9),
            part("up data", 11),
            part("up headers", 10),
            part("up preface", 24),
        ];
        assert_eq!((seen.requests, seen.parts.as_slice()), (Some(1), &parts[..]));
        assert_eq!(dissect(&[piece(1, Way::Up, &[0x16, 3, 1])]).requests, None);
        assert_eq!(dissect(&[]).requests, None);
    }
}
