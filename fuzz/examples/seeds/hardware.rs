//! Seeds of Evidence and Endorsements: forgeries with every signature and every key that is not in
//! a claim left out, so that seeds are the same each time. The targets sign what they judge.

use adyton_codec::{Value, base64_encode, hex_encode};
use adyton_pki::forge::{ForgeKey, pem};
use adyton_pki::{KeyKind, parse_pem_chain};
use adyton_tee_amd_snp::forge::ForgedAmd;
use adyton_tee_amd_snp::{Generation, VekKind};
use adyton_tee_arm_cca::forge::{Claims, ForgedToken, payload};
use adyton_tee_aws_nitro::Device;
use adyton_tee_aws_nitro::forge::ForgedNitro;
use adyton_tee_azure_cvm::{AzureEvidence, Hardware};
use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_tee_nvidia_gpu::Architecture;
use adyton_tee_nvidia_gpu::forge::{ForgedReport, ForgedRim};
use adyton_tee_tcg_tpm::forge::{LogForge, Numbers, public_area};
use adyton_tee_tcg_tpm::{HashAlg, PcrValues, TpmEvidence};
use serde_json::json;

use super::seed;

/// AMD's public certificates of one generation.
const GENOA: &str = include_str!("../../../tee/amd-snp/tests/data/genoa-chain.pem");

pub(super) fn seeds() {
    amd_and_nitro();
    let attested = tpm();
    azure(attested);
    intel_quotes();
    intel_collateral();
    cca();
    nvidia();
    material();
}

fn amd_and_nitro() {
    for (mode, generation, kind) in [
        (1, Generation::Milan, VekKind::Vcek),
        (3, Generation::Turin, VekKind::Vcek),
        (5, Generation::Genoa, VekKind::Vlek),
    ] {
        let report = ForgedAmd::new(generation, kind).report();
        seed("snp_report", generation.as_str(), &[&[mode], &report.0]);
        seed("envelope", generation.as_str(), &[&report.0]);
    }
    let vcek = 0x63da_758d_e664_4564_adc5_f4b9_3be8_accd_u128.to_be_bytes();
    let place = [48_u32.to_le_bytes(), 4_u32.to_le_bytes()].concat();
    seed(
        "snp_cert_table",
        "vcek",
        &[&vcek, &place, &[0; 24], b"vcek"],
    );
    for device in [Device::Enclave, Device::NitroTpm] {
        let mut forged = ForgedNitro::new(device);
        forged.set("certificate", Value::bytes(&[0x30, 0]));
        forged.set("cabundle", Value::Array(vec![Value::bytes(&[0x30, 0])]));
        let payload = Value::Map(forged.fields).encode();
        seed("nitro_document", device.as_str(), &[&[1], &payload]);
        seed("envelope", device.as_str(), &[&sign1(34, &payload, false)]);
    }
}

/// A quote with what is said beside it.
struct Attested {
    quote: Vec<u8>,
    signature: Vec<u8>,
    pcrs: PcrValues,
}

fn tpm() -> Attested {
    let pcrs = PcrValues::new(HashAlg::Sha256, [(7, vec![7; 32])]).expect("a value");
    let numbers = Numbers::Modulus(vec![0xC1; 256]);
    let ak = public_area(&numbers, HashAlg::Sha256.id(), 0x0005_0072, Some(0x0014));
    let log = LogForge::new(&[HashAlg::Sha256, HashAlg::Sha384])
        .event_over(0, 3, b"", b"StartupLocality\0\x03")
        .event(0, 8, b"version")
        .event(7, 4, &[0; 4]);
    let mut quote = 0xFF54_4347_u32.to_be_bytes().to_vec();
    quote.extend([0x80, 0x18, 0, 0, 0, 5]);
    quote.extend(b"nonce");
    quote.extend([0; 16]);
    quote.push(1);
    quote.extend([0; 8]);
    quote.extend([0, 0, 0, 1, 0, 0x0B, 3, 0x80, 0, 0, 0, 32]);
    quote.extend(pcrs.digest(HashAlg::Sha256));
    let signature = adyton_tee_azure_cvm::rsassa_sha256(&[1; 256]);
    let evidence = TpmEvidence {
        quote: quote.clone(),
        signature: signature.clone(),
        pcrs: pcrs.clone(),
        ak: ak.clone(),
        chain: Vec::new(),
        log: Some(log.bytes.clone()),
    };
    seed("tpm_quote", "evidence", &[&[0], &evidence.encode()]);
    seed("tpm_quote", "signature", &[&[1], &signature]);
    seed("tpm_quote", "public", &[&[1], &ak]);
    seed("tpm_quote", "attest", &[&[2], &quote]);
    seed("tpm_eventlog", "tpm", &[&log.bytes]);
    seed("intel_quote", "eventlog", &[&[0], &log.bytes]);
    seed("envelope", "tpm", &[&evidence.encode()]);
    Attested {
        quote,
        signature,
        pcrs,
    }
}

