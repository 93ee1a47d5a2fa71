mod intel;

use adyton_pki::KeyKind;
use adyton_pki::forge::{CertificateForge, CrlForge, ForgeKey};
use adyton_tee_amd_snp::forge::{CHIP_ID, ForgedAmd, KEYS, NOW};
use adyton_tee_amd_snp::{Generation, VekKind};
use adyton_types::{ErrorClass, Evidence, ReportData, TeeKind};

use super::*;
use crate::{Claims, EndorsementNeeded, VerifyError, authenticate, needs, verify};

fn amd() -> ForgedAmd {
    ForgedAmd::new(Generation::Genoa, VekKind::Vcek)
}

fn trust(amd: &ForgedAmd) -> Trust {
    Trust {
        amd: amd.roots(),
        ..Trust::vendors()
    }
}

fn evidence(amd: &ForgedAmd) -> Evidence {
    Evidence {
        kind: TeeKind::Snp,
        bytes: amd.report().sign(&KEYS.vek),
    }
}

/// The files of a directory: root, authority, chip, list.
fn files(amd: &ForgedAmd) -> [Vec<u8>; 4] {
    [
        amd.ark.sign(&KEYS.ark),
        amd.ca.sign(&KEYS.ark),
        amd.vek.sign(&KEYS.ca),
        amd.crl.sign(&KEYS.ark),
    ]
}

fn endorsed(amd: &ForgedAmd, files: &[Vec<u8>]) -> Result<Claims, VerifyError> {
    let mut material = Material::new();
    for file in files {
        material.add(file).unwrap();
    }
    let endorsements = material.endorse(&trust(amd), NOW);
    let authentic = authenticate(&evidence(amd), &endorsements, NOW)?;
    Ok(authentic.claims().clone())
}

#[test]
fn a_directory_of_amd_endorses_its_chip() {
    let amd = amd();
    let claims = endorsed(&amd, &files(&amd)).unwrap();
    assert_eq!(claims.platform_id.as_bytes(), CHIP_ID);
    assert_eq!(claims.generation, "Genoa");
    assert_eq!(claims.measurement.as_bytes(), [0x3e; 48]);
    assert_eq!(claims.tcb.get("microcode"), Some(&219));
    assert_eq!(claims.tcb.get("guest-svn"), Some(&0));
    assert_eq!(claims.tcb.get("current.firmware"), Some(&79_645));
    assert_eq!(claims.tcb.get("mitigation.0"), None);
    assert!(claims.concerns.is_empty(), "{:?}", claims.concerns);
}

#[test]
fn mitigations_that_are_in_effect_are_components_of_the_tcb() {
    let amd = amd();
    let mut material = Material::new();
    for file in files(&amd) {
        material.add(&file).unwrap();
    }
    let mut report = amd.report();
    report.set(0x1f8, &[0b011]).set(0x200, &[0b110]);
    let evidence = Evidence {
        kind: TeeKind::Snp,
        bytes: report.sign(&KEYS.vek),
    };
    let endorsements = material.endorse(&trust(&amd), NOW);
    let authentic = authenticate(&evidence, &endorsements, NOW).unwrap();
    let tcb = &authentic.claims().tcb;
    // Not the one that is gone, nor the one that came after the guest had started.
    let stated = [0, 1, 2].map(|bit| tcb.get(&format!("mitigation.{bit}")).copied());
    assert_eq!(stated, [None, Some(1), None]);
}

#[test]
fn the_order_and_form_of_the_files_do_not_matter() {
    let amd = amd();
    let mut all = files(&amd).to_vec();
    all.reverse();
    let pem: String = all
        .iter()
        .map(|der| {
            let base64 = adyton_codec::base64_encode(der);
            format!("-----BEGIN X-----\n{base64}\n-----END X-----\n")
        })
        .collect();
    let hex = adyton_codec::hex_encode(&all[0]);
    assert!(endorsed(&amd, &all).is_ok());
    assert!(endorsed(&amd, &[pem.into_bytes()]).is_ok());
    assert!(
        endorsed(
            &amd,
            &[
                hex.into_bytes(),
                all[1].clone(),
                all[2].clone(),
                all[3].clone()
            ]
        )
        .is_ok()
    );
}

#[test]
fn a_missing_revocation_list_is_said_to_be_missing() {
    let amd = amd();
    let error = endorsed(&amd, &files(&amd)[..3]).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Unavailable);
    let VerifyError::Missing { needed, .. } = error else {
        panic!("{error:?}");
    };
    assert!(matches!(needed[..], [EndorsementNeeded::AmdCrl { .. }]));
    assert_eq!(
        needed[0].url(),
        Some("https://kdsintf.amd.com/vcek/v1/Genoa/crl")
    );
}

