//! What Evidence does not say itself, and its Verifier hands in: keys of CCA platforms, enrolled keys
//! of TPMs, signed lists of Reference Values.

use adyton_codec::{hex_decode, hex_encode};
use adyton_tee_amd_snp::forge::KEYS;
use adyton_tee_amd_snp::{Generation, VekKind};
use adyton_tee_arm_cca::Curve;
use adyton_tee_arm_cca::forge::ForgedToken;

use crate::evidence::forged;
use crate::support::{Home, text};

/// A vector of `specs/tpm-evidence.md`.
const TPM: &str = include_str!("../../../../specs/vectors/tpm/good.txt");

/// A file that begins with that word.
fn field(name: &str) -> Vec<u8> {
    let line = TPM
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap();
    hex_decode(line.trim_start_matches(": ")).unwrap()
}

#[test]
fn an_enrolled_tpm_is_trusted_by_its_record() {
    let home = Home::new();
    home.write("evidence", field("evidence"));
    home.write("enrolment", field("enrolment"));
    let verify = "verify evidence --at 2027-01-15T08:00:00Z";
    home.adyton(verify)
        .fails(5, &["needs trust in the TPM's key: an enrolment"]);
    let said = home
        .adyton(&format!("{verify} --tpm-enrolled enrolment"))
        .done();
    for words in ["AUTHENTIC", "tpm: a machine with a TPM 2.0", "ak-endorsed"] {
        assert!(said.out.contains(words), "no `{words}` in {said:#?}");
    }
    let late = "verify evidence --at 2028-01-01T00:00:00Z --tpm-enrolled enrolment";
    home.adyton(late).fails(4, &["check: ak-endorsed"]);
    home.adyton(&format!("{verify} --tpm-enrolled evidence"))
        .fails(2, &["`evidence`"]);
}

/// What is known of the platform of a token.
fn platforms(token: &ForgedToken, until: &str) -> String {
    let (implementation, instance) = (ForgedToken::IMPLEMENTATION, ForgedToken::INSTANCE);
    let public = hex_encode(token.cpak.public().point());
    let signer = "09".repeat(32);
    let component = |kind: &str, byte: &str| {
        let measurement = byte.repeat(32);
        format!(
            "[[reference.component]]\nkind = \"{kind}\"\nmeasurement = \"{measurement}\"\nsigner = \"{signer}\"\n"
        )
    };
    format!(
        "version = 1\nnot-before = \"2020-01-01T00:00:00Z\"\nnot-after = \"{until}\"\n\
         [[key]]\nimplementation = \"{implementation}\"\ninstance = \"{instance}\"\npublic = \"{public}\"\n\
         [[reference]]\nimplementation = \"{implementation}\"\nconfig = \"cfcfcfcf\"\nrequired = [\"RMM\"]\n{}{}",
        component("AP_BL31", "05"),
        component("RMM", "06"),
    )
}

#[test]
fn a_cca_platform_is_trusted_by_what_is_known_of_it() {
    let home = Home::new();
    let token = ForgedToken::new(Curve::P384, Curve::P256);
    home.write("token", token.encode());
    let known = platforms(&token, "2040-01-01T00:00:00Z");
    home.write("known.toml", &known);
    home.adyton("verify token")
        .fails(5, &["the vendor's endorsement of the key of instance 0101"]);
    let said = home.adyton("verify token --cca known.toml").done();
    assert!(said.out.contains("cca: Arm CCA realm"), "{said:#?}");
    home.write("old.toml", platforms(&token, "2021-01-01T00:00:00Z"));
    home.adyton("verify token --cca old.toml")
        .fails(4, &["fetch it anew"]);
    home.write("other.toml", known.replace("cfcfcfcf", "cfcfcfce"));
    home.adyton("verify token --cca other.toml")
        .fails(3, &["check: "]);
    home.write("wrong.toml", known.replace("config =", "configs ="));
    home.adyton("verify token --cca wrong.toml").fails(
        2,
        &["`wrong.toml`: not a text about CCA platforms", "configs"],
    );
}

