use std::time::Duration;

/// What a server grants a stranger, who may be malicious, slow, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerLimits {
    /// Connections at once; more wait in the kernel's queue. Each costs a task and about 64 KiB.
    pub max_connections: usize,
    /// Bytes of a request's head. Ours take 200; hyper needs a buffer of 8 KiB.
    pub head_bytes: usize,
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Bytes that the larger bodies of all connections may take together; a body that finds no room
    /// waits unread with its client. Bodies of up to 16 KiB need none.
    pub bodies_bytes: usize,
    /// From the connection to the end of the TLS handshake.
    pub handshake: Duration,
    /// From the end of one answer (or of the handshake) to the end of the next request's head: also
    /// how long a connection may idle.
    pub head: Duration,
    /// From the end of the head until there is room for the body, and from then to its end.
    pub body: Duration,
    /// How long a client may take no byte of an answer.
    pub write_stall: Duration,
    /// How long requests under way may still take once the server stops.
    pub drain: Duration,
}

impl Default for ServerLimits {
    /// For a broker: 2 MiB bodies (`specs/release-protocol.md`), 30 s for everything slow.
    fn default() -> Self {
        Self {
            max_connections: 512,
            head_bytes: 8 << 10,
            body_bytes: 2 << 20,
            bodies_bytes: 256 << 20,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
            body: Duration::from_secs(30),
            write_stall: Duration::from_secs(30),
            drain: Duration::from_secs(10),
        }
    }
}

/// What a client grants a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientLimits {
    /// From the first packet to the end of the TLS handshake.
    pub connect: Duration,
    /// From the request's first byte to the answer's last.
    pub request: Duration,
    /// Bytes of an answer's body.
    pub answer_bytes: usize,
}

impl Default for ClientLimits {
    /// 10 s to connect, 60 s an answer (a broker may be fetching collateral), 4 MiB: 16 releases of
    /// 64 KiB each with their proofs take a third of it.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_secs(60),
            answer_bytes: 4 << 20,
        }
    }
}