#[test]
fn an_expired_revocation_list_is_said_to_have_expired() {
    let mut amd = amd();
    let root = "ARK-Genoa";
    amd.crl = CrlForge::new(root);
    let mut crl = amd.crl.clone();
    crl.next_update = Some(NOW.plus_secs(0));
    crl.this_update = adyton_types::UnixTime::from_secs(1);
    amd.crl = crl;
    let mut material = Material::new();
    for file in files(&amd) {
        material.add(&file).unwrap();
    }
    let later = NOW.plus_secs(1);
    let endorsements = material.endorse(&trust(&amd), later);
    let error = authenticate(&evidence(&amd), &endorsements, later).unwrap_err();
    assert_eq!(
        (error.class(), error.check()),
        (ErrorClass::Stale, "crl-dates")
    );
}

/// Root, authority and list under AMD's names and a stranger's key, made later than the genuine ones.
#[test]
fn a_bad_newer_part_keeps_no_good_one_out() {
    let amd = amd();
    let key = ForgeKey::generate(KeyKind::P256);
    let mut rivals = Vec::new();
    for name in ["ARK-Genoa", "SEV-Genoa"] {
        let mut certificate = CertificateForge::ca(name, name, &key, None);
        certificate.not_before = NOW;
        rivals.push(certificate.sign(&key));
    }
    let mut list = CrlForge::new("ARK-Genoa");
    list.this_update = NOW;
    list.next_update = Some(NOW.plus_secs(1 << 30));
    rivals.push(list.sign(&key));
    let genuine = files(&amd);
    let mut all = [genuine.as_slice(), &rivals].concat();
    assert!(endorsed(&amd, &all).is_ok());
    all.reverse();
    assert!(endorsed(&amd, &all).is_ok());
    // Where there is no good list beside it, the bad one is what is told of.
    let error = endorsed(&amd, &[&genuine[..3], &rivals].concat()).unwrap_err();
    let told = (error.class(), error.check());
    assert_eq!(told, (ErrorClass::Rejected, "crl-signature"));
}

#[test]
fn the_certificate_of_another_chip_is_none() {
    let amd = amd();
    let mut other = amd.clone();
    let id = adyton_tee_amd_snp::forge::extension("4", &[7; 64]);
    let last = other.vek.extensions.len() - 1;
    other.vek.extensions[last] = id;
    let error = endorsed(&amd, &files(&other)).unwrap_err();
    assert!(matches!(error, VerifyError::Missing { .. }), "{error:?}");
    let needed = needs(&evidence(&amd)).unwrap();
    let url = needed[0].url().unwrap();
    assert!(
        url.ends_with("?blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219"),
        "{url}"
    );
    assert!(url.contains(&"c1".repeat(64)), "{url}");
}

/// A host's certificate table: GUIDs as printed, and what they stand for.
fn table(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut head, mut parts) = (Vec::new(), Vec::new());
    let start = 24 * (entries.len() + 1);
    for (guid, part) in entries {
        head.extend(adyton_codec::hex_decode(guid).unwrap());
        head.extend(u32::try_from(start + parts.len()).unwrap().to_le_bytes());
        head.extend(u32::try_from(part.len()).unwrap().to_le_bytes());
        parts.extend_from_slice(part);
    }
    head.extend([0; 24]);
    head.extend(parts);
    head
}

const VCEK: &str = "63da758de6644564adc5f4b93be8accd";
const VLEK: &str = "a8074bc2a25a483eaae639c045a0b8a1";

/// A cloud's host has its chips' certificates, too.
#[test]
fn of_two_certificates_that_of_the_key_that_signed_is_taken() {
    let cloud = ForgedAmd::new(Generation::Genoa, VekKind::Vlek);
    let mut material = Material::new();
    let [ark, ca, vlek, crl] = files(&cloud);
    for file in [&ark, &ca, &crl] {
        material.add(file).unwrap();
    }
    let endorsements = material.endorse(&trust(&cloud), NOW);
    let [_, _, vcek, _] = files(&amd());
    for entries in [
        [(VCEK, &vcek[..]), (VLEK, &vlek)],
        [(VLEK, &vlek), (VCEK, &vcek)],
    ] {
        let mut extended = evidence(&cloud);
        extended.bytes.extend(table(&entries));
        let authentic = authenticate(&extended, &endorsements, NOW).unwrap();
        assert!(authentic.claims().concerns.contains("cloud-key"));
    }
    let mut without = evidence(&cloud);
    without.bytes.extend(table(&[(VCEK, &vcek)]));
    assert!(authenticate(&without, &endorsements, NOW).is_err());
}

