use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use adyton_crypto::{AeadKey, CryptoRng, HpkeReceiver, KemKeyPair, SecretBytes};
use adyton_types::ReportData;

use crate::binding::{ANSWER_LABEL, session_info};
use crate::error::LookupError;
use crate::wire::Request;

/// The service's side of a session.
pub(crate) struct Session {
    pub(crate) report_data: ReportData,
    pub(crate) used: Duration,
    pub(crate) asked: u64,
    pub(crate) is_owner: bool,
    open: Option<Open>,
}

struct Open {
    receiver: HpkeReceiver,
    key: Arc<AeadKey>,
    opened: u64,
}

/// Seals the answer to one message, and to no other.
pub(crate) struct AnswerSeal {
    key: Arc<AeadKey>,
    number: u64,
}

impl Session {
    pub(crate) const fn new(report_data: ReportData, now: Duration) -> Self {
        Self {
            report_data,
            used: now,
            asked: 0,
            is_owner: false,
            open: None,
        }
    }

    /// Opens the next message. What does not open changes nothing: whoever carries messages can
    /// hold them back, but not break the session by a forged one.
    pub(crate) fn open(
        &mut self,
        kem: &KemKeyPair,
        request: &Request<'_>,
    ) -> Result<(SecretBytes, AnswerSeal), LookupError> {
        match (&mut self.open, request.enc.as_deref()) {
            (Some(open), None) => open.next(&request.sealed),
            (None, Some(enc)) => {
                let info = session_info(&self.report_data);
                let receiver = HpkeReceiver::new(kem, enc, &info)?;
                let key = Arc::new(AeadKey::new(receiver.export(ANSWER_LABEL)));
                let mut open = Open {
                    receiver,
                    key,
                    opened: 0,
                };
                let message = open.next(&request.sealed)?;
                self.open = Some(open);
                Ok(message)
            }
            _ => Err(LookupError::OutOfTurn),
        }
    }
}

impl Open {
    fn next(&mut self, sealed: &[u8]) -> Result<(SecretBytes, AnswerSeal), LookupError> {
        let message = self.receiver.open(sealed, b"")?;
        let seal = AnswerSeal {
            key: Arc::clone(&self.key),
            number: self.opened,
        };
        self.opened += 1;
        Ok((message, seal))
    }
}

impl AnswerSeal {
    pub(crate) fn seal(&self, answer: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
        self.key.seal(answer, &self.number.to_be_bytes(), rng)
    }
}

impl fmt::Debug for AnswerSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnswerSeal({})", self.number)
    }
}