fn azure(attested: Attested) {
    let Attested {
        quote,
        signature,
        pcrs,
    } = attested;
    let claims = format!(
        r#"{{"keys":[{{"kid":"HCLAkPub","kty":"RSA","e":"AQAB","n":"{}"}}],"user-data":"{}"}}"#,
        "wcHB".repeat(85) + "wQ",
        "00".repeat(64),
    );
    let size = |n: usize| u32::try_from(n).expect("small").to_le_bytes();
    let word = |n: u32| n.to_le_bytes();
    let mut hcl = b"HCLA".to_vec();
    hcl.extend(word(2));
    hcl.extend(size(32 + 1184 + 20 + claims.len()));
    hcl.extend(word(2));
    hcl.extend([0; 16 + 1184]);
    hcl.extend(size(20 + claims.len()));
    hcl.extend([word(1), word(2), word(1)].concat());
    hcl.extend(size(claims.len()));
    hcl.extend(claims.as_bytes());
    seed("azure_hcl", "hcl", &[&hcl]);
    seed("azure_hcl", "claims", &[claims.as_bytes()]);
    let listed: Vec<String> = (0..24).map(|n| hex_encode(&[n; 32])).collect();
    let tool = json!({
        "hcl_report": base64_encode(&hcl),
        "tpm_quote": {
            "message": base64_encode(&quote),
            "signature": base64_encode(&[1; 256]),
            "pcrs": listed,
        },
    });
    seed("envelope", "azure-json", &[tool.to_string().as_bytes()]);
    let evidence = AzureEvidence {
        hcl,
        quote,
        signature,
        pcrs,
        hardware: Hardware::Snp { vek: None },
    };
    seed("azure_hcl", "evidence", &[&evidence.encode()]);
    seed("envelope", "azure", &[&evidence.encode()]);
}

/// A text in PEM of something that is no certificate.
fn short_pem() -> String {
    pem(&[&[0x30, 0]])
}

fn blank(bytes: &mut [u8], at: usize, count: usize) {
    bytes
        .iter_mut()
        .skip(at)
        .take(count)
        .for_each(|byte| *byte = 0);
}

/// The quote with zeros for both signatures, the attestation key and its hash.
fn unsigned_quote(forge: &mut IntelForge) -> Vec<u8> {
    forge.quote.certification = Some(short_pem().into_bytes());
    let mut quote = forge.quote();
    let descriptor = forge.quote.descriptor.map_or(0, |_| 6);
    let wrapped = if forge.quote.header.first() == Some(&3) {
        0
    } else {
        6
    };
    let signature = forge.quote.header.len() + descriptor + forge.quote.body.len() + 4;
    let qe_report = signature + 128 + wrapped;
    blank(&mut quote, signature, 128);
    blank(&mut quote, qe_report + 320, 128);
    quote
}

fn intel_quotes() {
    let forges = [
        ("tdx-v4", IntelForge::tdx()),
        ("tdx-v5", IntelForge::tdx15()),
        ("sgx-v3", IntelForge::sgx()),
    ];
    for (name, mut forge) in forges {
        let quote = unsigned_quote(&mut forge);
        seed("intel_quote", name, &[&[0], &quote]);
        seed("envelope", name, &[&quote]);
    }
    // One bit of the header, of the version 5 body and of the signature.
    for (name, at) in [
        ("xor-header", 24),
        ("xor-body", 200),
        ("xor-signature", 710),
    ] {
        let mut mask = vec![0; at];
        mask.push(1);
        seed("intel_quote", name, &[&[1], &mask]);
    }
    let events = json!([
        {"imr": 0, "event_type": 1, "digest": "00".repeat(48), "event": "", "event_payload": "aa"},
        {"imr": 3, "event_type": 0x0800_0001, "digest": "11".repeat(48), "event": "compose-hash",
         "event_payload": "bb"},
    ]);
    seed(
        "intel_quote",
        "eventlog-json",
        &[&[0], events.to_string().as_bytes()],
    );
}

