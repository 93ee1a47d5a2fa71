use std::fmt;

use adyton_crypto::{CryptoRng, KemKeyPair, SecretArray, random};
use adyton_types::ErrorClass;
use age::secrecy::ExposeSecret as _;
use thiserror::Error;
use zeroize::{Zeroize as _, Zeroizing};

use crate::{Recipient, bech};

const HYBRID_PREFIX: &str = "age-secret-key-pq-";
const X25519_PREFIX: &str = "age-secret-key-";

/// The secret that opens files sealed to its [`recipient`](Self::recipient): an age identity.
///
/// Wiped when dropped, never printed. There is no passphrase on it: the broker's store protects it.
pub struct Identity(Secret);

enum Secret {
    X25519(age::x25519::Identity),
    Hybrid {
        seed: SecretArray<32>,
        keys: KemKeyPair,
    },
}

impl Identity {
    /// Makes an X25519 identity (`AGE-SECRET-KEY-1...`), whose files every age tool reads.
    ///
    /// # Panics
    /// Never: every 32 bytes are an X25519 key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let text = Zeroizing::new(bech::encode(X25519_PREFIX, random::<32>(rng).expose()));
        Self::parse(&text).expect("every 32 bytes are an X25519 key")
    }

    /// Makes a post-quantum identity (`AGE-SECRET-KEY-PQ-1...`), whose files age 1.3 and later
    /// read.
    pub fn generate_hybrid(rng: &mut impl CryptoRng) -> Self {
        Self::hybrid(random(rng))
    }

    fn hybrid(seed: SecretArray<32>) -> Self {
        let keys = KemKeyPair::from_seed(&seed);
        Self(Secret::Hybrid { seed, keys })
    }

    /// Reads the text form, `AGE-SECRET-KEY-1...` or `AGE-SECRET-KEY-PQ-1...`.
    ///
    /// # Errors
    /// [`IdentityError`], which never repeats the text.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        if let Some(bytes) = bech::decode(HYBRID_PREFIX, text) {
            if bytes.len() != 32 {
                return Err(IdentityError::Malformed);
            }
            let seed = SecretArray::fill_with(|seed| seed.copy_from_slice(&bytes));
            return Ok(Self::hybrid(seed));
        }
        match text.parse() {
            Ok(identity) => Ok(Self(Secret::X25519(identity))),
            Err(_) if text.starts_with("age1") => Err(IdentityError::Public),
            Err(_) if text.starts_with("AGE-PLUGIN-") => Err(IdentityError::Plugin),
            Err(_) => Err(IdentityError::Malformed),
        }
    }

    /// Reads a key file as `age-keygen` writes it: comments (`# ...`), empty lines, one identity.
    ///
    /// # Errors
    /// If there is not exactly one identity.
    pub fn parse_file(text: &str) -> Result<Self, IdentityError> {
        let mut lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        match (lines.next(), lines.next()) {
            (None, _) => Err(IdentityError::None),
            (Some(line), None) => Self::parse(line),
            (Some(_), Some(_)) => Err(IdentityError::Several),
        }
    }

    /// The public half.
    ///
    /// # Panics
    /// Never: a key pair's public half is a recipient.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        match &self.0 {
            Secret::X25519(identity) => identity
                .to_public()
                .to_string()
                .parse()
                .expect("a key pair's public half has no small order"),
            Secret::Hybrid { keys, .. } => Recipient::hybrid(keys.public()),
        }
    }

    /// The text form. Whoever calls this sees to it that no copy outlives its use.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        match &self.0 {
            Secret::X25519(identity) => {
                Zeroizing::new(identity.to_string().expose_secret().to_owned())
            }
            Secret::Hybrid { seed, .. } => {
                let mut lower = bech::encode(HYBRID_PREFIX, seed.expose());
                let upper = lower.to_ascii_uppercase();
                lower.zeroize();
                Zeroizing::new(upper)
            }
        }
    }

    pub(crate) const fn x25519(&self) -> Option<&age::x25519::Identity> {
        match &self.0 {
            Secret::X25519(identity) => Some(identity),
            Secret::Hybrid { .. } => None,
        }
    }

    pub(crate) const fn kem(&self) -> Option<&KemKeyPair> {
        match &self.0 {
            Secret::X25519(_) => None,
            Secret::Hybrid { keys, .. } => Some(keys),
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

/// The text is no identity. No variant holds the text: part of it may be secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// A character is wrong, or some are missing.
    #[error("this is no age identity; copy the `AGE-SECRET-KEY-1...` line whole")]
    Malformed,
    /// It is a recipient, that is the public half.
    #[error(
        "this is a recipient, the public half; the identity is the line `AGE-SECRET-KEY-1...` of the same key file"
    )]
    Public,
    /// It belongs to a plugin.
    #[error(
        "identities of age plugins cannot be released to an enclave; make a key with `age-keygen`"
    )]
    Plugin,
    /// The key file holds none.
    #[error("the key file holds no identity; it should have a line `AGE-SECRET-KEY-1...`")]
    None,
    /// The key file holds more than one.
    #[error("the key file holds several identities; leave the one to use")]
    Several,
}

impl IdentityError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(self) -> ErrorClass {
        ErrorClass::Malformed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adyton_crypto::os_rng;

    /// The example of C2SP `age.md`: 32 bytes 0x42.
    const SECRET: &str =
        "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    const PUBLIC: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

    fn error(text: &str) -> IdentityError {
        Identity::parse_file(text).unwrap_err()
    }

    #[test]
    fn the_specification_s_example() {
        let identity = Identity::parse(SECRET).unwrap();
        assert_eq!(identity.recipient().as_str(), PUBLIC);
        assert_eq!(identity.expose().as_str(), SECRET);
    }

    #[test]
    fn text_round_trips() {
        for identity in [
            Identity::generate(&mut os_rng()),
            Identity::generate_hybrid(&mut os_rng()),
        ] {
            let again = Identity::parse(&identity.expose()).unwrap();
            assert_eq!(again.recipient(), identity.recipient());
        }
        let hybrid = Identity::generate_hybrid(&mut os_rng()).expose();
        assert!(hybrid.starts_with("AGE-SECRET-KEY-PQ-1"));
    }

    #[test]
    fn a_key_file_holds_one() {
        let file = format!("# created: today\n# public key: {PUBLIC}\n\n{SECRET}\n");
        let identity = Identity::parse_file(&file).unwrap();
        assert_eq!(identity.recipient().as_str(), PUBLIC);
        assert_eq!(error("# nothing\n"), IdentityError::None);
        assert_eq!(error(&file.repeat(2)), IdentityError::Several);
        assert_eq!(error(PUBLIC), IdentityError::Public);
        assert_eq!(error("AGE-PLUGIN-X-1ABC"), IdentityError::Plugin);
        assert_eq!(error(&SECRET[..70]), IdentityError::Malformed);
        let long = bech::encode(HYBRID_PREFIX, &[1; 33]);
        assert_eq!(error(&long), IdentityError::Malformed);
    }

    #[test]
    fn nothing_secret_is_printed() {
        let identity = Identity::parse(SECRET).unwrap();
        assert_eq!(format!("{identity:?}"), "Identity");
    }
}
