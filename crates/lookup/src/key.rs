use std::fmt;
use std::str::FromStr;

use adyton_codec::hex_decode;
use adyton_crypto::sha256;
use adyton_types::ErrorClass;
use thiserror::Error;

/// What the keys of a table are. Public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Telephone numbers (ITU-T E.164).
    Phone,
    /// Addresses of e-mail, by their SHA-256.
    Email,
    /// Anything else, by its SHA-256.
    Bytes,
}

/// Most digits of a telephone number, country code included (ITU-T E.164 section 6).
const MAX_DIGITS: usize = 15;
/// Fewest digits: those of the smallest islands have so many.
const MIN_DIGITS: usize = 7;
/// Bytes of the longest key of [`KeyKind::Bytes`].
const MAX_BYTES: usize = 255;
/// Longest local part and longest domain of an address (RFC 5321 section 4.5.3.1).
const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 255;
const BYTES_LABEL: &[u8] = b"adyton/lookup-key/v1\0";

impl KeyKind {
    /// Its name, as on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Bytes => "bytes",
        }
    }

    /// Bytes of a key: all of a kind have the same, so that no length tells which one it is.
    #[must_use]
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::Phone => 8,
            Self::Email | Self::Bytes => 32,
        }
    }

    /// Reads a key as a person or a file has it.
    ///
    /// - `phone`: `+`, country code, number: 7 to 15 digits, in groups if need be, parted by single
    ///   spaces, hyphens or dots. Nothing else, so that nothing has to be guessed.
    /// - `email`: an address, whose letters become small ones; or the 64 digits of its SHA-256.
    /// - `bytes`: 1 to 255 bytes in hexadecimal.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(self, text: &str) -> Result<Key, KeyError> {
        match self {
            Self::Phone => Ok(Key::of(&digits(text)?.to_le_bytes())),
            Self::Email if text.contains('@') => Ok(Key::of(&sha256(&[&address(text)?]))),
            Self::Email => match hex_decode(text) {
                Ok(bytes) if bytes.len() == 32 => Ok(Key::of(&bytes)),
                _ => Err(KeyError::NeitherAddressNorHash),
            },
            Self::Bytes => match hex_decode(text) {
                Ok(bytes) if (1..=MAX_BYTES).contains(&bytes.len()) => {
                    Ok(Key::of(&sha256(&[BYTES_LABEL, &bytes])))
                }
                Ok(bytes) => Err(KeyError::Length { found: bytes.len() }),
                Err(_) => Err(KeyError::NotHex),
            },
        }
    }

    pub(crate) const fn oblivious(self) -> adyton_oblivious::KeyKind {
        match self {
            Self::Phone => adyton_oblivious::KeyKind::Fixed(8),
            Self::Email | Self::Bytes => adyton_oblivious::KeyKind::Any,
        }
    }
}

impl FromStr for KeyKind {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        [Self::Phone, Self::Email, Self::Bytes]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| KeyError::Kind(text.to_owned()))
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key in the one form in which it is looked up. Somebody's number is nobody else's business:
/// it shows in no `Debug`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    bytes: [u8; 32],
    len: usize,
}

impl Key {
    /// The key of a telephone number that is a number already: its digits, country code included.
    #[must_use]
    pub fn phone(number: u64) -> Self {
        Self::of(&number.to_le_bytes())
    }

    /// 8 or 32 bytes.
    pub(crate) fn of(key: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes[..key.len()].copy_from_slice(key);
        let len = key.len();
        Self { bytes, len }
    }

    /// Its bytes: [`KeyKind::key_bytes`] of them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// Why a text is no key. None of them holds the text: it may be somebody's number.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is no such kind.
    #[error("`{0}` is no kind of key: there are `phone`, `email` and `bytes`")]
    Kind(String),
    /// A national number: which country's, nobody can tell.
    #[error("the number does not begin with `+` and the country code, as in +49 151 23456789")]
    NotInternational,
    /// The first digit is 0, which no country code begins with.
    #[error("the country code begins with 0")]
    CountryCode,
    /// A character that no number has.
    #[error(
        "`{}` at character {at} does not belong there: a number is digits, in groups parted by single spaces, hyphens or dots",
        found.escape_default()
    )]
    Character {
        /// Where, from 1.
        at: usize,
        /// What.
        found: char,
    },
    /// Too few digits, or too many.
    #[error("the number has {found} digits; numbers have 7 to 15, country code included")]
    Digits {
        /// How many.
        found: usize,
    },
    /// Something with `@` that is no address.
    #[error("the address is none: {why}")]
    Address {
        /// What is wrong.
        why: &'static str,
    },
    /// No `@`, and not 64 hexadecimal digits.
    #[error("this is neither an address nor the 64 small hexadecimal digits of its SHA-256")]
    NeitherAddressNorHash,
    /// Not hexadecimal.
    #[error("the key is not in hexadecimal: small digits, two a byte")]
    NotHex,
    /// No byte, or too many.
    #[error("the key has {found} bytes; keys have 1 to 255")]
    Length {
        /// How many.
        found: usize,
    },
}

