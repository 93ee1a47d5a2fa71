use adyton_pki::SignatureAlgorithm;
use adyton_types::{Check, UnixTime};

use crate::chain::Chain;
use crate::{NitroClaims, NitroDocument, NitroError, Roots, checks};

/// How far a device's clock may be ahead of `now`, in seconds: clocks on both sides are kept by
/// NTP, and a document of the future is no older for it.
pub const MAX_AHEAD_SECS: u64 = 300;

/// A Nitro attestation document that verified. Having one tells you that a Nitro device made it,
/// not long before `now`, and states these claims. Whether the image, the instance and the debug
/// mode are acceptable, and whom nonce, user data and public key bind, is not decided here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedNitroDocument {
    claims: NitroClaims,
    checks: Vec<Check>,
}

impl VerifiedNitroDocument {
    /// What the document says.
    #[must_use]
    pub const fn claims(&self) -> &NitroClaims {
        &self.claims
    }

    /// Every check that was made, in order.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// What the document says, by value.
    #[must_use]
    pub fn into_claims(self) -> NitroClaims {
        self.claims
    }
}

/// Verifies a document of at most `max_age_secs` seconds of age.
///
/// The chain alone lasts three hours: an age limit is what makes an older document of the same
/// enclave useless. A nonce in the claims is better still.
///
/// # Errors
/// The [`NitroError`] whose [`check`](NitroError::check) names what failed.
pub fn verify(
    evidence: &[u8],
    roots: &Roots,
    max_age_secs: u64,
    now: UnixTime,
) -> Result<VerifiedNitroDocument, NitroError> {
    let document = NitroDocument::parse(evidence)?;
    let mut checks = vec![
        checks::ENVELOPE.held(format!(
            "COSE_Sign1 of {} bytes, nothing after it",
            evidence.len()
        )),
        checks::UNPROTECTED_EMPTY.held("{}"),
        checks::ALGORITHM.held("protected header {1: -35} (ES384)"),
        checks::PAYLOAD.held(format!("{} bytes", document.payload.len())),
        checks::FIELDS.held(format!("document of a {} device", document.device.as_str())),
    ];
    let chain = Chain::verify(&document, roots, now)?;
    checks.extend(chain.checks);
    chain
        .leaf_key
        .verify(
            SignatureAlgorithm::EcdsaP384Sha384Fixed,
            &document.signed_bytes(),
            &document.signature,
            "a Nitro attestation document",
        )
        .map_err(|_| NitroError::Signature)?;
    checks.push(checks::DOCUMENT_SIGNATURE.held("signed by the leaf's key"));
    let (age_secs, check) = fresh(&document, max_age_secs, now)?;
    checks.push(check);
    let claims = NitroClaims::new(&document, age_secs, chain.not_after);
    Ok(VerifiedNitroDocument { claims, checks })
}

fn fresh(
    document: &NitroDocument<'_>,
    max_secs: u64,
    now: UnixTime,
) -> Result<(u64, Check), NitroError> {
    let made = UnixTime::from_secs(document.timestamp_ms / 1000);
    if made.secs_since(now) > MAX_AHEAD_SECS {
        return Err(NitroError::Future { made, now });
    }
    let age_secs = now.secs_since(made);
    if age_secs > max_secs {
        return Err(NitroError::Old { age_secs, max_secs });
    }
    let compared = format!("made {made}, {age_secs} seconds ago, of at most {max_secs}");
    Ok((age_secs, checks::DOCUMENT_FRESH.held(compared)))
}