fn intel_collateral() {
    let zeros = "00".repeat(64);
    for (name, forge) in [("tdx", IntelForge::tdx()), ("sgx", IntelForge::sgx())] {
        let (tcb_info, identity) = (forge.tcb_info.to_string(), forge.qe_identity.to_string());
        let answer = format!(r#"{{"tcbInfo":{tcb_info},"signature":"{zeros}"}}"#);
        let put = |kind: &str, parts: &[&[u8]]| {
            seed("intel_collateral", &format!("{name}-{kind}"), parts);
        };
        put("answer", &[&[1], answer.as_bytes()]);
        put("tcb-info", &[&[2], tcb_info.as_bytes()]);
        put("qe-identity", &[&[3], identity.as_bytes()]);
        let bundle = json!({
            "pck_crl_issuer_chain": short_pem(),
            "root_ca_crl": "3000",
            "pck_crl": "3000",
            "tcb_info_issuer_chain": short_pem(),
            "tcb_info": tcb_info,
            "tcb_info_signature": zeros,
            "qe_identity_issuer_chain": short_pem(),
            "qe_identity": identity,
            "qe_identity_signature": zeros,
        });
        let bundle = bundle.to_string();
        put("bundle", &[&[0], bundle.as_bytes()]);
        seed("material", &format!("{name}-bundle"), &[bundle.as_bytes()]);
        seed(
            "material",
            &format!("{name}-tcb-info"),
            &[answer.as_bytes()],
        );
    }
}

/// A COSE_Sign1 with zeros for a signature; `algorithm` as it stands in CBOR, minus one.
fn sign1(algorithm: u64, payload: &[u8], tagged: bool) -> Vec<u8> {
    let protected = Value::Map(vec![(Value::Uint(1), Value::Nint(algorithm))]).encode();
    let array = Value::Array(vec![
        Value::bytes(&protected),
        Value::Map(Vec::new()),
        Value::bytes(payload),
        Value::bytes(&[0; 96]),
    ]);
    if tagged {
        Value::Tag(18, Box::new(array)).encode()
    } else {
        array.encode()
    }
}

fn cca() {
    let token = ForgedToken::default();
    // What depends on keys in other forgeries.
    let with = |claims: &Claims, key: u64, value: &[u8]| {
        let mut claims = claims.clone();
        ForgedToken::set(&mut claims, key, Some(Value::Bytes(value.to_vec().into())));
        payload(&claims)
    };
    let point = [&[4][..], &[7; 96]].concat();
    let platform = with(&token.platform, 10, &[0x10; 32]);
    let realm = with(&token.realm, 44237, &point);
    seed("cca_token", "platform-claims", &[&[1], &platform]);
    seed("cca_token", "realm-claims", &[&[2], &realm]);
    let halves = (sign1(34, &platform, true), sign1(34, &realm, true));
    for (name, cmw) in [("map", false), ("cmw", true)] {
        let whole = ForgedToken::wrap(cmw, &halves.0, &halves.1);
        seed("cca_token", name, &[&[0], &whole]);
        seed("envelope", &format!("cca-{name}"), &[&whole]);
    }
}

fn nvidia() {
    let key = ForgeKey::generate(KeyKind::P384);
    let mut devices = Vec::new();
    for (name, report) in [
        ("gpu", ForgedReport::gpu()),
        ("switch", ForgedReport::switch(1, &[2, 3])),
    ] {
        let signed = report.sign(&key);
        let unsigned = signed
            .get(..signed.len() - 96)
            .expect("a signature of 96 bytes");
        seed("nvidia_report", name, &[&[1], unsigned]);
        let zeros = [unsigned, &[0; 96]].concat();
        seed(
            "nvidia_report",
            &format!("{name}-received"),
            &[&[0], &zeros],
        );
        devices.push((report, zeros));
    }
    let (report, bytes) = &devices[0];
    let entry = ForgedReport::entry(Architecture::Hopper, &report.nonce, bytes, &short_pem());
    seed("envelope", "nvidia", &[format!("[{entry}]").as_bytes()]);
    let extra =
        r#"<ns0:Entity name="a&amp;b" role="x"><ns0:Link href="c"></ns0:Link></ns0:Entity>"#;
    seed("nvidia_rim", "extra", &[&[1], extra.as_bytes()]);
    let xml = ForgedRim::new("GH100", "550.90.07", 0..4).sign(&key, &[&[0x30, 0]]);
    let (before, rest) = xml.split_once("<ds:SignatureValue>").expect("a signature");
    let (_, after) = rest.split_once("</ds:SignatureValue>").expect("its end");
    let zeros = base64_encode(&[0; 96]);
    let xml = format!("{before}<ds:SignatureValue>{zeros}</ds:SignatureValue>{after}");
    seed("nvidia_rim", "received", &[&[0], xml.as_bytes()]);
    seed("material", "nvidia-rim", &[xml.as_bytes()]);
}

fn material() {
    let chain = parse_pem_chain(GENOA.as_bytes()).expect("certificates");
    let ask = chain.first().expect("the ASK").der();
    seed("material", "pem", &[GENOA.as_bytes()]);
    seed("material", "der", &[ask]);
    let answer = json!({ "vcekCert": "", "certificateChain": GENOA });
    seed("material", "azure-answer", &[answer.to_string().as_bytes()]);
    // AMD's table: the GUID of an ASK, where it is, the end, and the certificate.
    let guid = 0x4ab7_b379_bbac_4fe4_a02f_05ae_f327_c782_u128.to_be_bytes();
    let length = u32::try_from(ask.len()).expect("small").to_le_bytes();
    let place = [48_u32.to_le_bytes(), length].concat();
    seed("material", "cert-table", &[&guid, &place, &[0; 24], ask]);
}
