use adyton_crypto::SIGNATURE_BYTES;
use adyton_tokens::{TOKEN_BYTES, Token};

use crate::class::QueryClass;
use crate::error::LookupError;
use crate::key::Key;
use crate::terms::Terms;

const QUERY: u8 = 1;
const OWNER: u8 = 2;
const BEGIN: u8 = 3;
const ROWS: u8 = 4;
const END: u8 = 5;
const CHANGES: u8 = 6;

/// The most bytes of rows that one message brings.
pub const MAX_ROWS_BYTES: usize = 1 << 20;

/// A change that an owner makes to its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// Inserts a record, or changes its value.
    Put(Key, Vec<u8>),
    /// Removes a record, if it is there.
    Remove(Key),
}

/// What a session's message says, opened.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    /// Tokens, behind the first byte; keys, side by side, behind them.
    Query(QueryClass, &'a [u8]),
    /// The owner proves that it is the owner.
    Owner(&'a [u8; SIGNATURE_BYTES]),
    /// A table of so many records begins.
    Begin(u64),
    /// Records: key and value, side by side.
    Rows(&'a [u8]),
    /// The table is whole.
    End,
    /// Changes: what, key and value, side by side.
    Changes(&'a [u8]),
}

impl<'a> Message<'a> {
    /// Reads a message. Its length and its first byte say all that is refused here; both are
    /// public.
    pub(crate) fn parse(bytes: &'a [u8], terms: &Terms) -> Result<Self, LookupError> {
        let (kind, rest) = bytes.split_first().ok_or(LookupError::Message)?;
        let row = row_bytes(terms);
        let whole = |width: usize| match rest.len() {
            0 => Err(LookupError::Message),
            len if len % width == 0 && len <= MAX_ROWS_BYTES => Ok(rest),
            _ => Err(LookupError::Message),
        };
        match *kind {
            QUERY => {
                let width = terms.keys.key_bytes();
                let price = |class| terms.price(class) * TOKEN_BYTES;
                let class = QueryClass::all()
                    .find(|class| price(*class) + class.keys() * width == rest.len());
                let class = class.ok_or(LookupError::NoClass)?;
                Ok(Self::Query(class, &rest[..price(class)]))
            }
            OWNER => rest
                .try_into()
                .map(Self::Owner)
                .map_err(|_| LookupError::Message),
            BEGIN => {
                let records = rest.try_into().map_err(|_| LookupError::Message)?;
                Ok(Self::Begin(u64::from_be_bytes(records)))
            }
            ROWS => whole(row).map(Self::Rows),
            END if rest.is_empty() => Ok(Self::End),
            CHANGES => whole(1 + row).map(Self::Changes),
            _ => Err(LookupError::Message),
        }
    }
}

/// Bytes of a record on the wire.
pub(crate) const fn row_bytes(terms: &Terms) -> usize {
    terms.keys.key_bytes() + terms.value_bytes
}

/// A query of that class. What the class has more than there are keys repeats the first, so that
/// nothing is asked that was not to be asked.
pub(crate) fn query(
    class: QueryClass,
    keys: &[Key],
    key_bytes: usize,
    tokens: &[Token],
) -> Vec<u8> {
    let size = 1 + tokens.len() * TOKEN_BYTES + class.keys() * key_bytes;
    let mut message = Vec::with_capacity(size);
    message.push(QUERY);
    for token in tokens {
        message.extend_from_slice(token.as_bytes());
    }
    let filler = [0; 32];
    let filler = keys.first().map_or(&filler[..key_bytes], Key::as_bytes);
    let keys = keys.iter().map(Key::as_bytes);
    for key in keys.chain(std::iter::repeat(filler)).take(class.keys()) {
        message.extend_from_slice(key);
    }
    message
}

pub(crate) fn owner(signature: &[u8; SIGNATURE_BYTES]) -> Vec<u8> {
    [&[OWNER], signature.as_slice()].concat()
}

pub(crate) fn begin(records: u64) -> Vec<u8> {
    [&[BEGIN], records.to_be_bytes().as_slice()].concat()
}

pub(crate) fn rows(rows: &[u8]) -> Vec<u8> {
    [&[ROWS], rows].concat()
}

pub(crate) fn end() -> Vec<u8> {
    vec![END]
}

pub(crate) fn changes(updates: &[Update], value_bytes: usize) -> Vec<u8> {
    let mut message = vec![CHANGES];
    let nothing = vec![0; value_bytes];
    for update in updates {
        let (what, key, value) = match update {
            Update::Put(key, value) => (1, key, value),
            Update::Remove(key) => (0, key, &nothing),
        };
        message.push(what);
        message.extend_from_slice(key.as_bytes());
        message.extend_from_slice(value);
    }
    message
}

/// What an owner's message came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    /// How often the table has changed since the service began.
    pub epoch: u64,
    /// Records that it has; while it is being loaded, those that have come.
    pub records: u64,
    /// Records that were not there before.
    pub inserted: u64,
    /// Records with a new value.
    pub changed: u64,
    /// Records removed.
    pub removed: u64,
}

impl Done {
    pub(crate) fn encode(self) -> Vec<u8> {
        let fields = [
            self.epoch,
            self.records,
            self.inserted,
            self.changed,
            self.removed,
        ];
        fields
            .iter()
            .flat_map(|field| field.to_be_bytes())
            .collect()
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (fields, []) = bytes.as_chunks::<8>() else {
            return None;
        };
        let fields: [[u8; 8]; 5] = fields.try_into().ok()?;
        let [epoch, records, inserted, changed, removed] = fields.map(u64::from_be_bytes);
        Some(Self {
            epoch,
            records,
            inserted,
            changed,
            removed,
        })
    }
}

#[cfg(test)]
mod tests {
    use adyton_crypto::{SigningKey, os_rng};

    use super::*;
    use crate::key::KeyKind;

    /// Keys of 8 bytes, values of 4.
    fn terms() -> Terms {
        Terms {
            keys: KeyKind::Phone,
            value_bytes: 4,
            capacity: 8,
            owner: SigningKey::generate(&mut os_rng()).verifying_key(),
            quota: 16,
            window_ms: 0,
            tokens: None,
        }
    }

    #[test]
    fn a_message_has_its_kinds_length_or_is_none() {
        let terms = terms();
        let parse = |kind: u8, len: usize| {
            let message = vec![kind; len];
            Message::parse(&message, &terms).map(drop)
        };
        const ROW: usize = 12;
        const MOST: usize = MAX_ROWS_BYTES / ROW * ROW;
        for (kind, rest) in [
            (QUERY, 16 * 8),
            (QUERY, 64 * 8),
            (OWNER, 64),
            (BEGIN, 8),
            (ROWS, ROW),
            (ROWS, MOST),
            (END, 0),
            (CHANGES, 2 * (1 + ROW)),
        ] {
            assert_eq!(parse(kind, 1 + rest), Ok(()), "{kind}, {rest}");
        }
        for (kind, rest) in [
            (0, 0),
            (7, 8),
            (OWNER, 63),
            (OWNER, 65),
            (BEGIN, 7),
            (BEGIN, 9),
            (ROWS, 0),
            (ROWS, ROW - 1),
            (ROWS, MOST + ROW),
            (END, 1),
            (CHANGES, 0),
            (CHANGES, ROW),
        ] {
            let refused = Err(LookupError::Message);
            assert_eq!(parse(kind, 1 + rest), refused, "{kind}, {rest}");
        }
        assert_eq!(parse(0, 0), Err(LookupError::Message));
        for rest in [0, 8, 16 * 8 - 1, 17 * 8] {
            assert_eq!(parse(QUERY, 1 + rest), Err(LookupError::NoClass));
        }
    }

    #[test]
    fn terms_are_within_their_limits() {
        let parse = |change: &dyn Fn(&mut Terms)| {
            let mut terms = terms();
            change(&mut terms);
            let parsed = Terms::parse(&terms.encode());
            assert!(parsed.as_ref().is_ok_and(|parsed| *parsed == terms) || parsed.is_err());
            parsed.is_ok()
        };
        assert!(parse(&|terms| terms.window_ms = 1000));
        assert!(!parse(&|terms| terms.window_ms = 1001));
        assert!(parse(&|terms| terms.value_bytes = 64));
        assert!(!parse(&|terms| terms.value_bytes = 65));
    }
}
