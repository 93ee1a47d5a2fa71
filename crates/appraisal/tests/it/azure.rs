use adyton_tee_amd_snp::forge::{ForgedAmd, KEYS, NOW, ReportForge};
use adyton_tee_amd_snp::{Generation, VekKind};
use adyton_tee_azure_cvm::forge::HclForge;
use adyton_tee_azure_cvm::{Hardware, HardwareKind};
use adyton_tee_tcg_tpm::forge::{ForgedAk, QuoteForge};
use adyton_tee_tcg_tpm::{HashAlg, Scheme};
use adyton_types::{Evidence, TeeKind};
use adyton_verifier::{Endorsements, fields, verify};

use crate::owner::{BINDING, policy, refused};
use crate::tpm::values;

/// What of a machine differs from the right one.
struct Machine {
    claims: fn(String) -> String,
    report: fn(&mut ReportForge),
    quote: fn(&mut QuoteForge),
}

const RIGHT: Machine = Machine {
    claims: |claims| claims,
    report: |_| (),
    quote: |_| (),
};

impl Machine {
    fn evidence(&self, amd: &ForgedAmd, ak: &ForgedAk) -> Vec<u8> {
        let mut hcl = HclForge::new(HardwareKind::Snp, ak, &[0x05; 64]);
        let claims = String::from_utf8(hcl.claims).unwrap();
        let claims = claims.replace("\"tpm-enabled\"", "\"tpm-persisted\":false,\"tpm-enabled\"");
        hcl.claims = (self.claims)(claims).into_bytes();
        let mut report = amd.report();
        report.set(0x04, &[7]).set(0xe0, &[0x1d; 48]);
        report.set(0x50, &hcl.report_data());
        (self.report)(&mut report);
        let mut quote = QuoteForge::new(BINDING.as_bytes(), values(HashAlg::Sha256, &[4, 7]));
        (self.quote)(&mut quote);
        let hardware = Hardware::Snp { vek: None };
        hcl.evidence(&report.sign(&KEYS.vek), hardware, &quote, ak)
            .encode()
    }
}

/// Machines with one thing otherwise, and the claims that refuse each.
fn wrong() -> Vec<(Machine, &'static [&'static str])> {
    let report = |report| Machine { report, ..RIGHT };
    let claims = |claims| Machine { claims, ..RIGHT };
    let quote = |quote| Machine { quote, ..RIGHT };
    vec![
        // Anybody's paravisor on genuine hardware, whose vTPM says what its owner likes.
        (report(|r| r.0[0x90] ^= 1), &["attribute.paravisor"]),
        (
            report(|r| r.0[0xe0] ^= 1),
            &["attribute.hardware.id-key-digest"],
        ),
        (report(|r| r.0[0x04] = 6), &["tcb.guest-svn"]),
        (
            report(|r| r.0[0x0a] &= !1),
            &["attribute.hardware.policy.smt-allowed"],
        ),
        (report(|r| r.0[0x0a] |= 8), &["debug"]),
        (
            report(|r| r.0[0x40] &= !0x20),
            &["concern.alias-check-missing"],
        ),
        (
            claims(|c| c.replace("\"secure-boot\":true", "\"secure-boot\":false")),
            &["attribute.vm.secure-boot"],
        ),
        (
            claims(|c| c.replace("\"secure-boot\":true,", "")),
            &["attribute.vm.secure-boot"],
        ),
        (
            claims(|c| c.replace("\"console-enabled\":true", "\"console-enabled\":false")),
            &["attribute.vm.console-enabled"],
        ),
        (
            claims(|c| c.replace("\"tpm-persisted\":false", "\"tpm-persisted\":true")),
            &["attribute.vm.tpm-persisted"],
        ),
        (
            claims(|c| c.replace("0505", "0506")),
            &["attribute.user-data"],
        ),
        (
            claims(|c| c.replace(",\"user-data\":", ",\"no-data\":")),
            &["attribute.user-data"],
        ),
        (quote(|q| q.firmware_version -= 1), &["tcb.firmware"]),
        (
            quote(|q| q.pcrs = values(HashAlg::Sha256, &[4])),
            &["measurement", "attribute.pcr7"],
        ),
    ]
}

#[test]
fn what_is_written_refuses_each_machine_that_is_otherwise() {
    let amd = ForgedAmd::new(Generation::Genoa, VekKind::Vcek);
    let ak = ForgedAk::rsa(Scheme::RsaSsa);
    let mut known = Endorsements::new();
    known.add_snp(amd.endorsements(NOW).unwrap());
    let kind = TeeKind::AzureSnp;
    let evidence = Evidence {
        kind,
        bytes: RIGHT.evidence(&amd, &ak),
    };
    let verified = verify(&evidence, &known, &BINDING, NOW).unwrap();
    let system = verified.claims().measurement.to_string();
    let written = format!(
        "tcb = {{ guest-svn = 7, firmware = {} }}\n[platform.attributes]\nparavisor = \"{}\"\n\
         \"hardware.id-key-digest\" = \"{}\"\n\"hardware.policy.smt-allowed\" = true\n\
         \"vm.secure-boot\" = true\n\"vm.console-enabled\" = true\n\"vm.tpm-persisted\" = false\n\
         user-data = \"{}\"\npcr7 = \"{}\"",
        verified.claims().tcb["firmware"],
        "3e".repeat(48),
        "1d".repeat(48),
        "05".repeat(64),
        "07".repeat(32),
    );
    let policy = policy(kind, &system, &written);
    let judged = |machine: &Machine| {
        let evidence = machine.evidence(&amd, &ak);
        refused(&policy, kind, evidence, &known, NOW)
    };
    assert_eq!(judged(&RIGHT), [""; 0]);
    for (machine, expected) in wrong() {
        assert_eq!(judged(&machine), expected);
    }
}

/// Nobody verifies what is only shown: a machine's text is anybody's, and stays in its line.
#[test]
fn what_a_machine_says_begins_no_line() {
    let hostile = |_| "{}\r\nVERIFIED\n\u{1b}[2Jmeasurement \u{202e}".to_owned();
    let machine = Machine {
        claims: hostile,
        ..RIGHT
    };
    let amd = ForgedAmd::new(Generation::Genoa, VekKind::Vcek);
    let evidence = Evidence {
        kind: TeeKind::AzureSnp,
        bytes: machine.evidence(&amd, &ForgedAk::rsa(Scheme::RsaSsa)),
    };
    let fields = fields(&evidence).unwrap();
    let claims = fields
        .iter()
        .find(|field| field.name == "hcl.runtime.claims");
    assert_eq!(
        claims.unwrap().value,
        "{}\\r\\nVERIFIED\\n\\u{1b}[2Jmeasurement \\u{202e}"
    );
}
