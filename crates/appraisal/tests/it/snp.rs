use adyton_tee_amd_snp::forge::{ForgedAmd, KEYS, NOW, ReportForge, extension};
use adyton_tee_amd_snp::{CaChain, Generation, SigningCa, SnpEndorsements, VekKind};
use adyton_types::TeeKind;
use adyton_verifier::Endorsements;

use crate::owner::{policy, refused};

/// Bits of the launch policy: SINGLE_SOCKET, AES-256-XTS, no RAPL, hidden ciphertext, no page swaps.
const STRICT: u32 = 1 << 17 | 1 << 20 | 0b1111 << 22;

/// A report in which everything is said that an owner can ask for.
fn right(amd: &ForgedAmd) -> ReportForge {
    let mut report = amd.report();
    report
        .set(0x04, &[7])
        .set(0x08, &[31, 1])
        .set(0x0a, &STRICT.to_le_bytes()[2..])
        .set(0x10, &[0xfa; 16])
        .set(0x20, &[0x1a; 16])
        .set(0x40, &[0x3c])
        .set(0xc0, &[0x40; 32])
        .set(0xe0, &[0x1d; 48])
        .set(0x110, &[0xa0; 48])
        .set(0x1f8, &[0b1011])
        .set(0x200, &[0b1011]);
    report.0[0x48] |= 1;
    report
}

fn endorsed(endorsements: SnpEndorsements) -> Endorsements {
    let mut all = Endorsements::new();
    all.add_snp(endorsements);
    all
}

type Wrong = fn(&mut ReportForge);

/// What an owner writes, and each report that it refuses by that claim alone. The report that is
/// right is accepted by all of it.
const WRITTEN: &[(&str, &[(&str, Wrong)])] = &[
    // What nobody has to write.
    (
        "",
        &[
            ("debug", |r| r.0[0x0a] |= 1 << 3),
            ("concern.migration-agent", |r| r.0[0x0a] |= 1 << 2),
            ("concern.unknown-policy-bits", |r| r.0[0x0f] |= 1),
            ("concern.alias-check-missing", |r| r.0[0x40] &= !(1 << 5)),
            ("concern.chip-id-masked", |r| _ = r.set(0x1a0, &[0; 64])),
            ("concern.provisional-firmware", |r| r.0[0x1e6] -= 1),
            ("concern.provisional-firmware", |r| r.0[0x1ec] -= 1),
            ("vmpl", |r| r.0[0x30] = 1),
            ("vmpl", |r| _ = r.set(0x30, &[0xff; 4])),
            ("measurement", |r| r.0[0xbf] ^= 1),
        ],
    ),
    (
        "vmpl = [1, 2]",
        &[("vmpl", |r| r.0[0x30] = 3), ("vmpl", |r| r.0[0x30] = 0)],
    ),
    (
        "tcb = { report-version = 5 }",
        &[
            ("tcb.report-version", |r| _ = r.version(4)),
            ("tcb.report-version", |r| _ = r.version(2)),
        ],
    ),
    (
        "tcb = { guest-svn = 7 }",
        &[("tcb.guest-svn", |r| r.0[0x04] = 6)],
    ),
    (
        "tcb = { \"launch.bootloader\" = 4, \"launch.snp\" = 24, \"launch.microcode\" = 219 }",
        &[
            ("tcb.launch.bootloader", |r| r.0[0x1f0] = 3),
            // Greater as one number, and yet not in each component.
            ("tcb.launch.snp", |r| _ = r.set(0x1f6, &[23, 255])),
            ("tcb.launch.microcode", |r| r.0[0x1f7] = 218),
        ],
    ),
    (
        "tcb = { \"committed.snp\" = 24 }\nconcerns = [\"provisional-firmware\"]",
        &[("tcb.committed.snp", |r| r.0[0x1e6] = 23)],
    ),
    (
        "tcb = { \"committed.firmware\" = 79645 }\nconcerns = [\"provisional-firmware\"]",
        &[("tcb.committed.firmware", |r| r.0[0x1ec] = 28)],
    ),
    (
        "tcb = { \"current.firmware\" = 79645 }",
        &[
            ("tcb.current.firmware", |r| {
                _ = r.set(0x1e8, &[28]).set(0x1ec, &[28])
            }),
            ("tcb.current.firmware", |r| {
                _ = r.set(0x1e8, &[99, 54]).set(0x1ec, &[99, 54])
            }),
        ],
    ),
    (
        "tcb = { \"mitigation.0\" = 1, \"mitigation.3\" = 1 }",
        &[
            ("tcb.mitigation.3", |r| r.0[0x1f8] = 0b0011),
            ("tcb.mitigation.3", |r| r.0[0x200] = 0b0011),
            ("tcb.mitigation.0", |r| r.0[0x200] = 0b1010),
        ],
    ),
    (
        "[platform.attributes]\n\"policy.smt-allowed\" = false\n\"policy.single-socket\" = true\n\
         \"policy.cxl-allowed\" = false\n\"policy.aes-256-xts\" = true\n\"policy.rapl-disabled\" = true\n\
         \"policy.ciphertext-hiding\" = true\n\"policy.page-swap-disabled\" = true\n\"policy.min-abi\" = 287",
        &[
            ("attribute.policy.smt-allowed", |r| r.0[0x0a] |= 1),
            ("attribute.policy.single-socket", |r| r.0[0x0a] &= !(1 << 4)),
            ("attribute.policy.cxl-allowed", |r| r.0[0x0a] |= 1 << 5),
            ("attribute.policy.aes-256-xts", |r| r.0[0x0a] &= !(1 << 6)),
            ("attribute.policy.rapl-disabled", |r| r.0[0x0a] &= !(1 << 7)),
            ("attribute.policy.ciphertext-hiding", |r| r.0[0x0b] &= !1),
            ("attribute.policy.page-swap-disabled", |r| r.0[0x0b] &= !2),
            ("attribute.policy.min-abi", |r| r.0[0x08] = 30),
        ],
    ),
    (
        "[platform.attributes]\n\"platform.smt\" = false\n\"platform.ecc\" = true\n\"platform.rapl-disabled\" = true\n\
         \"platform.ciphertext-hiding\" = true\n\"platform.tsme\" = false\n\"platform.sev-tio\" = false\n\
         \"platform.unknown-bits\" = 0\nmask-chip-key = false",
        &[
            ("attribute.platform.smt", |r| r.0[0x40] |= 1),
            ("attribute.platform.tsme", |r| r.0[0x40] |= 2),
            ("attribute.platform.ecc", |r| r.0[0x40] &= !4),
            ("attribute.platform.rapl-disabled", |r| r.0[0x40] &= !8),
            ("attribute.platform.ciphertext-hiding", |r| r.0[0x40] &= !16),
            ("attribute.platform.sev-tio", |r| r.0[0x40] |= 1 << 7),
            ("attribute.platform.unknown-bits", |r| r.0[0x40] |= 1 << 6),
            ("attribute.mask-chip-key", |r| r.0[0x48] |= 2),
        ],
    ),
];

