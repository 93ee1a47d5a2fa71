use adyton_codec::{base64_encode, base64url_encode, hex_encode};
use adyton_tee_amd_snp::forge::{ForgedAmd, KEYS};
use adyton_tee_amd_snp::{Generation, VekKind};
use adyton_tee_azure_cvm::forge::HclForge;
use adyton_tee_azure_cvm::{Hardware, HardwareKind};
use adyton_tee_tcg_tpm::forge::{ForgedAk, QuoteForge};
use adyton_tee_tcg_tpm::{HashAlg, PcrValues, Scheme};
use adyton_types::TeeKind;

use super::*;

fn report() -> Vec<u8> {
    let amd = ForgedAmd::new(Generation::Milan, VekKind::Vcek);
    amd.report().sign(&KEYS.vek)
}

fn found(text: &str) -> Found {
    detect(text.as_bytes()).unwrap()
}

#[test]
fn one_report_is_found_in_every_form() {
    let report = report();
    let (hex, base64) = (hex_encode(&report), base64_encode(&report));
    let url = base64url_encode(&report);
    let numbers = format!("{report:?}");
    let forms = [
        (hex.clone(), vec!["hexadecimal"]),
        (format!("0x{}\n", hex.to_uppercase()), vec!["hexadecimal"]),
        (base64.clone(), vec!["base64"]),
        (url, vec!["base64"]),
        (
            format!("-----BEGIN REPORT-----\n{base64}\n-----END REPORT-----\n"),
            vec!["PEM"],
        ),
        (numbers.clone(), vec!["JSON array of bytes"]),
        (format!("{{\"report\": {numbers}}}"), vec!["JSON envelope"]),
        (
            format!(
                "{{\"platform\": \"snp\", \"evidence\": {{\"attestation_report\": \"{base64}\"}}}}"
            ),
            vec!["JSON envelope", "JSON envelope", "base64"],
        ),
        (
            format!("{{\"evidence\": \"{base64}\", \"quote\": \"{hex}\", \"svn\": 1}}"),
            vec!["JSON envelope", "base64"],
        ),
    ];
    let raw = detect(&report).unwrap();
    assert_eq!((raw.evidence.kind, raw.layers.len()), (TeeKind::Snp, 0));
    for (text, layers) in forms {
        let found = found(&text);
        assert_eq!(found.evidence, raw.evidence, "{layers:?}");
        assert_eq!(found.layers, layers);
    }
}

#[test]
fn certificates_beside_the_evidence_are_handed_on() {
    let base64 = base64_encode(&report());
    let found = found(&format!(
        "{{\"evidence\": \"{base64}\", \"endorsements\": \"AAECAwQF\", \"vcekCert\": \"-----BEGIN CERTIFICATE-----\\nAA==\\n-----END CERTIFICATE-----\"}}"
    ));
    assert_eq!(
        found.beside.first().map(Vec::as_slice),
        Some(&[0, 1, 2, 3, 4, 5][..])
    );
    assert_eq!(found.beside.len(), 2);
    let many = "\"AAECAwQF\",".repeat(100);
    let many = many.trim_end_matches(',');
    let text = format!("{{\"evidence\": \"{base64}\", \"cert_chain\": [{many}]}}");
    assert_eq!(detect(text.as_bytes()).unwrap().beside.len(), 16);
}

#[test]
fn what_is_no_evidence_says_so() {
    let report = report();
    let cut = report.get(..1000).unwrap();
    let (one, mut other) = (base64_encode(&report), report.clone());
    other[0x50] ^= 1;
    let other = base64_encode(&other);
    let cases: Vec<(Vec<u8>, EnvelopeError)> = vec![
        (b"".to_vec(), EnvelopeError::Unknown),
        (b"hello there".to_vec(), EnvelopeError::Unknown),
        (b"{\"quote\": 1}".to_vec(), EnvelopeError::Unknown),
        (b"[[[[[[[[[[".to_vec(), EnvelopeError::Unknown),
        (
            cut.to_vec(),
            EnvelopeError::Broken {
                what: "an SNP report",
                why: "it ends before its 1184 bytes",
            },
        ),
        (
            b"{\"attestation_report\": {\"measurement\": [1], \"chip_id\": [2]}}".to_vec(),
            EnvelopeError::TakenApart {
                field: "attestation_report".to_owned(),
            },
        ),
        (
            format!("{{\"quote\": \"{one}\", \"report\": \"{other}\"}}").into_bytes(),
            EnvelopeError::Several {
                first: "quote".to_owned(),
                second: "report".to_owned(),
            },
        ),
        // One reader takes the first, another the last.
        (
            format!("{{\"quote\": \"{one}\", \"quote\": \"{other}\"}}").into_bytes(),
            EnvelopeError::Twice,
        ),
        (
            format!("[{{\"evidence\": {{\"a\": 1, \"\\u0061\": \"{one}\"}}}}]").into_bytes(),
            EnvelopeError::Twice,
        ),
        (
            vec![b' '; MAX_ENVELOPE_BYTES + 1],
            EnvelopeError::TooLong {
                found: MAX_ENVELOPE_BYTES + 1,
                max: MAX_ENVELOPE_BYTES,
            },
        ),
    ];
    for (bytes, expected) in cases {
        assert_eq!(detect(&bytes).err(), Some(expected));
    }
}

#[test]
fn layers_have_an_end() {
    let mut text = base64_encode(&report());
    for _ in 0..5 {
        text = base64_encode(text.as_bytes());
    }
    assert!(detect(text.as_bytes()).is_ok());
    let text = base64_encode(text.as_bytes());
    assert_eq!(detect(text.as_bytes()).err(), Some(EnvelopeError::TooDeep));
}

#[test]
fn evidence_beside_that_of_azure_is_told() {
    let ak = ForgedAk::rsa(Scheme::RsaSsa);
    let hcl = HclForge::new(HardwareKind::Snp, &ak, &[0; 64]);
    let pcrs = PcrValues::new(HashAlg::Sha256, [(4, vec![4; 32])]).unwrap();
    let quote = QuoteForge::new(b"the nonce", pcrs);
    let hardware = Hardware::Snp { vek: None };
    let azure = hcl.evidence(&report(), hardware, &quote, &ak);
    let with = |more: &str| {
        let value = format!("\"{}\",", "04".repeat(32)).repeat(24);
        let text = format!(
            "{{\"hcl_report\": \"{}\", \"tpm_quote\": {{\"message\": \"{}\", \"signature\": \"{}\", \"pcrs\": [{}]}}{more}}}",
            base64_encode(&azure.hcl),
            hex_encode(&azure.quote),
            hex_encode(&[1; 256]),
            value.trim_end_matches(','),
        );
        detect(text.as_bytes())
    };
    assert_eq!(with("").unwrap().evidence.kind, TeeKind::AzureSnp);
    let other = base64_encode(&report());
    for place in ["evidence", "quote", "snp_report"] {
        let several = EnvelopeError::Several {
            first: "hcl_report".to_owned(),
            second: place.to_owned(),
        };
        let more = format!(", \"{place}\": \"{other}\"");
        assert_eq!(with(&more).err(), Some(several));
    }
}
