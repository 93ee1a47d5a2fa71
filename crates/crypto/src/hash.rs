use sha2::Digest as _;

/// SHA-256 (FIPS 180-4 section 6.2) of the parts, one after the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = sha2::Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// SHA-384 (FIPS 180-4 section 6.5) of the parts, one after the other.
#[must_use]
pub fn sha384(parts: &[&[u8]]) -> [u8; 48] {
    let mut hash = sha2::Sha384::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// SHA-512 (FIPS 180-4 section 6.4) of the parts, one after the other.
#[must_use]
pub fn sha512(parts: &[&[u8]]) -> [u8; 64] {
    let mut hash = sha2::Sha512::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// SHA-256 over bytes that come piece by piece.
#[derive(Debug, Clone, Default)]
pub struct Sha256(sha2::Sha256);

impl Sha256 {
    /// Starts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes in.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Ends, and gives the digest.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adyton_codec::hex_encode;

    #[test]
    fn fips_180_4_examples() {
        let abc: &[&[u8]] = &[b"a", b"", b"bc"];
        assert_eq!(
            hex_encode(&sha256(abc)),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert!(hex_encode(&sha384(abc)).starts_with("cb00753f45a35e8bb5a03d699ac65007"));
        assert!(hex_encode(&sha512(abc)).starts_with("ddaf35a193617abacc417349ae204131"));
        let mut hash = Sha256::new();
        hash.update(b"ab");
        hash.update(b"c");
        assert_eq!(hash.finish(), sha256(abc));
    }
}
