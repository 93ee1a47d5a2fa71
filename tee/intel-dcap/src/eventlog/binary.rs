use crate::bytes::Bytes;
use crate::eventlog::event::{Event, EventLog, NO_ACTION, Origin};
use crate::eventlog::{EventLogError, error::EventLogError as Error};

/// The largest log that is read: firmware sets 64 KiB to 1 MiB aside.
pub const MAX_LOG_BYTES: usize = 4 << 20;

/// Most events that are read: a boot has under 300.
pub const MAX_EVENTS: usize = 16 * 1024;

const SIGNATURE: &[u8; 16] = b"Spec ID Event03\0";
const ALG_SHA384: u16 = 0x0c;

impl EventLog {
    /// Reads a log of the TCG's crypto-agile form, as the ACPI table CCEL points to (TCG PC Client
    /// Platform Firmware Profile section 10.2, UEFI 2.10 section 38.4.1): the specification event
    /// first, then events that each have a SHA-384 digest. It ends with the bytes, or where only
    /// filling of 0x00 or 0xff follows.
    ///
    /// # Errors
    /// [`EventLogError::Malformed`], [`EventLogError::TooLarge`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EventLogError> {
        if bytes.len() > MAX_LOG_BYTES {
            return Err(Error::TooLarge {
                what: "more than 4 MiB",
            });
        }
        let mut at = Log {
            bytes: Bytes::new(bytes),
            len: bytes.len(),
        };
        let digest_sizes = at.specification()?;
        let mut events = Vec::new();
        while !at.ended(bytes) {
            if events.len() >= MAX_EVENTS {
                return Err(Error::TooLarge {
                    what: "more than 16384 events",
                });
            }
            let event = at.event(&digest_sizes)?;
            if event.kind != NO_ACTION {
                events.push(event);
            }
        }
        Ok(Self { events })
    }
}

struct Log<'a> {
    bytes: Bytes<'a>,
    len: usize,
}

impl<'a> Log<'a> {
    fn at(&self) -> usize {
        self.len.saturating_sub(self.bytes.left())
    }

    fn wrong(&self, what: &'static str) -> Error {
        Error::Malformed {
            at: self.at(),
            what,
        }
    }

    fn u32(&mut self, what: &'static str) -> Result<u32, Error> {
        let wrong = self.wrong(what);
        self.bytes.u32(what).map_err(|_| wrong)
    }

    fn u16(&mut self, what: &'static str) -> Result<u16, Error> {
        let wrong = self.wrong(what);
        self.bytes.u16(what).map_err(|_| wrong)
    }

    fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], Error> {
        let wrong = self.wrong(what);
        self.bytes.take(len, what).map_err(|_| wrong)
    }

    fn sized(&mut self, what: &'static str) -> Result<&'a [u8], Error> {
        let len = self.u32(what)?;
        self.take(usize::try_from(len).unwrap_or(usize::MAX), what)
    }

    /// The first event, in the old form, which names the algorithms and the sizes of their digests.
    fn specification(&mut self) -> Result<Vec<(u16, usize)>, Error> {
        const WHAT: &str = "specification event";
        self.u32(WHAT)?;
        if self.u32(WHAT)? != NO_ACTION {
            return Err(self.wrong(WHAT));
        }
        self.take(20, WHAT)?;
        let wrong = self.wrong(WHAT);
        let body = self.sized(WHAT)?;
        let mut inner = Log {
            bytes: Bytes::new(body),
            len: body.len(),
        };
        if inner.take(16, WHAT)? != SIGNATURE {
            return Err(wrong);
        }
        inner.take(8, WHAT)?;
        let count = inner.u32(WHAT)?;
        let mut sizes = Vec::new();
        for _ in 0..count.min(16) {
            sizes.push((inner.u16(WHAT)?, usize::from(inner.u16(WHAT)?)));
        }
        // SHA-384 is what RTMRs are extended with.
        let has_sha384 = sizes.contains(&(ALG_SHA384, 48));
        let sane = sizes.iter().all(|(_, size)| (1..=64).contains(size));
        if count <= 16 && has_sha384 && sane {
            Ok(sizes)
        } else {
            Err(wrong)
        }
    }

    fn event(&mut self, digest_sizes: &[(u16, usize)]) -> Result<Event, Error> {
        let register = self.u32("register")?;
        let kind = self.u32("event type")?;
        let count = self.u32("number of digests")?;
        let mut digest = None;
        if usize::try_from(count).unwrap_or(usize::MAX) > digest_sizes.len() {
            return Err(self.wrong("number of digests"));
        }
        for _ in 0..count {
            let algorithm = self.u16("digest algorithm")?;
            let size = digest_sizes
                .iter()
                .find(|(known, _)| *known == algorithm)
                .map(|(_, size)| *size)
                .ok_or(self.wrong("digest algorithm"))?;
            let found = self.take(size, "digest")?;
            if algorithm == ALG_SHA384 && digest.replace(found).is_some() {
                return Err(self.wrong("two SHA-384 digests"));
            }
        }
        let missing = self.wrong("no SHA-384 digest");
        let digest = digest.and_then(|found| found.try_into().ok());
        let data = self.sized("event data")?;
        if register > 4 {
            return Err(self.wrong("register beyond RTMR3"));
        }
        Ok(Event {
            // Register 0 of the log is MRTD, which the TDX module measures; 1 is RTMR0.
            register: usize::try_from(register)
                .ok()
                .and_then(|n| n.checked_sub(1)),
            kind,
            digest: digest.ok_or(missing)?,
            data: data.to_vec(),
            origin: Origin::Boot,
        })
    }

    /// Whether nothing but filling follows.
    fn ended(&self, bytes: &[u8]) -> bool {
        let left = bytes.get(self.at()..).unwrap_or_default();
        match left.get(..8) {
            // A first event of register 0 and type 0 would be filling, too: nobody has one.
            Some([0, 0, 0, 0, 0, 0, 0, 0]) => left.iter().all(|byte| *byte == 0),
            Some([0xff, 0xff, 0xff, 0xff, ..]) => left.iter().all(|byte| *byte == 0xff),
            Some(_) => false,
            None => left.iter().all(|byte| matches!(byte, 0 | 0xff)),
        }
    }
}
