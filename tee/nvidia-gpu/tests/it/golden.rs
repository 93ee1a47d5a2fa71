use adyton_pki::OcspResponse;
use adyton_pki::forge::{AnswerForge, OcspForge};
use adyton_tee_nvidia_gpu::forge::{ForgedReport, ForgedRim, ForgedWorld};
use adyton_tee_nvidia_gpu::{NvidiaError, verify};
use adyton_types::{ErrorClass, UnixTime};

use crate::device::{Setting, failed};

#[test]
fn manifests_are_for_the_versions_and_in_force() {
    let setting = Setting::new();
    let [vbios, driver] = setting.world.gpu_rims();
    assert_eq!(
        setting.with_rims(std::slice::from_ref(&vbios)),
        "rim-version"
    );
    assert_eq!(
        setting.with_rims(std::slice::from_ref(&driver)),
        "rim-version"
    );
    let mut other = vbios.clone();
    other.version = "96.00.9F.00.02".to_owned();
    assert_eq!(setting.with_rims(&[other, driver.clone()]), "rim-version");
    let mut other = driver.clone();
    other.product = "GB100".to_owned();
    assert_eq!(setting.with_rims(&[vbios.clone(), other]), "rim-version");

    // The missing one is named as the service names it.
    let evidence = setting.world.evidence(&ForgedReport::gpu());
    let missing = |rims: &[ForgedRim]| {
        let endorsements = setting.world.endorsements(rims);
        match verify(&evidence, &endorsements, ForgedWorld::NOW) {
            Err(NvidiaError::RimMissing { id, .. }) => id,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(missing(&[]), "NV_GPU_VBIOS_1010_0200_882_96009F0001");
    assert_eq!(
        missing(std::slice::from_ref(&vbios)),
        "NV_GPU_DRIVER_GH100_550.90.07"
    );

    let endorsements = setting.world.endorsements(&[vbios.clone(), driver.clone()]);
    let later = UnixTime::from_secs(2_208_988_801);
    assert!(endorsements.not_after() < later && endorsements.not_before() < ForgedWorld::NOW);
    let error = verify(&evidence, &endorsements, later).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Stale);

    let mut endorsements = endorsements;
    let mut changed = driver;
    changed.resources[0].1 = false;
    let twice = endorsements.add_rim(setting.world.rim(&changed));
    assert!(matches!(twice, Err(NvidiaError::RimTwice { .. })));
    assert!(endorsements.add_rim(setting.world.rim(&vbios)).is_ok());
}

/// Driver and VBIOS manifests have one form. A driver that calls itself a VBIOS must not be judged by
/// the manifest of one: it may leave open what a driver's has to judge.
#[test]
fn a_driver_has_the_version_of_a_driver() {
    let setting = Setting::new();
    let [vbios, _] = setting.world.gpu_rims();
    let other = ForgedRim::new("GH100", "96.00.9F.00.02", 10..11);
    let endorsements = setting.world.endorsements(&[vbios, other]);
    let mut report = ForgedReport::gpu();
    report.set(3, Some(b"96.00.9F.00.02\0"));
    let evidence = setting.world.evidence(&report);
    assert_eq!(failed(&evidence, &endorsements), "report-form");
    for version in ["", "545", "545.", ".00", "5a5.00", "1.2.3.4", "550.90.07-x"] {
        let named = setting.failed(|report| report.set(3, Some(version.as_bytes())));
        assert_eq!(named, "report-form", "{version}");
    }
    for version in ["545.00", "580.159.03"] {
        let named = setting.failed(|report| report.set(3, Some(version.as_bytes())));
        assert_eq!(named, "rim-version", "{version}");
    }
}

#[test]
fn a_manifest_that_ended_is_not_in_force() {
    // The manifest's OCSP answer ends before the device's do.
    let world = ForgedWorld::hopper();
    let mut endorsements = world.no_rims();
    for rim in world.gpu_rims() {
        let certificates = &world.rim_chain;
        let pairs = certificates.iter().zip(&certificates[1..]);
        let soon = pairs.map(|(certificate, issuer)| {
            let mut answer = AnswerForge::good(certificate, issuer.public_key());
            answer.next_update = Some(ForgedWorld::NOW);
            answer
        });
        let response = OcspForge::new(soon.collect()).sign(&world.responder);
        let ocsp = [OcspResponse::parse(&response).unwrap()];
        let xml = world.rim_xml(&rim);
        let roots = world.roots();
        let rim =
            adyton_tee_nvidia_gpu::Rim::verify(xml.as_bytes(), &ocsp, &roots, ForgedWorld::NOW);
        endorsements.add_rim(rim.unwrap()).unwrap();
    }
    let evidence = world.evidence(&ForgedReport::gpu());
    assert!(verify(&evidence, &endorsements, ForgedWorld::NOW).is_ok());
    let error = verify(&evidence, &endorsements, ForgedWorld::NOW.plus_secs(1)).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("rim-validity", ErrorClass::Stale)
    );
}

#[test]
fn measurements_are_golden_values_of_one_manifest_each() {
    let setting = Setting::new();
    let measured = |index: u8, value: Option<[u8; 48]>| {
        setting.failed(|report| match value {
            Some(value) => drop(report.measurements.insert(index, value)),
            None => drop(report.measurements.remove(&index)),
        })
    };
    assert_eq!(measured(7, Some([9; 48])), "measurements");
    assert_eq!(measured(7, None), "measurements");
    // The other value, a measurement that nobody judges, and NVDEC0's while that is off.
    assert_eq!(measured(7, Some([0; 48])), "nothing");
    assert_eq!(measured(63, Some([9; 48])), "nothing");
    assert_eq!(measured(35, Some([9; 48])), "nothing");
    let on = setting.failed(|report| {
        report.set(11, Some(&[0xaa]));
        report.measurements.insert(35, [9; 48]);
    });
    assert_eq!(on, "measurements");

    let [vbios, driver] = setting.world.gpu_rims();
    let overlapping = ForgedRim::new("GH100", "550.90.07", 9..40);
    assert_eq!(
        setting.with_rims(&[vbios.clone(), overlapping]),
        "rim-overlap"
    );
    let mut inactive = driver;
    for resource in &mut inactive.resources {
        resource.1 = false;
    }
    assert_eq!(setting.with_rims(&[vbios, inactive.clone()]), "nothing");
    let mut nothing = inactive.clone();
    nothing.version = "96.00.9F.00.01".to_owned();
    assert_eq!(setting.with_rims(&[nothing, inactive]), "measurements");
}
