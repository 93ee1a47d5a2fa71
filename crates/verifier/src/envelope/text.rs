use adyton_codec::{base64_decode, base64url_decode, hex_decode};

/// Decodes a text that is all hexadecimal, all base64, or one PEM block; white space is left out.
pub(crate) fn decode(text: &str) -> Option<(&'static str, Vec<u8>)> {
    if let Some(inside) = pem(text) {
        return base64(&inside).map(|bytes| ("PEM", bytes));
    }
    let packed = packed(text);
    if let Some(bytes) = hex(&packed) {
        return Some(("hexadecimal", bytes));
    }
    base64(&packed).map(|bytes| ("base64", bytes))
}

/// Base64 of either alphabet, padded or not: encoders differ, the bytes do not.
pub(super) fn base64(packed: &str) -> Option<Vec<u8>> {
    let bare = packed.trim_end_matches('=');
    if bare.is_empty() {
        return None;
    }
    if bare.contains(['-', '_']) {
        return base64url_decode(bare).ok();
    }
    let padding = "=".repeat(bare.len().wrapping_neg() % 4);
    base64_decode(&format!("{bare}{padding}")).ok()
}

/// Hexadecimal of either case, `0x` before it or not.
pub(super) fn hex(packed: &str) -> Option<Vec<u8>> {
    let bare = packed.strip_prefix("0x").unwrap_or(packed);
    if bare.is_empty() {
        return None;
    }
    hex_decode(&bare.to_ascii_lowercase()).ok()
}

fn packed(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_whitespace()).collect()
}

/// What is between the lines of the only PEM block.
fn pem(text: &str) -> Option<String> {
    let (label, rest) = text.strip_prefix("-----BEGIN ")?.split_once("-----")?;
    let (inside, after) = rest.split_once(&format!("-----END {label}-----"))?;
    after.trim().is_empty().then(|| packed(inside))
}
