use std::fmt;
use std::str::FromStr;

use adyton_crypto::{KEM_PUBLIC_KEY_BYTES, KemPublicKey};
use adyton_types::ErrorClass;
use thiserror::Error;

use crate::bech;

const X25519_PREFIX: &str = "age";
const HYBRID_PREFIX: &str = "age1pq";

/// For whom a file is sealed: an age recipient, that is a public key.
///
/// Having one tells you that it is a key to which files can be sealed, and never whose it is.
/// Two kinds: X25519 (`age1...`), which every age tool knows, and age 1.3's hybrid of ML-KEM-768
/// and X25519 (`age1pq1...`), which stays closed to a quantum computer. Plugins, SSH keys and
/// passphrases are no recipients here. The only constructor is [`str::parse`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Recipient {
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    X25519,
    Hybrid,
}

impl Recipient {
    /// The text form, `age1...`, in its one spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether files for it stay closed to a quantum computer.
    #[must_use]
    pub const fn is_post_quantum(&self) -> bool {
        matches!(self.kind, Kind::Hybrid)
    }

    pub(crate) fn hybrid(key: &KemPublicKey) -> Self {
        Self {
            text: bech::encode(HYBRID_PREFIX, &key.to_bytes()),
            kind: Kind::Hybrid,
        }
    }

    pub(crate) fn key(&self) -> RecipientKey {
        const CHECKED: &str = "checked when it was parsed";
        match self.kind {
            Kind::X25519 => RecipientKey::X25519(self.text.parse().expect(CHECKED)),
            Kind::Hybrid => {
                let bytes = bech::decode(HYBRID_PREFIX, &self.text).expect(CHECKED);
                RecipientKey::Hybrid(KemPublicKey::from_bytes(&bytes).expect(CHECKED))
            }
        }
    }
}

/// A recipient's key, decoded.
pub(crate) enum RecipientKey {
    X25519(age::x25519::Recipient),
    Hybrid(KemPublicKey),
}

/// The text is no recipient.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecipientError {
    /// It is an identity: a secret, where a public key belongs.
    #[error(
        "a secret key stands where a recipient belongs; use its `age1...` form, and replace the key if others have seen it"
    )]
    Secret,
    /// It is a recipient of a kind that age knows and Adyton does not take.
    #[error(
        "`{text}` is a recipient of a plugin, a hardware key or SSH; use an `age1...` or `age1pq1...` key"
    )]
    Kind {
        /// The text, cut to 80 characters.
        text: String,
    },
    /// A character is wrong, or some are missing.
    #[error("`{text}` is no age recipient; copy the `age1...` text whole, in lower case")]
    Malformed {
        /// The text, cut to 80 characters.
        text: String,
    },
    /// It is a key for which everybody can open: X25519's points of small order.
    #[error("`{text}` is a key that protects nothing; make one with `age-keygen`")]
    Weak {
        /// The text, cut to 80 characters.
        text: String,
    },
}

impl RecipientError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }
}

impl FromStr for Recipient {
    type Err = RecipientError;

    fn from_str(text: &str) -> Result<Self, RecipientError> {
        let cut = || text.chars().take(80).collect::<String>();
        if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            return Err(RecipientError::Secret);
        }
        // Bech32 may be all upper case; one key must have one text here, since texts are measured.
        if !text.chars().any(|c| c.is_ascii_uppercase()) {
            if let Some(bytes) = bech::decode(X25519_PREFIX, text) {
                return match <[u8; 32]>::try_from(bytes.as_slice()) {
                    Ok(key) if is_weak(key) => Err(RecipientError::Weak { text: cut() }),
                    Ok(key) => Ok(Self {
                        text: bech::encode(X25519_PREFIX, &key),
                        kind: Kind::X25519,
                    }),
                    Err(_) => Err(RecipientError::Malformed { text: cut() }),
                };
            }
            if let Some(bytes) = bech::decode(HYBRID_PREFIX, text) {
                if bytes.len() != KEM_PUBLIC_KEY_BYTES {
                    return Err(RecipientError::Malformed { text: cut() });
                }
                return KemPublicKey::from_bytes(&bytes)
                    .map(|key| Self::hybrid(&key))
                    .map_err(|_| RecipientError::Malformed { text: cut() });
            }
        }
        // `age1` + name + `1` + data: a plugin's (C2SP age-plugin).
        let plugin = text.strip_prefix("age1").is_some_and(|rest| {
            rest.bytes().filter(|c| *c == b'1').count() == 1 && !rest.starts_with("pq1")
        });
        if plugin || text.starts_with("ssh-") {
            return Err(RecipientError::Kind { text: cut() });
        }
        Err(RecipientError::Malformed { text: cut() })
    }
}

