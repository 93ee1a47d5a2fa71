use adyton_codec::hex_encode;
use adyton_crypto::ct_eq;
use adyton_types::{Check, UnixTime};

use crate::checks;
use crate::eventlog::{EventLog, Registers, VerifiedLog};
use crate::key::{describe, verify_signature};
use crate::pcr::{PcrSelection, PcrValues};
use crate::{
    HashAlg, Hierarchy, Quote, Signature, TpmClaims, TpmEndorsements, TpmError, TpmEvidence,
    TpmPublic, TrustedAk,
};

/// What the Verifier asked the Attester for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The nonce: the binding's report data, as long as `qualifyingData` takes it
    /// (`specs/binding.md`).
    pub nonce: &'a [u8],
    /// The PCRs that policy is about: exactly these must be quoted.
    pub selection: PcrSelection,
}

/// A quote with what belongs to it, in the TPM's own structures.
#[derive(Debug, Clone, Copy)]
pub struct SignedQuote<'a> {
    /// `TPMS_ATTEST`, as signed.
    pub quote: &'a [u8],
    /// Its signature.
    pub signature: Signature<'a>,
    /// The values of the quoted PCRs.
    pub pcrs: &'a PcrValues,
    /// The crypto-agile event log, if there is one.
    pub log: Option<&'a [u8]>,
}

/// A quote that verified. Having one tells you that a TPM whose key `claims().ak` somebody named in
/// `claims().ak_source` vouches for had these values in exactly the PCRs that were asked for, after
/// it was given the nonce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedQuote {
    claims: TpmClaims,
    checks: Vec<Check>,
}

impl VerifiedQuote {
    /// What the quote says.
    #[must_use]
    pub const fn claims(&self) -> &TpmClaims {
        &self.claims
    }

    /// The checks that were made, in order.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// What the quote says, by value.
    #[must_use]
    pub fn into_claims(self) -> TpmClaims {
        self.claims
    }

    /// Demands that this quote is of the same key and the same boot as an earlier one of a session,
    /// so that no reset between them put the PCRs back.
    ///
    /// # Errors
    /// [`TpmError::Session`].
    pub fn demand_same_boot(&self, earlier: &Self) -> Result<Check, TpmError> {
        let (a, b) = (&earlier.claims, &self.claims);
        let fields = [
            ("ak", a.ak.to_string(), b.ak.to_string()),
            (
                "resetCount",
                a.reset_count.to_string(),
                b.reset_count.to_string(),
            ),
            (
                "restartCount",
                a.restart_count.to_string(),
                b.restart_count.to_string(),
            ),
            (
                "firmwareVersion",
                format!("{:#x}", a.firmware_version),
                format!("{:#x}", b.firmware_version),
            ),
        ];
        for (field, earlier, later) in fields {
            if earlier != later {
                return Err(TpmError::Session {
                    field,
                    earlier,
                    later,
                });
            }
        }
        if b.clock < a.clock {
            return Err(TpmError::Session {
                field: "clock",
                earlier: a.clock.to_string(),
                later: b.clock.to_string(),
            });
        }
        let compared = format!(
            "reset {} and restart {} as before, clock {} after {}",
            b.reset_count, b.restart_count, b.clock, a.clock
        );
        Ok(checks::SESSION.held(compared))
    }
}

/// Verifies TPM Evidence in its container (`specs/tpm-evidence.md`).
///
/// # Errors
/// [`TpmError`]; its `check()` names the check that failed.
pub fn verify(
    evidence: &[u8],
    endorsements: &TpmEndorsements,
    expected: &Expected<'_>,
    now: UnixTime,
) -> Result<VerifiedQuote, TpmError> {
    let evidence = TpmEvidence::parse(evidence)?;
    let mut made = Vec::new();
    made.push(checks::CONTAINER.held("all fields, in their one encoding"));
    let public = TpmPublic::parse(&evidence.ak)?;
    made.push(checks::AK_PUBLIC.held(describe(public.key())));
    let ak = endorsements.trusted_ak(public, &evidence.chain, now)?;
    let signature = Signature::parse(&evidence.signature).map_err(TpmError::SignatureForm)?;
    let quote = SignedQuote {
        quote: &evidence.quote,
        signature,
        pcrs: &evidence.pcrs,
        log: evidence.log.as_deref(),
    };
    let mut verified = verify_quote(&quote, &ak, expected, now)?;
    made.append(&mut verified.checks);
    verified.checks = made;
    Ok(verified)
}