#[test]
fn what_is_written_refuses_each_report_that_is_otherwise() {
    let amd = ForgedAmd::new(Generation::Genoa, VekKind::Vcek);
    let known = endorsed(amd.endorsements(NOW).unwrap());
    let judged = |written: &str, report: &ReportForge| {
        let policy = policy(TeeKind::Snp, &"3e".repeat(48), written);
        refused(&policy, TeeKind::Snp, report.sign(&KEYS.vek), &known, NOW)
    };
    for (written, reports) in WRITTEN {
        let mut report = right(&amd);
        if written.starts_with("vmpl") {
            report.0[0x30] = 1;
        }
        assert_eq!(judged(written, &report), [""; 0], "{written}");
        for (claim, wrong) in *reports {
            let mut report = right(&amd);
            wrong(&mut report);
            assert_eq!(judged(written, &report), [*claim], "{written}");
        }
    }
}

/// Ids, digests and machines: the value that is written is the right one, by its place in the report.
#[test]
fn ids_and_digests_are_those_that_are_written() {
    let amd = ForgedAmd::new(Generation::Genoa, VekKind::Vcek);
    let known = endorsed(amd.endorsements(NOW).unwrap());
    let report = right(&amd);
    let judged = |written: &str, report: &ReportForge| {
        let policy = policy(TeeKind::Snp, &"3e".repeat(48), written);
        refused(&policy, TeeKind::Snp, report.sign(&KEYS.vek), &known, NOW)
    };
    for (name, byte, len, at) in [
        ("family-id", "fa", 16, 0x10),
        ("image-id", "1a", 16, 0x20),
        ("host-data", "40", 32, 0xc0),
        ("id-key-digest", "1d", 48, 0xe0),
        ("author-key-digest", "a0", 48, 0x110),
        ("report-id", "1d", 32, 0x140),
    ] {
        let written = format!("attributes = {{ {name} = \"{}\" }}", byte.repeat(len));
        assert_eq!(judged(&written, &report), [""; 0], "{name}");
        let mut other = report.clone();
        other.0[at + len - 1] ^= 1;
        assert_eq!(judged(&written, &other), [format!("attribute.{name}")]);
    }
    // Without an ID block there are no such keys, however the bytes read.
    for (name, alter) in [
        ("id-key-digest", (|r| _ = r.set(0xe0, &[0; 48])) as Wrong),
        ("author-key-digest", |r| r.0[0x48] &= !1),
    ] {
        let digest = if name.starts_with("id") { "00" } else { "a0" };
        let written = format!("attributes = {{ {name} = \"{}\" }}", digest.repeat(48));
        let mut without = report.clone();
        alter(&mut without);
        assert_eq!(judged(&written, &without), [format!("attribute.{name}")]);
    }
    // The one migration agent that is named.
    let agent = format!(
        "concerns = [\"migration-agent\"]\nattributes = {{ report-id-ma = \"{}\" }}",
        "3a".repeat(32)
    );
    let mut moved = report.clone();
    moved.set(0x160, &[0x3a; 32]).0[0x0a] |= 1 << 2;
    assert_eq!(judged(&agent, &moved), [""; 0]);
    for id in [[0x3b; 32], [0xff; 32]] {
        moved.set(0x160, &id);
        assert_eq!(judged(&agent, &moved), ["attribute.report-id-ma"]);
    }
    let (chip, other) = ("c1".repeat(64), "c2".repeat(64));
    for (written, claims) in [
        (format!("platform-ids = [\"{chip}\"]"), &[][..]),
        (format!("platform-ids = [\"{other}\"]"), &["platform-id"]),
        (format!("deny-platform-ids = [\"{other}\"]"), &[]),
        (
            format!("deny-platform-ids = [\"{chip}\"]"),
            &["platform-id"],
        ),
        ("generations = [\"Turin\"]".to_owned(), &["generation"]),
        ("deny-generations = [\"Genoa\"]".to_owned(), &["generation"]),
        ("deny-generations = [\"Milan\"]".to_owned(), &[]),
    ] {
        assert_eq!(judged(&written, &report), claims, "{written}");
    }
}