#[test]
fn a_certificate_in_an_extended_report_is_found() {
    let amd = amd();
    let [ark, ca, vek, crl] = files(&amd);
    let mut material = Material::new();
    for file in [ark, ca, crl] {
        material.add(&file).unwrap();
    }
    let endorsements = material.endorse(&trust(&amd), NOW);
    let mut extended = evidence(&amd);
    assert!(authenticate(&extended, &endorsements, NOW).is_err());
    extended.bytes.extend(table(&[(VCEK, &vek)]));
    let expected = ReportData::new([0xda; 64]);
    let verified = verify(&extended, &endorsements, &expected, NOW).unwrap();
    let last = verified.checks().last().unwrap();
    assert_eq!(last.name, "report-data");
    let foreign = ReportData::new([0xdb; 64]);
    let error = verify(&extended, &endorsements, &foreign, NOW).err();
    assert!(matches!(error, Some(VerifyError::ReportData { .. })));
}

#[test]
fn what_is_no_endorsement_is_refused() {
    let mut material = Material::new();
    for bytes in [
        &b""[..],
        b"hello",
        b"{}",
        b"{\"tcbInfo\": 1}",
        &[0x30, 0x03, 1, 2, 3],
    ] {
        assert_eq!(material.add(bytes).err(), Some(MaterialError::Unknown));
    }
    let long = vec![b' '; MAX_FILE_BYTES + 1];
    assert_eq!(
        material.add(&long).err(),
        Some(MaterialError::TooLong {
            found: MAX_FILE_BYTES + 1
        })
    );
}

/// A list of AMD's, a day newer than the one at hand, in which the authority stands.
fn revoking(amd: &ForgedAmd) -> Vec<u8> {
    let mut list = amd.crl.clone().revoke(&[1, 0, 1]);
    list.this_update = amd.crl.this_update.plus_secs(86_400);
    list.sign(&KEYS.ark)
}

#[test]
fn what_a_list_revokes_an_older_list_does_not_bring_back() {
    let amd = amd();
    let mut all = files(&amd).to_vec();
    all.push(revoking(&amd));
    for _ in 0..2 {
        let error = endorsed(&amd, &all).unwrap_err();
        let told = (error.class(), error.check());
        assert_eq!(told, (ErrorClass::Rejected, "ca-not-revoked"), "{error}");
        all.reverse();
    }
}

/// A host that hands in an old list, in date still, could choose what it is judged by.
#[test]
fn evidence_brings_certificates_and_no_revocation_list() {
    let amd = amd();
    let [ark, ca, vek, crl] = files(&amd);
    let parts = [
        (0xc0b4_06a4_a803_4952_9743_3fb6_014c_d0ae_u128, ark),
        (0x4ab7_b379_bbac_4fe4_a02f_05ae_f327_c782, ca),
        (0x63da_758d_e664_4564_adc5_f4b9_3be8_accd, vek),
        (0x92f8_1bc3_5811_4d3d_97ff_d19f_88dc_67ea, crl.clone()),
    ];
    let (mut entries, mut bodies) = (Vec::new(), Vec::new());
    for (guid, part) in &parts {
        let at = 24 * (parts.len() + 1) + bodies.len();
        entries.extend(guid.to_be_bytes());
        for number in [at, part.len()] {
            entries.extend(u32::try_from(number).unwrap().to_le_bytes());
        }
        bodies.extend(part);
    }
    let mut extended = evidence(&amd);
    extended
        .bytes
        .extend([entries, vec![0; 24], bodies].concat());
    let mut material = Material::new();
    material.add_carried(&extended);
    let judged = |material: &Material| {
        let endorsements = material.endorse(&trust(&amd), NOW);
        authenticate(&extended, &endorsements, NOW).map(drop)
    };
    let error = judged(&material).unwrap_err();
    assert!(matches!(error, VerifyError::Missing { .. }), "{error:?}");
    assert_eq!(material.add_beside(&crl), Err(MaterialError::Unknown));
    material.add(&crl).unwrap();
    assert_eq!(judged(&material), Ok(()));
}

/// Rivals cost as much as the square of their number.
#[test]
fn of_certificates_beside_evidence_some_are_enough() {
    let key = ForgeKey::generate(KeyKind::P256);
    let certificate = |serial| {
        let ca = CertificateForge::ca("SEV-Genoa", "ARK-Genoa", &key, None);
        ca.serial(&[serial]).sign(&key)
    };
    let chain = (1..=100).map(|serial| {
        let base64 = adyton_codec::base64_encode(&certificate(serial));
        format!("-----BEGIN X-----\n{base64}\n-----END X-----\n")
    });
    let mut material = Material::new();
    material
        .add_beside(chain.collect::<String>().as_bytes())
        .unwrap();
    assert_eq!(material.0.certificates.len(), MAX_BESIDE);
}