/// Verifies a quote under an Attestation Key that somebody vouches for.
///
/// # Errors
/// [`TpmError`]; its `check()` names the check that failed.
pub fn verify_quote(
    signed: &SignedQuote<'_>,
    ak: &TrustedAk,
    expected: &Expected<'_>,
    now: UnixTime,
) -> Result<VerifiedQuote, TpmError> {
    let mut made = Vec::new();
    if let Some(public) = ak.public() {
        made.push(checks::AK_ATTRIBUTES.held(public.attributes().names().join(" ")));
    }
    made.push(demand_endorsed(ak, now)?);
    let quote = Quote::parse(signed.quote).map_err(TpmError::Attest)?;
    made.push(checks::ATTEST.held(format!(
        "a quote, all of its {} bytes read",
        signed.quote.len()
    )));
    let (hash, scheme) = demand_scheme(&signed.signature, ak)?;
    made.push(scheme);
    made.push(demand_signature(signed, ak, hash)?);
    made.push(demand_nonce(&quote, expected.nonce)?);
    made.push(demand_selection(&quote, expected.selection)?);
    made.push(demand_values(signed.pcrs, expected.selection)?);
    made.push(demand_digest(&quote, signed.pcrs, hash)?);
    let log = match signed.log {
        Some(log) => {
            let (log, check) = demand_log(log, signed.pcrs)?;
            made.push(check);
            Some(log)
        }
        None => None,
    };
    let public = ak.public();
    Ok(VerifiedQuote {
        claims: TpmClaims {
            ak: ak.key().fingerprint(),
            ak_source: ak.source().clone(),
            ak_until: ak.not_after(),
            hierarchy: public.and_then(|key| Hierarchy::of_primary(key, quote.qualified_signer)),
            nonce: quote.extra_data.to_vec(),
            clock: quote.clock,
            reset_count: quote.reset_count,
            restart_count: quote.restart_count,
            clock_safe: quote.safe,
            firmware_version: quote.firmware_version,
            pcrs: signed.pcrs.clone(),
            pcr_digest: quote.pcr_digest.to_vec(),
            log,
        },
        checks: made,
    })
}

fn demand_endorsed(ak: &TrustedAk, now: UnixTime) -> Result<Check, TpmError> {
    let (not_before, not_after) = (ak.not_before(), ak.not_after());
    if now < not_before || now > not_after {
        return Err(TpmError::AkExpired {
            not_before,
            not_after,
            now,
        });
    }
    let compared = format!("{}, valid {not_before} to {not_after}", ak.source());
    Ok(checks::AK_ENDORSED.held(compared))
}

fn demand_scheme(signature: &Signature<'_>, ak: &TrustedAk) -> Result<(HashAlg, Check), TpmError> {
    let found = || {
        let scheme = crate::alg_name(signature.scheme.id());
        format!("{scheme} with {}", crate::alg_name(signature.hash))
    };
    let hash = HashAlg::from_id(signature.hash).ok_or_else(|| TpmError::Scheme {
        found: found(),
        key: describe(ak.key()),
    })?;
    if let Some(public) = ak.public() {
        public.demand_scheme(signature.scheme, hash)?;
    }
    Ok((hash, checks::SCHEME.held(found())))
}

fn demand_signature(
    signed: &SignedQuote<'_>,
    ak: &TrustedAk,
    hash: HashAlg,
) -> Result<Check, TpmError> {
    verify_signature(ak.key(), &signed.signature, hash, signed.quote)?;
    let compared = format!(
        "{} under key {}",
        describe(ak.key()),
        ak.key().fingerprint()
    );
    Ok(checks::SIGNATURE.held(compared))
}

fn demand_nonce(quote: &Quote<'_>, nonce: &[u8]) -> Result<Check, TpmError> {
    if nonce.is_empty() {
        return Err(TpmError::NonceEmpty);
    }
    if !ct_eq(quote.extra_data, nonce) {
        return Err(TpmError::Nonce);
    }
    Ok(checks::NONCE.held(hex_encode(nonce)))
}

fn demand_selection(quote: &Quote<'_>, expected: PcrSelection) -> Result<Check, TpmError> {
    let wrong = || {
        let found: Vec<String> = quote.selection.iter().map(ToString::to_string).collect();
        TpmError::Selection {
            expected,
            found: found.join(" "),
        }
    };
    // One entry: a second one for the same bank would add values at a place of its own.
    let [only] = quote.selection.as_slice() else {
        return Err(wrong());
    };
    if only.bank != expected.bank.id() || only.pcrs != expected.pcrs || expected.pcrs.is_empty() {
        return Err(wrong());
    }
    Ok(checks::SELECTION.held(expected.to_string()))
}

fn demand_values(values: &PcrValues, expected: PcrSelection) -> Result<Check, TpmError> {
    let found = values.set();
    if found != expected.pcrs || values.bank() != expected.bank {
        return Err(TpmError::Values { expected, found });
    }
    Ok(checks::VALUES.held(format!("values of {expected}")))
}

fn demand_digest(quote: &Quote<'_>, values: &PcrValues, hash: HashAlg) -> Result<Check, TpmError> {
    if !ct_eq(&values.digest(hash), quote.pcr_digest) {
        return Err(TpmError::PcrDigest);
    }
    Ok(checks::PCR_DIGEST.held(hex_encode(quote.pcr_digest)))
}

fn demand_log(log: &[u8], values: &PcrValues) -> Result<(VerifiedLog, Check), TpmError> {
    let replay = EventLog::parse(log)?.replay(Registers::Tpm, values.bank())?;
    let quoted = values
        .iter()
        .map(|(index, value)| (u32::from(index), value));
    let verified = replay.confirm(quoted)?;
    let compared = format!(
        "{} events add up to the values; nothing was measured into {:?}",
        verified.events().len(),
        verified.unlogged()
    );
    Ok((verified, checks::EVENT_LOG.held(compared)))
}
