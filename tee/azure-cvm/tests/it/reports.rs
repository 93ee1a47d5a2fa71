use adyton_pki::{Certificate, TrustAnchor};
use adyton_tee_azure_cvm::{
    AzureEvidence, Hardware, HardwareClaims, HardwareKind, HclReport, RuntimeClaims,
};
use adyton_tee_tcg_tpm::forge::{Numbers, public_area};
use adyton_tee_tcg_tpm::{Attributes, HashAlg, TpmEndorsements, TpmPublic};
use adyton_types::UnixTime;
use adyton_vectors::Vectors;

use crate::envelopes::{Quote, json, yaml};
use crate::world::{World, first_der, stated_nonce};

/// Every whole piece of evidence, SNP first.
pub(crate) fn evidence() -> Option<Vec<(&'static str, AzureEvidence)>> {
    let vectors = Vectors::open()?;
    let azure = |end: &str| vectors.ending("azure", end);
    let snp = |hcl: &str, quote: &str, vek: Vec<u8>| {
        let quote = Quote::from_bincode(&azure(quote));
        quote.with(azure(hcl), Hardware::Snp { vek: Some(vek) })
    };
    let flashbots = azure("azure-tdx-with-ak-intermediates-1780922561.yaml");
    let from_json = |end: &str| json(&azure(end), first_der);
    let tdx = |who: &str| {
        let quote = azure(&format!("{who}_quote.bin"));
        let td_quote = azure(&format!("{who}_td-quote.bin"));
        (
            Quote::from_bincode(&quote),
            Hardware::Tdx { quote: td_quote },
        )
    };
    let (lunal_quote, lunal_td) = tdx("az_tdx");
    Some(vec![
        ("trustee snp genoa (v0)", from_json("evidence-genoa.json")),
        ("trustee snp v1", from_json("az-snp-vtpm_evidence-v1.json")),
        (
            "lunal snp",
            Quote::from_bincode(&azure("az_snp_quote.bin")).with(
                vectors.ending(
                    "azure-hcl",
                    "lunal-dev_attestation-rs__hcl-report.bin__3feb1ef8.bin",
                ),
                Hardware::Snp {
                    vek: Some(first_der(&azure("az_snp_vcek.pem"))),
                },
            ),
        ),
        (
            "trustee snp parts",
            snp(
                "az-snp-vtpm_hcl-report.bin",
                "az-snp-vtpm_quote.bin",
                first_der(&azure("az-snp-vtpm_vcek.pem")),
            ),
        ),
        ("trustee tdx v0", from_json("az-tdx-vtpm_evidence-v0.json")),
        ("trustee tdx v1", from_json("az-tdx-vtpm_evidence-v1.json")),
        ("lunal tdx v1", from_json("az_tdx_evidence-v1.json")),
        ("lunal tdx live", from_json("live-evidence.json")),
        (
            "lunal tdx parts",
            lunal_quote.with(azure("az_tdx_hcl-report.bin"), lunal_td),
        ),
        (
            "flashbots tdx",
            yaml(std::str::from_utf8(&flashbots).unwrap()).0,
        ),
    ])
}

#[test]
fn whole_evidence_gives_its_verdict() {
    let Some(evidence) = evidence() else { return };
    for (name, evidence) in evidence {
        println!("{name}");
        let world = World::of(&evidence);
        let again = AzureEvidence::parse(&evidence.encode()).unwrap();
        assert_eq!(again, evidence);
        let nonce = stated_nonce(&evidence);
        let verified = world
            .judge(&evidence, &nonce)
            .unwrap_or_else(|error| panic!("{name}: {}: {error:?}", error.check()));
        let claims = verified.claims();
        let hardware = match &claims.hardware {
            HardwareClaims::Snp(snp) => format!("{} concerns {:?}", snp.generation, snp.concerns()),
            HardwareClaims::Tdx(tdx) => {
                format!("{:?} weaknesses {:?}", tdx.tcb.status, tdx.weaknesses())
            }
        };
        println!(
            "{name}: {} checks; {hardware}; secure boot {:?}; nonce {:?}",
            verified.checks().len(),
            claims.runtime.vm.secure_boot,
            String::from_utf8_lossy(&nonce),
        );
        let error = world.judge(&evidence, b"another").unwrap_err();
        assert_eq!(error.check(), "nonce");
    }
}

