//! Bech32 (BIP 173) as age uses it: without a limit on the length.

use bech32::Hrp;
use bech32::primitives::decode::CheckedHrpstring;
use zeroize::Zeroizing;

/// The checksum of BIP 173 over any length; age's hybrid recipients have 1,959 characters.
enum Unlimited {}

impl bech32::Checksum for Unlimited {
    type MidstateRepr = u32;
    const CODE_LENGTH: usize = usize::MAX;
    const CHECKSUM_LENGTH: usize = bech32::Bech32::CHECKSUM_LENGTH;
    const GENERATOR_SH: [u32; 5] = bech32::Bech32::GENERATOR_SH;
    const TARGET_RESIDUE: u32 = bech32::Bech32::TARGET_RESIDUE;
}

/// Encodes in lower case.
pub(crate) fn encode(hrp: &'static str, data: &[u8]) -> String {
    bech32::encode_lower::<Unlimited>(Hrp::parse_unchecked(hrp), data)
        .expect("there is no length limit, and a String takes every write")
}

/// The bytes of a well-formed text with that human-readable part, in upper or lower case.
pub(crate) fn decode(hrp: &'static str, text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let checked = CheckedHrpstring::new::<Unlimited>(text).ok()?;
    if checked.hrp() != Hrp::parse_unchecked(hrp) {
        return None;
    }
    // Reserved at once, so that growing leaves no copy of a secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    bytes.extend(checked.byte_iter());
    Some(bytes)
}
