use adyton_codec::{base64_decode, hex_decode};
use adyton_pki::{Certificate, PublicKey, TrustAnchor, parse_pem_chain};
use adyton_tee_tcg_tpm::forge::{Numbers, public_area};
use adyton_tee_tcg_tpm::{
    Attributes, Expected, HashAlg, PcrSelection, PcrSet, PcrValues, Quote, Signature, SignedQuote,
    TpmEndorsements, TpmError, TpmPublic, TrustedAk, VerifiedQuote, verify_quote,
};
use adyton_types::{ErrorClass, UnixTime};
use adyton_vectors::Vectors;
use serde_json::Value;

/// 2026-01-01.
const NOW: UnixTime = UnixTime::from_secs(1_767_225_600);

/// A quote as found, with the nonce and selection that it states: what its maker asked for is not
/// recorded.
struct Found {
    key: PublicKey,
    quote: Vec<u8>,
    signature: Vec<u8>,
    pcrs: PcrValues,
}

impl Found {
    fn judge(&self) -> Result<VerifiedQuote, TpmError> {
        let stated = Quote::parse(&self.quote).map_err(TpmError::Attest)?;
        let nonce = stated.extra_data.to_vec();
        let pcrs = stated.selection[0].pcrs;
        self.judge_for(&nonce, PcrSelection::new(self.pcrs.bank(), pcrs))
    }

    fn judge_for(&self, nonce: &[u8], selection: PcrSelection) -> Result<VerifiedQuote, TpmError> {
        let ak = TrustedAk::danger_from_evidence(
            self.key.clone(),
            "a test",
            UnixTime::from_secs(0),
            UnixTime::MAX,
        );
        let signed = SignedQuote {
            quote: &self.quote,
            signature: Signature::parse(&self.signature).map_err(TpmError::SignatureForm)?,
            pcrs: &self.pcrs,
            log: None,
        };
        verify_quote(&signed, &ak, &Expected { nonce, selection }, NOW)
    }
}

fn pem_key(pem: &[u8]) -> PublicKey {
    let text = std::str::from_utf8(pem).unwrap();
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    PublicKey::from_spki(&base64_decode(&body).unwrap()).unwrap()
}

fn trustee() -> Option<Found> {
    let json = Vectors::open()?.ending("tpm", "tpm_evidence.json");
    let json: Value = serde_json::from_slice(&json).unwrap();
    let text = |value: &Value| base64_decode(value.as_str().unwrap()).unwrap();
    let quote = &json["tpm_quote"];
    let pcrs = quote["pcrs"].as_array().unwrap().iter().enumerate();
    let pcrs = pcrs.map(|(i, v)| {
        (
            u8::try_from(i).unwrap(),
            hex_decode(v.as_str().unwrap()).unwrap(),
        )
    });
    Some(Found {
        key: PublicKey::from_spki(&text(&json["ak_public"])).unwrap(),
        quote: text(&quote["message"]),
        signature: text(&quote["signature"]),
        pcrs: PcrValues::new(HashAlg::Sha256, pcrs).unwrap(),
    })
}

/// Keylime keeps the values as tpm2-tools do: selections, then lists of digests of 66 bytes each.
fn keylime() -> Option<Found> {
    let vectors = Vectors::open()?;
    let file = |name| vectors.ending("tpm", name);
    let values = file("quotepcr.out");
    let quote = file("quote.out");
    let set = Quote::parse(&quote).unwrap().selection[0].pcrs;
    let pcrs = set.iter().enumerate().map(|(n, index)| {
        let at = 0x8e + 66 * n;
        (index, values[at..at + 32].to_vec())
    });
    Some(Found {
        key: pem_key(&file("files_akpub.pem")),
        signature: file("quotesig.out"),
        pcrs: PcrValues::new(HashAlg::Sha256, pcrs).unwrap(),
        quote,
    })
}

/// Both are signed with SHA-1; whose key it is does not come up.
fn with_sha1() -> Option<Vec<(&'static str, Found)>> {
    let vectors = Vectors::open()?;
    let key = pem_key(&vectors.ending("tpm", "files_akpub.pem"));
    let any = |quote: Vec<u8>, signature: Vec<u8>| Found {
        key: key.clone(),
        pcrs: PcrValues::new(HashAlg::Sha256, []).unwrap(),
        quote,
        signature,
    };
    let text = vectors.ending("tpm", "test-quote.txt");
    let text = String::from_utf8(text).unwrap();
    let mut parts = text.trim().strip_prefix('r').unwrap().split(':');
    let mut next = || base64_decode(parts.next().unwrap()).unwrap();
    let rust = any(next(), next());
    let json = vectors.ending("tpm", "windows_gcp_shielded_vm.json");
    let json: Value = serde_json::from_slice(&json).unwrap();
    let field = |name: &str| base64_decode(json["Quote"][name].as_str().unwrap()).unwrap();
    let windows = any(field("Quote"), field("Signature"));
    let public = base64_decode(json["AK"]["Public"].as_str().unwrap()).unwrap();
    TpmPublic::parse(&public).unwrap().demand_ak().unwrap();
    Some(vec![("rust-keylime", rust), ("windows-gcp", windows)])
}

