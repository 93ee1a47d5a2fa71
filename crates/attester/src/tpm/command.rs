use super::{TpmDriverError, TpmTransport};

/// `TPM_ST_NO_SESSIONS` and `TPM_ST_SESSIONS` (part 2, section 6.9).
const NO_SESSIONS: u16 = 0x8001;
const SESSIONS: u16 = 0x8002;
/// `TPM_RS_PW`: authorization by a password, here the empty one.
pub(super) const PASSWORD: u32 = 0x4000_0009;

/// A command in the making (part 1, section 18).
#[derive(Debug)]
pub(super) struct Command {
    name: &'static str,
    code: u32,
    handles: Vec<u8>,
    sessions: Vec<u8>,
    parameters: Vec<u8>,
    too_long: Option<(&'static str, usize)>,
}

impl Command {
    pub(super) const fn new(name: &'static str, code: u32) -> Self {
        Self {
            name,
            code,
            handles: Vec::new(),
            sessions: Vec::new(),
            parameters: Vec::new(),
            too_long: None,
        }
    }

    pub(super) fn handle(mut self, handle: u32) -> Self {
        self.handles.extend(handle.to_be_bytes());
        self
    }

    /// Authorizes by a session with an empty HMAC: a password's, or a policy's. It lives on.
    pub(super) fn session(mut self, session: u32) -> Self {
        self.sessions.extend(session.to_be_bytes());
        // No nonce, continueSession, no HMAC.
        self.sessions.extend([0, 0, 1, 0, 0]);
        self
    }

    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.parameters.extend_from_slice(bytes);
        self
    }

    pub(super) fn u16(self, number: u16) -> Self {
        self.raw(&number.to_be_bytes())
    }

    pub(super) fn u32(self, number: u32) -> Self {
        self.raw(&number.to_be_bytes())
    }

    /// A `TPM2B`.
    pub(super) fn sized(mut self, bytes: &[u8], field: &'static str) -> Self {
        match u16::try_from(bytes.len()) {
            Ok(len) => self.u16(len).raw(bytes),
            Err(_) => {
                self.too_long = Some((field, bytes.len()));
                self
            }
        }
    }

    /// Sends it; `handles` is how many handles the answer begins with.
    pub(super) fn send(
        self,
        transport: &mut dyn TpmTransport,
        handles: usize,
    ) -> Result<Answer, TpmDriverError> {
        let name = self.name;
        if let Some((field, found)) = self.too_long {
            return Err(TpmDriverError::TooLong {
                command: name,
                field,
                found,
            });
        }
        let tag = if self.sessions.is_empty() {
            NO_SESSIONS
        } else {
            SESSIONS
        };
        let mut body = self.handles;
        if tag == SESSIONS {
            body.extend(len_u32(&self.sessions));
            body.extend(self.sessions);
        }
        body.extend(self.parameters);
        let mut bytes = tag.to_be_bytes().to_vec();
        bytes.extend(
            u32::try_from(body.len() + 10)
                .unwrap_or(u32::MAX)
                .to_be_bytes(),
        );
        bytes.extend(self.code.to_be_bytes());
        bytes.extend(body);
        Answer::parse(name, tag, handles, &transport.transact(&bytes)?)
    }
}

fn len_u32(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// A successful answer: its handles and parameters, to be read in order.
#[derive(Debug)]
pub(super) struct Answer {
    command: &'static str,
    bytes: Vec<u8>,
    at: usize,
}

impl Answer {
    fn parse(
        command: &'static str,
        tag: u16,
        handles: usize,
        bytes: &[u8],
    ) -> Result<Self, TpmDriverError> {
        let mut header = Self {
            command,
            bytes: bytes.to_vec(),
            at: 0,
        };
        let found = header.u16()?;
        let size = header.u32()?;
        let code = header.u32()?;
        if code != 0 {
            return Err(TpmDriverError::Refused { command, code });
        }
        if found != tag || usize::try_from(size) != Ok(bytes.len()) {
            return Err(TpmDriverError::Answer { command });
        }
        let mut answer = header.take(4 * handles)?;
        if tag == SESSIONS {
            let len = usize::try_from(header.u32()?).unwrap_or(usize::MAX);
            answer.extend(header.take(len)?);
        } else {
            answer.extend_from_slice(header.bytes.get(header.at..).unwrap_or_default());
        }
        Ok(Self {
            command,
            bytes: answer,
            at: 0,
        })
    }

    pub(super) fn take(&mut self, len: usize) -> Result<Vec<u8>, TpmDriverError> {
        let end = self.at.saturating_add(len);
        let taken = self.bytes.get(self.at..end).ok_or(TpmDriverError::Answer {
            command: self.command,
        })?;
        self.at = end;
        Ok(taken.to_vec())
    }

    pub(super) fn u8(&mut self) -> Result<u8, TpmDriverError> {
        Ok(self.take(1)?.iter().fold(0, |_, byte| *byte))
    }

    pub(super) fn u16(&mut self) -> Result<u16, TpmDriverError> {
        let number = |sum: u16, byte: &u8| (sum << 8) | u16::from(*byte);
        Ok(self.take(2)?.iter().fold(0, number))
    }

    pub(super) fn u32(&mut self) -> Result<u32, TpmDriverError> {
        let number = |sum: u32, byte: &u8| (sum << 8) | u32::from(*byte);
        Ok(self.take(4)?.iter().fold(0, number))
    }

    pub(super) fn sized(&mut self) -> Result<Vec<u8>, TpmDriverError> {
        let len = self.u16()?;
        self.take(usize::from(len))
    }

    /// What has not been read.
    pub(super) fn rest(self) -> Vec<u8> {
        self.bytes.get(self.at..).unwrap_or_default().to_vec()
    }
}