/// Each HCL report is bound by the hardware report inside it.
#[test]
fn hcl_reports_bind_their_claims() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let mut files = vectors.folder("azure-hcl");
    let whole = vectors.folder("azure");
    files.extend(
        whole
            .into_iter()
            .filter(|(name, _)| name.contains("hcl-report")),
    );
    for (name, bytes) in files {
        let hcl = HclReport::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let at = match hcl.kind() {
            HardwareKind::Snp => 0x50,
            HardwareKind::Tdx => 128,
        };
        let data = hcl.hardware_report()[at..at + 64].try_into().unwrap();
        assert!(hcl.is_bound_by(data), "{name}");
        let runtime = RuntimeClaims::parse(hcl.claims()).unwrap();
        let user_data = runtime.user_data.map(|data| data != [0; 64]);
        println!(
            "{name}: {}, bound, secure boot {:?}, user data {user_data:?}",
            hcl.kind(),
            runtime.vm.secure_boot
        );
    }
}

/// The bare pieces beside: kinvolk's quote, and a TD quote that was refused.
#[test]
fn pieces_give_their_verdicts() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let quote = Quote::from_bincode(&vectors.ending("azure", "az-cvm-vtpm_test_quote.bin"));
    let pem = vectors.ending("azure", "akpub.pem");
    let text: String = String::from_utf8(pem)
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let key =
        adyton_pki::PublicKey::from_spki(&adyton_codec::base64_decode(&text).unwrap()).unwrap();
    let ak = adyton_tee_tcg_tpm::TrustedAk::danger_from_evidence(
        key,
        "a test",
        UnixTime::from_secs(0),
        UnixTime::MAX,
    );
    let values = quote.values();
    let signed = adyton_tee_tcg_tpm::SignedQuote {
        quote: &quote.message,
        signature: adyton_tee_tcg_tpm::Signature::rsassa_sha256(&quote.signature),
        pcrs: &values,
        log: None,
    };
    let expected = adyton_tee_tcg_tpm::Expected {
        nonce: b"challenge",
        selection: crate::world::all_pcrs(),
    };
    adyton_tee_tcg_tpm::verify_quote(&signed, &ak, &expected, UnixTime::from_secs(1)).unwrap();
    let claims = vectors.ending("azure", "var-data.bin");
    RuntimeClaims::parse(&claims).unwrap();
}

/// The AK's certificate leads to Azure's root, and is of the very key that the HCL report names.
#[test]
fn ak_certificates_lead_to_azures_root() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let text = vectors.ending("azure", "azure-tdx-with-ak-intermediates-1780922561.yaml");
    let (evidence, pems) = yaml(std::str::from_utf8(&text).unwrap());
    let chain: Vec<Vec<u8>> = pems.iter().map(|pem| first_der(pem.as_bytes())).collect();
    let leaf = Certificate::parse(&chain[0]).unwrap();
    let hcl = HclReport::parse(&evidence.hcl).unwrap();
    assert_eq!(
        leaf.public_key(),
        &RuntimeClaims::parse(hcl.claims()).unwrap().ak
    );
    let roots = [
        "azure-virtual-tpm-root-2023.pem",
        "microsoft-rsa-devices-root-ca-2021.pem",
    ];
    let roots =
        roots.map(|name| Certificate::parse(&first_der(&vectors.ending("azure", name))).unwrap());
    let trusted = TpmEndorsements::new(roots.iter().map(TrustAnchor::from_certificate).collect());
    let attributes = Attributes::FIXED_TPM
        | Attributes::FIXED_PARENT
        | Attributes::SENSITIVE_DATA_ORIGIN
        | Attributes::RESTRICTED
        | Attributes::SIGN;
    let area = public_area(
        &Numbers::of(leaf.public_key()),
        HashAlg::Sha256.id(),
        attributes,
        None,
    );
    let public = TpmPublic::parse(&area).unwrap();
    let now = "2026-07-01T00:00:00Z".parse().unwrap();
    let error = trusted.trusted_ak(public.clone(), &chain, now).unwrap_err();
    println!("{} certificates: {error}", chain.len());
    assert_eq!(error.check(), "ak-endorsed");
    let ak = trusted
        .danger_without_revocation()
        .trusted_ak(public, &chain, now)
        .unwrap();
    println!("{}", ak.source());
}
