use std::io;

use adyton_codec::{base64_decode, hex_decode};
use adyton_pki::PublicKey;
use adyton_tee_azure_cvm::rsassa_sha256;
use adyton_tee_tcg_tpm::{
    Expected, HashAlg, PcrSelection, PcrValues, Quote, Signature, SignedQuote, TpmError, TrustedAk,
    verify_quote,
};
use adyton_types::UnixTime;
use serde_json::Value;

use crate::index::Index;
use crate::pieces::{bincode, pem_body};
use crate::table::{Outcome, Table};

/// A quote as found. What nonce and selection its maker asked for was not recorded: those that it
/// states are taken.
struct Found {
    key: PublicKey,
    quote: Vec<u8>,
    signature: Vec<u8>,
    pcrs: PcrValues,
}

/// Verifies quotes of TPMs under the key that lies beside them.
pub(crate) fn run(index: &Index, table: &mut Table) -> io::Result<()> {
    for row in index.rows() {
        let end = row.file.rsplit("__").next().unwrap_or_default();
        let found = match (row.kind.as_str(), end) {
            ("tpm-quote", "deps_verifier_test_data_tpm_evidence.json") => {
                trustee(&index.text(&row.file)?)
            }
            ("tpm-quote", "test-data_files_quote.out") => keylime(index, &row.file)?,
            ("tpm-quote", "keylime_test-data_test-quote.txt") => {
                rust_keylime(&index.text(&row.file)?, some_key(index)?)
            }
            ("tpm-eventlog", "attest_testdata_windows_gcp_shielded_vm.json") => {
                windows(&index.text(&row.file)?, some_key(index)?)
            }
            ("azure-vtpm", "az-cvm-vtpm_test_quote.bin") => azure(index, &row.file)?,
            ("tpm-quote" | "azure-vtpm", _) if !end.contains("hcl-report") => {
                table.add_part(&row.kind);
                continue;
            }
            _ => continue,
        };
        let outcome = found.map_or_else(
            || Outcome::Refused("unknown form".to_owned()),
            |found| judge(&found),
        );
        table.add(&row.kind, &outcome);
        let accepted = matches!(outcome, Outcome::Accepted(_));
        table.compare(&row.file, accepted, &row.verdict, &outcome);
    }
    Ok(())
}

fn judge(found: &Found) -> Outcome {
    match verify(found) {
        Ok(()) => Outcome::Accepted(String::new()),
        Err(error) => Outcome::Refused(error.check().to_owned()),
    }
}

fn verify(found: &Found) -> Result<(), TpmError> {
    let stated = Quote::parse(&found.quote).map_err(TpmError::Attest)?;
    let pcrs = stated.selection.first().map(|selection| selection.pcrs);
    let nonce = stated.extra_data.to_vec();
    let (from, until) = (UnixTime::from_secs(0), UnixTime::MAX);
    let beside = "the file beside it";
    let ak = TrustedAk::danger_from_evidence(found.key.clone(), beside, from, until);
    let signed = SignedQuote {
        quote: &found.quote,
        signature: Signature::parse(&found.signature).map_err(TpmError::SignatureForm)?,
        pcrs: &found.pcrs,
        log: None,
    };
    let expected = Expected {
        nonce: &nonce,
        selection: PcrSelection::new(found.pcrs.bank(), pcrs.unwrap_or(found.pcrs.set())),
    };
    verify_quote(&signed, &ak, &expected, UnixTime::from_secs(1))?;
    Ok(())
}

fn trustee(text: &str) -> Option<Found> {
    let json: Value = serde_json::from_str(text).ok()?;
    let bytes = |value: &Value| base64_decode(value.as_str()?).ok();
    let quote = json.get("tpm_quote")?;
    let values = quote.get("pcrs")?.as_array()?.iter();
    let values: Option<Vec<Vec<u8>>> = values.map(|v| hex_decode(v.as_str()?).ok()).collect();
    Some(Found {
        key: PublicKey::from_spki(&bytes(json.get("ak_public")?)?).ok()?,
        quote: bytes(quote.get("message")?)?,
        signature: bytes(quote.get("signature")?)?,
        pcrs: PcrValues::new(HashAlg::Sha256, (0..).zip(values?)).ok()?,
    })
}

/// Values as tpm2-tools keep them: selections, then digests, each in a field of 66 bytes.
fn keylime(index: &Index, file: &str) -> io::Result<Option<Found>> {
    let beside = |end: &str| index.bytes(&file.replace("quote.out", end));
    let (values, quote) = (beside("quotepcr.out")?, index.bytes(file)?);
    let pcrs = Quote::parse(&quote).ok().and_then(|quote| {
        let pcrs = quote.selection.first()?.pcrs;
        let digests = values.get(0x8e..)?.chunks(66);
        let digests = digests.map(|field| field.get(..32).unwrap_or_default().to_vec());
        PcrValues::new(HashAlg::Sha256, pcrs.iter().zip(digests)).ok()
    });
    let key = pem_key(&index.text(&file.replace("quote.out", "akpub.pem"))?);
    let signature = beside("quotesig.out")?;
    Ok(pcrs.zip(key).map(|(pcrs, key)| Found {
        key,
        quote,
        signature,
        pcrs,
    }))
}

/// Without their keys, which were not recorded: they are signed with SHA-1, and refused before.
fn rust_keylime(text: &str, key: Option<PublicKey>) -> Option<Found> {
    let mut parts = text.trim().strip_prefix('r')?.split(':');
    let mut next = || base64_decode(parts.next()?).ok();
    unvalued(key?, next()?, next()?)
}

fn windows(text: &str, key: Option<PublicKey>) -> Option<Found> {
    let json: Value = serde_json::from_str(text).ok()?;
    let quote = json.get("Quote")?;
    let bytes = |name: &str| base64_decode(quote.get(name)?.as_str()?).ok();
    unvalued(key?, bytes("Quote")?, bytes("Signature")?)
}

fn unvalued(key: PublicKey, quote: Vec<u8>, signature: Vec<u8>) -> Option<Found> {
    let pcrs = PcrValues::new(HashAlg::Sha256, []).ok()?;
    Some(Found {
        key,
        quote,
        signature,
        pcrs,
    })
}

fn azure(index: &Index, file: &str) -> io::Result<Option<Found>> {
    let key = pem_key(&index.text(&file.replace("quote.bin", "akpub.pem"))?);
    let parts = bincode(&index.bytes(file)?);
    Ok(parts.and_then(|parts| {
        Some(Found {
            key: key?,
            quote: parts.message,
            signature: rsassa_sha256(&parts.signature),
            pcrs: PcrValues::new(HashAlg::Sha256, (0..).zip(parts.pcrs)).ok()?,
        })
    }))
}

fn pem_key(pem: &str) -> Option<PublicKey> {
    PublicKey::from_spki(&pem_body(pem)?).ok()
}

/// That of keylime's.
fn some_key(index: &Index) -> io::Result<Option<PublicKey>> {
    let mut rows = index.rows().iter();
    let row = rows.find(|row| row.file.ends_with("test-data_files_akpub.pem"));
    row.map_or(Ok(None), |row| Ok(pem_key(&index.text(&row.file)?)))
}