#[test]
fn real_quotes_give_their_verdicts() {
    let (Some(trustee), Some(keylime), Some(sha1)) = (trustee(), keylime(), with_sha1()) else {
        return;
    };
    for (name, found) in [("trustee", &trustee), ("keylime", &keylime)] {
        let verified = found.judge().unwrap();
        let claims = verified.claims();
        println!(
            "{name}: verifies, PCRs {}, firmware {:#x}",
            claims.pcrs.set(),
            claims.firmware_version
        );
    }
    for (name, found) in sha1 {
        let error = found.judge().err().unwrap();
        println!("{name}: {}: {error}", error.check());
        assert_eq!(error.check(), "signature-scheme");
    }
    // keylime's quote of 15, 16 and 22, two of them resettable, asked for as others.
    let others = PcrSelection::new(HashAlg::Sha256, PcrSet::new([0, 1, 7]).unwrap());
    let nonce = keylime.judge().unwrap().claims().nonce.clone();
    let error = keylime.judge_for(&nonce, others).err().unwrap();
    assert_eq!(error.check(), "pcr-selection");
    let stated = PcrSelection::new(HashAlg::Sha256, keylime.pcrs.set());
    let error = keylime.judge_for(b"another", stated).err().unwrap();
    assert_eq!(error.check(), "nonce");
}

#[test]
fn every_flipped_byte_of_a_real_quote_is_refused() {
    let Some(found) = trustee() else { return };
    let stated = found.judge().unwrap().into_claims();
    let selection = PcrSelection::new(HashAlg::Sha256, stated.pcrs.set());
    let flip = |bytes: &[u8], at: usize| {
        let mut flipped = bytes.to_vec();
        flipped[at] ^= 1 << (at % 8);
        flipped
    };
    let mut flips = 0;
    for at in 0..found.quote.len() {
        let quote = flip(&found.quote, at);
        let changed = Found {
            quote,
            key: found.key.clone(),
            signature: found.signature.clone(),
            pcrs: found.pcrs.clone(),
        };
        assert!(
            changed.judge_for(&stated.nonce, selection).is_err(),
            "quote byte {at}"
        );
        flips += 1;
    }
    for at in 0..found.signature.len() {
        let signature = flip(&found.signature, at);
        let changed = Found {
            signature,
            key: found.key.clone(),
            quote: found.quote.clone(),
            pcrs: found.pcrs.clone(),
        };
        assert!(
            changed.judge_for(&stated.nonce, selection).is_err(),
            "signature byte {at}"
        );
        flips += 1;
    }
    for at in 0..24 * 32 {
        let values = found.pcrs.iter().map(|(index, value)| {
            let own = usize::from(index) == at / 32;
            (
                index,
                if own {
                    flip(value, at % 32)
                } else {
                    value.to_vec()
                },
            )
        });
        let pcrs = PcrValues::new(HashAlg::Sha256, values).unwrap();
        let changed = Found {
            pcrs,
            key: found.key.clone(),
            quote: found.quote.clone(),
            signature: found.signature.clone(),
        };
        assert!(
            changed.judge_for(&stated.nonce, selection).is_err(),
            "value byte {at}"
        );
        flips += 1;
    }
    println!("{flips} flipped bytes, all refused");
}

const AK: u32 = Attributes::FIXED_TPM
    | Attributes::FIXED_PARENT
    | Attributes::SENSITIVE_DATA_ORIGIN
    | Attributes::RESTRICTED;

fn certificate(vectors: &Vectors, name: &str) -> Certificate {
    let bytes = vectors.ending("tpm", name);
    match parse_pem_chain(&bytes) {
        Ok(mut chain) => chain.remove(0),
        Err(_) => Certificate::parse(&bytes).unwrap(),
    }
}

/// GCE's certificates of AKs and EKs, of both of its authorities, for keys that we only know from
/// them.
#[test]
fn gce_certificates_chain_to_the_pinned_roots() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let certificate = |name: &str| certificate(&vectors, name);
    let anchors = ["gcp_ek_ak_ca_root.crt", "tpm_ek_root_1.cer"].map(certificate);
    let anchors = anchors.iter().map(TrustAnchor::from_certificate).collect();
    let trusted = TpmEndorsements::new(anchors).with_intermediates(vec![
        certificate("gcp_ek_ak_ca_intermediate_v3.crt"),
        certificate("tpm_ek_intermediate_2.crt"),
        certificate("tpm_ek_intermediate_3.crt"),
    ]);
    let unlisted = trusted.clone().danger_without_revocation();
    for (authority, algorithm) in [
        ("pca", "rsa"),
        ("pca", "ecc"),
        ("uca", "rsa"),
        ("uca", "ecc"),
    ] {
        for use_ in ["sign", "enc"] {
            let name = format!("{authority}_tpm_{algorithm}_{use_}_cert.pem");
            let leaf = certificate(&name);
            let chain = vec![leaf.der().to_vec()];
            let public = |attributes| {
                let numbers = Numbers::of(leaf.public_key());
                let bytes = public_area(&numbers, HashAlg::Sha256.id(), attributes, None);
                TpmPublic::parse(&bytes).unwrap()
            };
            let ak = public(AK | Attributes::SIGN);
            let ek = public(AK | Attributes::DECRYPT);
            if use_ == "sign" {
                let source = unlisted.trusted_ak(ak.clone(), &chain, NOW).unwrap();
                let error = trusted.trusted_ak(ak.clone(), &chain, NOW).unwrap_err();
                println!("{name}: {}; with revocation: {error}", source.source());
                assert_eq!(
                    (error.check(), error.class()),
                    ("ak-endorsed", ErrorClass::Stale)
                );
                let roots = TpmEndorsements::new(Vec::new()).danger_without_revocation();
                assert!(roots.trusted_ak(ak, &chain, NOW).is_err());
            } else {
                unlisted.trusted_ek(ek, &chain, NOW).unwrap();
                let error = unlisted.trusted_ak(ak, &chain, NOW).unwrap_err();
                println!("{name}: good for an EK; as an AK's: {error}");
                assert_eq!(error.check(), "ak-endorsed");
            }
        }
    }
}