/// Whether every X25519 with this point is zero (RFC 7748 section 6.1): then the wrapping key of a
/// file would be known to all.
fn is_weak(point: [u8; 32]) -> bool {
    x25519_dalek::x25519([1; 32], point) == [0; 32]
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Identity;

    const GOOD: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

    fn parse(text: &str) -> Result<Recipient, RecipientError> {
        text.parse()
    }

    fn malformed(text: &str) -> Result<Recipient, RecipientError> {
        let text = text.chars().take(80).collect();
        Err(RecipientError::Malformed { text })
    }

    #[test]
    fn both_kinds_have_one_text() {
        assert_eq!(parse(GOOD).unwrap().to_string(), GOOD);
        assert!(!parse(GOOD).unwrap().is_post_quantum());
        let hybrid = Identity::generate_hybrid(&mut adyton_crypto::os_rng()).recipient();
        assert!(hybrid.as_str().starts_with("age1pq1"));
        assert!(hybrid.is_post_quantum());
        assert_eq!(parse(hybrid.as_str()), Ok(hybrid));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "age1", "age1pq1", "age", "pq1", "AGE1", "\u{e9}"] {
            assert_eq!(parse(text), malformed(text), "{text}");
        }
        let upper = GOOD.to_uppercase();
        assert_eq!(parse(&upper), malformed(&upper));
        let spaced = format!("{GOOD} ");
        assert_eq!(parse(&spaced), malformed(&spaced));
        for i in 0..GOOD.len() {
            let mut text = GOOD.to_owned().into_bytes();
            text[i] ^= 1;
            assert!(parse(&String::from_utf8(text).unwrap()).is_err(), "{i}");
        }
        for (prefix, len) in [("age", 31), ("age", 33), ("age1pq", 1215), ("age1pq", 32)] {
            let text = bech::encode(prefix, &vec![9; len]);
            assert_eq!(parse(&text), malformed(&text));
        }
        // ML-KEM's modulus check (FIPS 203 section 7.2).
        let text = bech::encode("age1pq", &[0xff; 1216]);
        assert_eq!(parse(&text), malformed(&text));
    }

    #[test]
    fn a_secret_is_not_repeated_in_the_error() {
        let secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
        let error = parse(secret).unwrap_err();
        assert_eq!(error, RecipientError::Secret);
        assert!(!error.to_string().contains("GFPYY"));
    }

    #[test]
    fn keys_of_other_kinds_are_named_so() {
        for text in [
            "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA",
        ] {
            let text = text.to_owned();
            assert_eq!(parse(&text), Err(RecipientError::Kind { text }));
        }
    }

    #[test]
    fn points_of_small_order_are_refused() {
        let mut one = [0; 32];
        one[0] = 1;
        let mut minus_one = [0xff; 32];
        (minus_one[0], minus_one[31]) = (0xec, 0x7f);
        for point in [[0; 32], one, minus_one] {
            let text = bech::encode("age", &point);
            assert_eq!(parse(&text), Err(RecipientError::Weak { text }));
        }
    }
}
