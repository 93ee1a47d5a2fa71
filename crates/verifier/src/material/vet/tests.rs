use adyton_pki::KeyKind;
use adyton_pki::forge::{AnswerForge, ForgeKey, OcspForge};
use adyton_tee_amd_snp::forge::{ForgedAmd, KEYS, NOW};
use adyton_tee_amd_snp::{Generation, VekKind};
use adyton_tee_nvidia_gpu::forge::{ForgedReport, ForgedWorld};
use adyton_types::{ErrorClass, Evidence, TeeKind};

use super::*;

fn material(files: &[&[u8]]) -> Material {
    let mut material = Material::new();
    for file in files {
        material.add(file).unwrap();
    }
    material
}

/// Chain, revocation list and certificate of a forged AMD, each vetted with what precedes it.
#[test]
fn each_part_of_amd_is_vetted_by_itself() {
    let amd = ForgedAmd::new(Generation::Genoa, VekKind::Vcek);
    let evidence = Evidence {
        kind: TeeKind::Snp,
        bytes: amd.report().sign(&KEYS.vek),
    };
    let trust = Trust {
        amd: amd.roots(),
        ..Trust::vendors()
    };
    let needed = crate::needs(&evidence).unwrap();
    let [vcek, chain, crl] = needed.as_slice() else {
        panic!("{needed:?}");
    };
    let (ark, ca) = (amd.ark.sign(&KEYS.ark), amd.ca.sign(&KEYS.ark));
    let above = material(&[&ark, &ca]);
    let none = Material::new();
    let vet = |needed, answer: &Material, known| vet(needed, answer, known, &trust, NOW);
    assert!(vet(chain, &above, &none).is_ok());
    let list = amd.crl.sign(&KEYS.ark);
    let leaf = amd.vek.sign(&KEYS.ca);
    assert!(vet(crl, &material(&[&list]), &above).is_ok());
    assert!(vet(vcek, &material(&[&leaf]), &above).is_ok());

    // The list that revokes the chain is the last that may be lost.
    let revoking = amd.crl.clone().revoke(&[1, 0, 1]).sign(&KEYS.ark);
    let vetted = vet(crl, &material(&[&list, &revoking]), &above).unwrap();
    assert!([&list, &revoking].contains(&&vetted.answer));
    let vetted = vet(crl, &material(&[&revoking]), &above).unwrap();
    assert_eq!(vetted.answer, revoking);

    let lacks = vet(crl, &material(&[&list]), &none).unwrap_err();
    assert_eq!(lacks.class(), ErrorClass::Unavailable);
    let forged = vet(crl, &material(&[&amd.crl.sign(&KEYS.ca)]), &above).unwrap_err();
    assert_eq!(forged.class(), ErrorClass::Rejected);
    let other = vet(vcek, &above, &above).unwrap_err();
    assert_eq!(other.class(), ErrorClass::Malformed);
    let stranger = vet(vcek, &material(&[&amd.vek.sign(&KEYS.ark)]), &above);
    assert_eq!(stranger.unwrap_err().class(), ErrorClass::Rejected);
    let vendors = Trust::vendors();
    let unpinned = super::vet(chain, &above, &none, &vendors, NOW).unwrap_err();
    assert_eq!(unpinned.class(), ErrorClass::Rejected);
}

#[test]
fn manifests_and_ocsp_answers_are_vetted_and_questions_follow_from_them() {
    let world = ForgedWorld::hopper();
    let now = ForgedWorld::NOW;
    let evidence = Evidence {
        kind: TeeKind::NvidiaGpu,
        bytes: world.evidence(&ForgedReport::gpu()),
    };
    let trust = Trust {
        nvidia: world.roots(),
        ..Trust::vendors()
    };
    let needed = crate::needs(&evidence).unwrap();
    let none = Material::new();
    let device = ocsp_questions(&evidence, &none);
    assert_eq!(device.len(), 1, "the certificate between leaf and root");
    let mut known = Material::new();
    for rim in world.gpu_rims() {
        known.add(world.rim_xml(&rim).as_bytes()).unwrap();
    }
    let questions = ocsp_questions(&evidence, &known);
    assert_eq!(questions.len(), 3, "and two of the manifests' signer");

    let [vbios, driver] = world.gpu_rims().map(|rim| world.rim_xml(&rim));
    let of = |version: &str| {
        let mut all = needed.iter();
        all.find(|needed| needed.to_string().contains(version))
            .unwrap()
    };
    let driver_answer = material(&[driver.as_bytes()]);
    assert!(vet(of("550.90.07"), &driver_answer, &none, &trust, now).is_ok());
    let vbios_answer = material(&[vbios.as_bytes()]);
    assert!(vet(of("96009F0001"), &vbios_answer, &none, &trust, now).is_ok());
    let swapped = vet(of("550.90.07"), &vbios_answer, &none, &trust, now).unwrap_err();
    assert_eq!(swapped.class(), ErrorClass::Malformed);
    let damaged = driver.replace("550.90.07", "550.90.08");
    let damaged = vet(
        of("550.90.07"),
        &material(&[damaged.as_bytes()]),
        &none,
        &trust,
        now,
    );
    assert_eq!(damaged.unwrap_err().class(), ErrorClass::Rejected);

    let question = &questions[0];
    let issuer = &world.chain[2];
    let answer =
        |forge: AnswerForge, key: &ForgeKey| material(&[&OcspForge::new(vec![forge]).sign(key)]);
    let good = AnswerForge::good(question.certificate(), issuer.public_key());
    let vet = |answer: &Material| vet_ocsp(question, answer, &trust, now);
    assert!(vet(&answer(good.clone(), &world.responder)).is_ok());
    let revoked = vet(&answer(good.clone().revoked(1), &world.responder));
    assert_eq!(revoked.unwrap_err().class(), ErrorClass::Rejected);
    let stranger = ForgeKey::generate(KeyKind::P384);
    assert_eq!(
        vet(&answer(good, &stranger)).unwrap_err().class(),
        ErrorClass::Rejected
    );
    assert_eq!(vet(&none).unwrap_err().class(), ErrorClass::Unavailable);
}
