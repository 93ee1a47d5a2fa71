use crate::HashAlg;

/// A crypto-agile event log in the making.
#[derive(Debug, Clone)]
pub struct LogForge {
    banks: Vec<HashAlg>,
    /// The log so far.
    pub bytes: Vec<u8>,
}

impl LogForge {
    /// A log with digests of these banks.
    #[must_use]
    pub fn new(banks: &[HashAlg]) -> Self {
        let mut spec = b"Spec ID Event03\0".to_vec();
        spec.extend([0, 0, 0, 0, 0, 2, 0, 2]);
        spec.extend(u32_of(banks.len()));
        for bank in banks {
            spec.extend(bank.id().to_le_bytes());
            spec.extend(u16::try_from(bank.digest_len()).unwrap_or(0).to_le_bytes());
        }
        spec.push(0);
        let mut bytes = 0u32.to_le_bytes().to_vec();
        bytes.extend(3u32.to_le_bytes());
        bytes.extend([0; 20]);
        bytes.extend(u32_of(spec.len()));
        bytes.extend(spec);
        Self {
            banks: banks.to_vec(),
            bytes,
        }
    }

    /// An event whose digests are over its data.
    #[must_use]
    pub fn event(self, register: u32, kind: u32, data: &[u8]) -> Self {
        self.event_over(register, kind, data, data)
    }

    /// An event whose digests are over something else.
    #[must_use]
    pub fn event_over(mut self, register: u32, kind: u32, measured: &[u8], data: &[u8]) -> Self {
        self.bytes.extend(register.to_le_bytes());
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend(u32_of(self.banks.len()));
        for bank in &self.banks {
            self.bytes.extend(bank.id().to_le_bytes());
            self.bytes.extend(bank.digest(&[measured]));
        }
        self.bytes.extend(u32_of(data.len()));
        self.bytes.extend_from_slice(data);
        self
    }
}

fn u32_of(len: usize) -> [u8; 4] {
    u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes()
}
