//! A daemon with a directory of Endorsements: Evidence of hardware, forged under roots of its own,
//! from the files on disk to the secret.

use std::path::Path;

use adyton_broker::AdminCommand;
use adyton_brokerd::{BrokerdError, Config, Control, Daemon};
use adyton_pki::forge::pem;
use adyton_tee_amd_snp::forge::{ForgedAmd, KEYS, NOW as AMD_NOW};
use adyton_tee_amd_snp::{Generation, VekKind};
use adyton_types::{ErrorClass, Evidence, ProgramMeasurement, TeeKind};

use crate::enclave::{Asked, Enclave, challenge, connect, send};
use crate::world::{NOW, World, put};

fn amd() -> ForgedAmd {
    ForgedAmd::new(Generation::Genoa, VekKind::Vcek)
}

/// AMD's files, as its service gives them out.
fn write_endorsements(to: &Path) {
    let amd = amd();
    let chain = pem(&[&amd.ca.sign(&KEYS.ark), &amd.ark.sign(&KEYS.ark)]);
    std::fs::create_dir(to).unwrap();
    std::fs::write(to.join("cert_chain"), chain).unwrap();
    std::fs::write(to.join("vcek.der"), amd.vek.sign(&KEYS.ca)).unwrap();
    std::fs::write(to.join("crl"), amd.crl.sign(&KEYS.ark)).unwrap();
}

fn config(world: &World, endorsements: &Path) -> Config {
    let mut config = world.config();
    config.endorsements = Some(endorsements.to_owned());
    config.trust.amd = amd().roots();
    config
}

fn allow(control: &mut Control) {
    let text = format!(
        "version = 1\nsecret = \"a\"\npurpose = \"study\"\nprograms = [\"{}\"]\n\
         not-before = \"2025-01-01T00:00:00Z\"\nnot-after = \"2126-12-31T00:00:00Z\"\n\
         max-releases = 3\n[[platform]]\nkind = \"snp\"\nmeasurements = [\"{}\"]\ntcb = {{}}\n",
        ProgramMeasurement::new([0xab; 48]),
        "3e".repeat(48)
    );
    let document = text.parse().unwrap();
    control
        .execute(AdminCommand::PolicyPut { document })
        .unwrap();
}

#[test]
fn a_directory_of_endorsements_opens_the_way_to_hardware() {
    let world = World::empty();
    world.earlier(NOW - AMD_NOW.as_secs());
    let directory = world.dir.path().join("endorsements");
    write_endorsements(&directory);
    let daemon = Daemon::start(&config(&world, &directory)).unwrap();
    let mut control = Control::open(&world.path()).unwrap();
    put(&mut control, "a", b"value of a");
    allow(&mut control);
    let mut client = connect(&daemon.broker_address());
    let mut enclave = Enclave::new();
    let mut ask = |measurement: u8| {
        let enclave = enclave.again();
        let id = client.card().unwrap().id();
        let challenge = challenge(&mut client);
        let draft = enclave.draft(id, challenge, &["a"]);
        let mut report = amd().report();
        report.set(0x90, &[measurement; 48]);
        report.set(0x50, draft.report_data().as_bytes());
        let pending = draft.finish(&Evidence {
            kind: TeeKind::Snp,
            bytes: report.sign(&KEYS.vek),
        });
        send(&mut client, &pending)
    };
    let released: Asked = ask(0x3e);
    assert_eq!(released.released()[0].0, b"value of a");
    assert_eq!(ask(0x3f).denied(), ["platform.measurement"]);
    let endorsed = control.status().unwrap().endorsements.unwrap();
    let vcek = endorsed
        .iter()
        .find(|one| one.what.contains("VCEK of chip"));
    let until = vcek.unwrap().until.unwrap();
    assert!(until > AMD_NOW, "{until}");
    // Removed, they count until the directory is read again.
    std::fs::remove_dir_all(&directory).unwrap();
    assert!(matches!(ask(0x3e), Asked::Released(_)));
    std::fs::create_dir(&directory).unwrap();
    world.later(601);
    assert_eq!(ask(0x3e).failed(), 503);
    assert_eq!(control.status().unwrap().endorsements, Some(Vec::new()));
    daemon.stop();
}

#[test]
fn a_file_that_is_nothing_is_named_at_the_start() {
    let world = World::empty();
    let directory = world.dir.path().join("endorsements");
    write_endorsements(&directory);
    let file = directory.join("notes.txt");
    std::fs::write(&file, "call the vendor").unwrap();
    let error = Daemon::start(&config(&world, &directory)).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Malformed);
    assert!(
        matches!(&error, BrokerdError::Endorsement { path, .. } if *path == file),
        "{error}"
    );
    let nowhere = world.dir.path().join("nowhere");
    let error = Daemon::start(&config(&world, &nowhere)).unwrap_err();
    assert!(matches!(error, BrokerdError::File { .. }), "{error}");
}