impl KeyError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }
}

fn digits(text: &str) -> Result<u64, KeyError> {
    let digits = text.strip_prefix('+').ok_or(KeyError::NotInternational)?;
    let (mut number, mut count, mut parted) = (0_u64, 0, true);
    for (at, found) in digits.chars().enumerate() {
        match found.to_digit(10) {
            // More than fit are counted, to be told.
            Some(digit) => {
                number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
                count += 1;
                parted = false;
            }
            None if matches!(found, ' ' | '-' | '.') && !parted => parted = true,
            None => return Err(KeyError::Character { at: at + 2, found }),
        }
    }
    match digits.chars().last() {
        Some(found) if parted => Err(KeyError::Character {
            at: digits.chars().count() + 1,
            found,
        }),
        _ if !(MIN_DIGITS..=MAX_DIGITS).contains(&count) => Err(KeyError::Digits { found: count }),
        _ if digits.starts_with('0') => Err(KeyError::CountryCode),
        _ => Ok(number),
    }
}

fn address(text: &str) -> Result<Vec<u8>, KeyError> {
    let wrong = |why| Err(KeyError::Address { why });
    let Some((local, domain)) = text.split_once('@') else {
        return wrong("it has no `@`");
    };
    if domain.contains('@') {
        return wrong("it has more than one `@`");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return wrong("it has spaces, or characters beyond ASCII");
    }
    if !(1..=MAX_LOCAL).contains(&local.len()) || !(1..=MAX_DOMAIN).contains(&domain.len()) {
        return wrong("what is before or behind the `@` is missing or too long");
    }
    Ok(text.to_ascii_lowercase().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_form() {
        let parse = |text| KeyKind::Phone.parse(text);
        for text in ["+4915123456789", "+49 151 23456789", "+49-151.2345 6789"] {
            assert_eq!(parse(text), Ok(Key::phone(4_915_123_456_789)), "{text}");
        }
        assert_eq!(parse("+2904567"), Ok(Key::phone(2_904_567)));
        let character = |at, found| Err(KeyError::Character { at, found });
        for (text, why) in [
            ("015123456789", Err(KeyError::NotInternational)),
            (" +4915123456789", Err(KeyError::NotInternational)),
            ("", Err(KeyError::NotInternational)),
            ("+0495123456789", Err(KeyError::CountryCode)),
            ("+49 (0)151 23456789", character(5, '(')),
            ("+49  151 23456789", character(5, ' ')),
            ("+49 151 23456789 ", character(17, ' ')),
            ("+ 49151234567", character(2, ' ')),
            ("+49\u{0663}51234567", character(4, '\u{0663}')),
            ("+49151", Err(KeyError::Digits { found: 5 })),
            ("+", Err(KeyError::Digits { found: 0 })),
            ("+1234567890123456", Err(KeyError::Digits { found: 16 })),
        ] {
            assert_eq!(parse(text), why, "{text}");
        }
    }

    #[test]
    fn an_address_and_its_hash_are_one_key() {
        let parse = |text: &str| KeyKind::Email.parse(text);
        let hash = adyton_codec::hex_encode(&sha256(&[b"alice@example.org"]));
        assert_eq!(parse("Alice@Example.ORG"), parse(&hash));
        assert!(parse("alice@example.org").is_ok());
        for wrong in [
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "\u{e4}@b",
            &hash[1..],
            "",
            "alice",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn bytes_of_any_length_are_keys_of_one() {
        let parse = |text: &str| KeyKind::Bytes.parse(text);
        assert_eq!(parse("00").map(|key| key.as_bytes().len()), Ok(32));
        assert_ne!(parse("00"), parse("0000"));
        assert_eq!(parse(""), Err(KeyError::Length { found: 0 }));
        assert_eq!(
            parse(&"00".repeat(256)),
            Err(KeyError::Length { found: 256 })
        );
        assert_eq!(parse("0x00"), Err(KeyError::NotHex));
        assert_eq!(format!("{:?}", parse("00")), "Ok(Key(..))");
    }
}