/// A home with forged Evidence that verifies, a key that signs lists, and a policy that names its
/// lists from an edition on.
fn listed(min_serial: u64) -> (Home, &'static str) {
    let home = forged();
    let amd = adyton_tee_amd_snp::forge::ForgedAmd::new(Generation::Genoa, VekKind::Vcek);
    home.write("amd/crl", amd.crl.sign(&KEYS.ark));
    let made = home
        .adyton("keygen --signing --out signer.key --json")
        .done()
        .json();
    let signer = text(&made, "fingerprint");
    home.write(
        "policy.toml",
        format!(
            "version = 1\nname = \"one\"\n[[platform]]\nkind = \"snp\"\ntcb = {{}}\n\
             reference-values = {{ name = \"images\", signer = \"{signer}\", min-serial = {min_serial} }}\n"
        ),
    );
    (
        home,
        "verify report --endorsements amd --danger-root amd/ark --policy policy.toml",
    )
}

fn draft(home: &Home, serial: u64, byte: &str, until: &str) {
    let measurement = byte.repeat(48);
    home.write(
        "images.toml",
        format!(
            "version = 1\nname = \"images\"\nserial = {serial}\nnot-before = \"2020-01-01T00:00:00Z\"\n\
             not-after = \"{until}\"\n[[value]]\nkind = \"snp\"\nmeasurement = \"{measurement}\"\nnote = \"image 1.4\"\n"
        ),
    );
}

#[test]
fn a_signed_list_says_which_measurements_are_acceptable() {
    let (home, verify) = listed(3);
    home.adyton(verify)
        .fails(3, &["reference-values: expected"]);
    draft(&home, 3, "3e", "2040-01-01T00:00:00Z");
    let sign = "reference sign images.toml --key signer.key --out amd/images.refs";
    let signed = home.adyton(sign).done();
    for words in ["list    `images`, edition 3", "3e3e3e", "image 1.4"] {
        assert!(signed.out.contains(words), "no `{words}` in {signed:#?}");
    }
    let shown = home
        .adyton("reference show amd/images.refs --json")
        .done()
        .json();
    assert_eq!(shown["values"].as_array().unwrap().len(), 1);
    let said = home.adyton(&format!("{verify} --explain")).done();
    for words in [
        "policy        accepts it",
        "amd/images.refs: 1 list of reference values",
    ] {
        assert!(said.out.contains(words), "no `{words}` in {said:#?}");
    }
    home.adyton(sign)
        .fails(70, &["is there already", "--force"]);

    // A newer edition without the measurement withdraws it, wherever the older one lies.
    draft(&home, 4, "3f", "2040-01-01T00:00:00Z");
    home.adyton("reference sign images.toml --key signer.key --out amd/images-4.refs")
        .done();
    home.adyton(verify).fails(3, &["measurement: expected"]);
    // And if it has run out, no older one stands in.
    draft(&home, 4, "3e", "2021-01-01T00:00:00Z");
    home.adyton("reference sign images.toml --key signer.key --out amd/images-4.refs --force")
        .done();
    home.adyton(verify)
        .fails(3, &["the newest ran out at 2021"]);
}

#[test]
fn lists_that_are_old_altered_or_foreign_do_not_count() {
    let (home, verify) = listed(3);
    let list = "amd/images.refs";
    let sign = format!("reference sign images.toml --force --out {list}");
    draft(&home, 2, "3e", "2040-01-01T00:00:00Z");
    home.adyton(&format!("{sign} --key signer.key")).done();
    home.adyton(verify).fails(3, &["the newest has serial 2"]);
    draft(&home, 3, "3e", "2040-01-01T00:00:00Z");
    home.adyton("keygen --signing --out other.key").done();
    home.adyton(&format!("{sign} --key other.key")).done();
    home.adyton(verify)
        .fails(3, &["reference-values: expected", "there is none"]);
    home.adyton(&format!("{sign} --key signer.key")).done();
    let mut altered = home.read(list);
    let last = altered.len() - 1;
    altered[last] ^= 1;
    home.write(list, altered);
    home.adyton(verify)
        .fails(3, &["amd/images.refs", "signature"]);
    home.write("images.toml", "serial = 1");
    home.adyton(&format!("{sign} --key signer.key")).fails(
        2,
        &[
            "`images.toml`: not a draft of reference values",
            "missing field",
        ],
    );
    home.adyton("reference show report")
        .fails(2, &["`report`: not a list of reference values"]);
}