/// The level that the key was derived for stands in report and certificate, in Turin's layout here.
#[test]
fn the_reported_tcb_has_a_floor_for_each_component() {
    let written = "tcb = { fmc = 1, bootloader = 4, snp = 24, microcode = 219 }";
    for (oid, at, level, claim) in [
        ("3.9", 0x180, 0, "tcb.fmc"),
        ("3.1", 0x181, 3, "tcb.bootloader"),
        ("3.3", 0x183, 23, "tcb.snp"),
        ("3.8", 0x187, 127, "tcb.microcode"),
    ] {
        let mut amd = ForgedAmd::new(Generation::Turin, VekKind::Vcek);
        let mut report = right(&amd);
        let policy = policy(TeeKind::Snp, &"3e".repeat(48), written);
        let judged = |amd: &ForgedAmd, report: &ReportForge| {
            let known = endorsed(amd.endorsements(NOW).unwrap());
            refused(&policy, TeeKind::Snp, report.sign(&KEYS.vek), &known, NOW)
        };
        assert_eq!(judged(&amd, &report), [""; 0]);
        let lower = extension(oid, &[2, 1, level]);
        let mut all = amd.vek.extensions.iter_mut();
        all.find(|found| found.oid == lower.oid).unwrap().value = lower.value;
        report.0[at] = level;
        assert_eq!(judged(&amd, &report), [claim]);
    }
}

#[test]
fn a_clouds_key_is_accepted_by_the_clouds_name() {
    let amd = ForgedAmd::new(Generation::Genoa, VekKind::Vlek);
    let known = endorsed(amd.endorsements(NOW).unwrap());
    let judged = |written: &str| {
        let policy = policy(TeeKind::Snp, &"3e".repeat(48), written);
        let report = right(&amd).sign(&KEYS.vek);
        refused(&policy, TeeKind::Snp, report, &known, NOW)
    };
    let chip = format!("platform-ids = [\"{}\"]", "c1".repeat(64));
    assert_eq!(judged(""), ["concern.cloud-key"]);
    assert_eq!(judged(&chip), ["concern.cloud-key"]);
    assert_eq!(
        judged("attributes = { csp-id = \"CN=cc-test.example\" }"),
        [""; 0]
    );
    assert_eq!(
        judged("attributes = { csp-id = \"CN=other.example\" }"),
        ["attribute.csp-id"]
    );
    assert_eq!(judged("concerns = [\"cloud-key\"]"), [""; 0]);
}

#[test]
fn a_chain_that_nobody_looked_up_is_refused() {
    let amd = ForgedAmd::new(Generation::Genoa, VekKind::Vcek);
    let (ark, ca) = (amd.ark.sign(&KEYS.ark), amd.ca.sign(&KEYS.ark));
    let chain = CaChain { ark: &ark, ca: &ca };
    let ca = SigningCa::danger_without_revocation_list(&amd.roots(), &chain, NOW).unwrap();
    let known = SnpEndorsements::verify(&ca, &amd.vek.sign(&KEYS.ca), NOW).unwrap();
    let known = endorsed(known);
    let report = || right(&amd).sign(&KEYS.vek);
    let silent = policy(TeeKind::Snp, &"3e".repeat(48), "");
    let failed = refused(&silent, TeeKind::Snp, report(), &known, NOW);
    assert_eq!(failed, ["concern.no-revocation-list"]);
    let named = "concerns = [\"no-revocation-list\"]";
    let named = policy(TeeKind::Snp, &"3e".repeat(48), named);
    let failed = refused(&named, TeeKind::Snp, report(), &known, NOW);
    assert_eq!(failed, [""; 0]);
}
