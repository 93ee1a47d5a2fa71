use adyton_pki::forge::{CertificateForge, ExtensionForge, ForgeKey, sequence, tlv};
use adyton_pki::{KeyKind, TrustAnchor, oids};
use adyton_tee_tcg_tpm::forge::{ForgedAk, QuoteForge, enrolled};
use adyton_tee_tcg_tpm::{HashAlg, PcrValues, TpmEndorsements, TpmPublic};
use adyton_types::{TeeKind, UnixTime};
use adyton_verifier::{Endorsements, verify};

use crate::owner::{BINDING, policy, refused};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

pub(crate) fn values(bank: HashAlg, indices: &[u8]) -> PcrValues {
    let value = |index: &u8| (*index, vec![*index; bank.digest_len()]);
    PcrValues::new(bank, indices.iter().map(value)).unwrap()
}

fn quote() -> QuoteForge {
    QuoteForge::new(
        &BINDING.as_bytes()[..32],
        values(HashAlg::Sha256, &[0, 4, 7]),
    )
}

fn known(trusted: TpmEndorsements) -> Endorsements {
    let mut all = Endorsements::new();
    all.set_tpm(trusted);
    all
}

/// A machine of an owner who has enrolled its key.
struct Machine {
    ak: ForgedAk,
    known: Endorsements,
    measurement: String,
}

impl Machine {
    fn new() -> Self {
        let ak = ForgedAk::ecc();
        let public = TpmPublic::parse(&ak.public()).unwrap();
        let trusted = TpmEndorsements::new(Vec::new());
        let known = known(trusted.with_enrolled(enrolled(&public, NOW)));
        let evidence = adyton_types::Evidence {
            kind: TeeKind::Tpm,
            bytes: quote().evidence(&ak).encode(),
        };
        let verified = verify(&evidence, &known, &BINDING, NOW).unwrap();
        let measurement = verified.claims().measurement.to_string();
        Self {
            ak,
            known,
            measurement,
        }
    }

    fn judged(&self, written: &str, quote: &QuoteForge) -> Vec<String> {
        let policy = policy(TeeKind::Tpm, &self.measurement, written);
        let evidence = quote.evidence(&self.ak).encode();
        refused(&policy, TeeKind::Tpm, evidence, &self.known, NOW)
    }
}

#[test]
fn what_is_written_refuses_each_quote_that_is_otherwise() {
    let machine = Machine::new();
    let right = quote();
    let floor = format!("tcb = {{ firmware = {} }}", right.firmware_version);
    for (written, claim, wrong) in [
        (
            "",
            "measurement",
            (|q| q.pcrs = values(HashAlg::Sha256, &[0, 4])) as fn(&mut QuoteForge),
        ),
        // The values of others, which the guest can reset.
        ("", "measurement", |q| {
            let reset = [(0, vec![0; 32]), (16, vec![4; 32]), (23, vec![7; 32])];
            q.pcrs = PcrValues::new(HashAlg::Sha256, reset).unwrap();
        }),
        (&floor, "tcb.firmware", |q| q.firmware_version -= 1),
        (
            "attributes = { reset-count = 3 }",
            "attribute.reset-count",
            |q| q.reset_count += 1,
        ),
        (
            "attributes = { restart-count = 0 }",
            "attribute.restart-count",
            |q| q.restart_count = 9,
        ),
    ] {
        let written = written.replace(
            "restart-count = 0",
            &format!("restart-count = {}", right.restart_count),
        );
        let written = written.replace(
            "reset-count = 3",
            &format!("reset-count = {}", right.reset_count),
        );
        assert_eq!(machine.judged(&written, &right), [""; 0], "{written}");
        let mut other = quote();
        wrong(&mut other);
        assert_eq!(machine.judged(&written, &other), [claim], "{written}");
    }
    // A register that was not quoted is none that a policy may believe.
    let pcr = |index: u8| {
        format!(
            "attributes = {{ pcr{index} = \"{}\" }}",
            format!("{index:02x}").repeat(32)
        )
    };
    assert_eq!(machine.judged(&pcr(7), &right), [""; 0]);
    assert_eq!(machine.judged(&pcr(9), &right), ["attribute.pcr9"]);
    // Another bank with the same registers.
    let mut other = quote();
    other.pcrs = values(HashAlg::Sha384, &[0, 4, 7]);
    let failed = machine.judged("attributes = { bank = \"sha256\" }", &other);
    assert_eq!(failed, ["measurement", "attribute.bank"]);
}

#[test]
fn a_key_certified_as_another_kind_has_to_be_accepted_by_name() {
    let machine = Machine::new();
    let root = ForgeKey::generate(KeyKind::P256);
    let anchor = CertificateForge::ca("root", "root", &root, None).certificate(&root);
    let public = TpmPublic::parse(&machine.ak.public()).unwrap();
    let judged = |purpose: u8, written: &str| {
        let mut leaf = CertificateForge::end_entity("tpm", "root", &root);
        leaf.spki = public.key().spki().to_vec();
        let purpose = sequence(&[&tlv(0x06, &[0x67, 0x81, 0x05, 0x08, purpose])]);
        let purpose = ExtensionForge::new(oids::EXT_KEY_USAGE, false, &purpose);
        let mut evidence = quote().evidence(&machine.ak);
        evidence.chain = vec![leaf.with(purpose).sign(&root)];
        let trusted = TpmEndorsements::new(vec![TrustAnchor::from_certificate(&anchor)]);
        let policy = policy(TeeKind::Tpm, &machine.measurement, written);
        refused(
            &policy,
            TeeKind::Tpm,
            evidence.encode(),
            &known(trusted),
            NOW,
        )
    };
    assert_eq!(judged(3, ""), [""; 0]);
    assert_eq!(judged(1, ""), ["concern.ak-certified-as-ek"]);
    assert_eq!(judged(1, "concerns = [\"ak-certified-as-ek\"]"), [""; 0]);
}