/// A signed CoRIM of one SNP launch digest, and of a security version that a list cannot say; and the
/// public key of who signed it, in PEM.
fn corim() -> (Vec<u8>, String) {
    use adyton_codec::Value;
    use adyton_pki::forge::ForgeKey;
    use adyton_pki::{KeyKind, SignatureAlgorithm};
    let map = |entries: Vec<(u64, Value<'static>)>| {
        let entries = entries
            .into_iter()
            .map(|(key, value)| (Value::Uint(key), value));
        Value::Map(entries.collect())
    };
    let owned = |bytes: &[u8]| Value::Bytes(bytes.to_vec().into());
    let measured = |values| map(vec![(1, map(values))]);
    let digest = Value::Array(vec![Value::Uint(7), owned(&[0x3e; 48])]);
    let measurements = vec![
        measured(vec![(2, Value::Array(vec![digest]))]),
        measured(vec![(1, Value::Uint(3))]),
    ];
    let class = map(vec![(0, map(vec![(1, Value::text("ACME Inc."))]))]);
    let triple = Value::Array(vec![class, Value::Array(measurements)]);
    let comid = map(vec![
        (1, map(vec![(0, Value::text("a"))])),
        (4, map(vec![(0, Value::Array(vec![triple]))])),
    ]);
    let tag = Value::Tag(506, Box::new(owned(&comid.encode())));
    let payload = map(vec![
        (0, Value::text("images")),
        (1, Value::Array(vec![tag])),
    ])
    .encode();
    let protected = map(vec![(1, Value::Nint(6))]).encode();
    let key = ForgeKey::generate(KeyKind::P256);
    let to_be_signed = Value::Array(vec![
        Value::text("Signature1"),
        owned(&protected),
        owned(&[]),
        owned(&payload),
    ]);
    let signature = key.sign(
        SignatureAlgorithm::EcdsaP256Sha256Fixed,
        &to_be_signed.encode(),
    );
    let parts = vec![
        owned(&protected),
        map(vec![]),
        owned(&payload),
        owned(&signature),
    ];
    let sign1 = Value::Tag(18, Box::new(Value::Array(parts))).encode();
    let spki = adyton_codec::base64_encode(key.public().spki());
    (
        sign1,
        format!("-----BEGIN PUBLIC KEY-----\n{spki}\n-----END PUBLIC KEY-----\n"),
    )
}

#[test]
fn a_vendors_corim_becomes_a_list_and_what_is_left_out_is_told() {
    let (home, verify) = listed(3);
    let (bytes, pem) = corim();
    home.write("vendor.corim", &bytes);
    home.write("vendor.pem", pem);
    let import = "reference import vendor.corim --kind snp --name images --serial 3 --not-before 2020-01-01T00:00:00Z --not-after 2040-01-01T00:00:00Z";
    let said = home
        .adyton(&format!("{import} --signer vendor.pem --out images.toml"))
        .done();
    for words in [
        "taken: tag 0 / reference 0 / measurement 0: ACME Inc.",
        "left out: tag 0 / reference 0 / measurement 1: it has a security version",
    ] {
        assert!(said.err.contains(words), "no `{words}` in {said:#?}");
    }
    home.adyton("reference sign images.toml --key signer.key --out amd/images.refs")
        .done();
    home.adyton(verify).done();

    let json = home
        .adyton(&format!("{import} --signer vendor.pem --json"))
        .done()
        .json();
    assert_eq!(json["left-out"].as_array().unwrap().len(), 1);
    home.write("other.pem", corim().1);
    home.adyton(&format!("{import} --signer other.pem"))
        .fails(3, &["does not verify under the signer's key"]);
    home.adyton(import)
        .fails(64, &["--signer <FILE>|--danger-unverified"]);
    let danger = home.adyton(&format!("{import} --danger-unverified")).done();
    assert!(danger.err.contains("DANGER: nobody vouches"), "{danger:#?}");
    home.write("vendor.corim", &bytes[..bytes.len() - 1]);
    home.adyton(&format!("{import} --danger-unverified"))
        .fails(2, &["`vendor.corim`: not a CoRIM"]);
    home.write("vendor.corim", &bytes);
    home.adyton(
        &import
            .replace("--kind snp", "--kind sgx")
            .replace("import", "import --signer vendor.pem"),
    )
    .fails(3, &["no measurement of kind sgx", "left out: tag 0"]);
}
