//! Evidence of every vendor, forged under roots of its own, to the release of a secret; and what is
//! recorded of real machines, as far as it goes: its report data is of somebody else's session, so
//! that no request can carry it, but a document accepts or refuses it all the same.

use std::cell::RefCell;
use std::rc::Rc;

use adyton_appraisal::{PolicyError, References};
use adyton_broker::{DocumentError, Judging, ReleaseDocument, ReleaseError};
use adyton_tee_amd_snp::forge::{ForgedAmd, KEYS as AMD_KEYS, NOW as AMD_NOW};
use adyton_tee_amd_snp::{Generation, VekKind};
use adyton_tee_arm_cca::Curve;
use adyton_tee_arm_cca::forge::ForgedToken;
use adyton_tee_aws_nitro::Device;
use adyton_tee_aws_nitro::forge::{ForgedNitro, NOW as NITRO_NOW};
use adyton_tee_azure_cvm::forge::HclForge;
use adyton_tee_azure_cvm::{Hardware, HardwareKind};
use adyton_tee_intel_dcap::forge::{IntelForge, NOW as INTEL_NOW};
use adyton_tee_nvidia_gpu::forge::{ForgedReport, ForgedWorld};
use adyton_tee_tcg_tpm::forge::{ForgedAk, QuoteForge, enrolled};
use adyton_tee_tcg_tpm::{HashAlg, PcrValues, Scheme, TpmEndorsements, TpmPublic};
use adyton_types::{ErrorClass, Evidence, ProgramMeasurement, ReportData, TeeKind, UnixTime};
use adyton_verifier::{Claims, Endorsements, verify};

use crate::support::{Asked, PROGRAM, World, claims};

const A_YEAR: u64 = 365 * 86_400;

/// A machine of a vendor.
struct Machine {
    kind: TeeKind,
    now: UnixTime,
    endorsements: Box<dyn Fn() -> Endorsements>,
    evidence: Box<dyn FnMut(ReportData) -> Vec<u8>>,
}

impl Machine {
    fn evidence(&mut self, data: ReportData) -> Evidence {
        Evidence {
            kind: self.kind,
            bytes: (self.evidence)(data),
        }
    }

    /// What its Evidence states.
    fn claims(&mut self) -> Claims {
        let data = ReportData::new([0xda; 64]);
        let evidence = self.evidence(data);
        let verified = verify(&evidence, &(self.endorsements)(), &data, self.now);
        verified.expect("it verifies").claims().clone()
    }

    /// A document that allows a platform of these claims.
    fn document(&self, claims: &Claims) -> String {
        let paravisor = claims.attributes.get("paravisor");
        let attributes = paravisor.map_or_else(String::new, |paravisor| {
            format!("attributes = {{ paravisor = \"{paravisor}\" }}\n")
        });
        format!(
            "version = 1\nsecret = \"a\"\npurpose = \"study\"\nprograms = [\"{}\"]\n\
             not-before = \"{}\"\nnot-after = \"{}\"\nmax-releases = 100\n\
             [[platform]]\nkind = \"{}\"\nmeasurements = [\"{}\"]\nplatform-ids = [\"{}\"]\n\
             generations = [\"{}\"]\ntcb = {{}}\n{attributes}",
            ProgramMeasurement::new(PROGRAM),
            self.now,
            self.now.plus_secs(A_YEAR),
            self.kind,
            claims.measurement,
            claims.platform_id,
            claims.generation,
        )
    }

    /// A broker that judges by its Endorsements.
    fn world(&self) -> World {
        let world = World::empty();
        world.at(&self.now.to_string());
        world.put("a", b"value-1");
        world.engine.set_judging(Judging {
            endorsements: (self.endorsements)(),
            references: References::default(),
        });
        world
    }

    /// `recorded`: the Evidence is of another session.
    fn ask(&mut self, world: &World, recorded: bool) -> Result<Asked, ReleaseError> {
        let study = [("a", "study")];
        world.send(
            &world.request_with(world.challenge(), &study, PROGRAM, |data| {
                self.evidence(if recorded {
                    ReportData::new([9; 64])
                } else {
                    data
                })
            }),
        )
    }
}

/// From the request to the key, and each way to get none.
fn release(mut machine: Machine) {
    let kind = machine.kind;
    let stated = machine.claims();
    let world = machine.world();
    world.allow(&machine.document(&stated));
    let released = machine.ask(&world, false).expect("a decision");
    assert_eq!(
        released,
        Asked::Released(vec![(b"value-1".to_vec(), 2)]),
        "{kind}"
    );
    let platform = world
        .log()
        .pop()
        .and_then(|leaf| leaf.platform)
        .expect("a release");
    assert_eq!(
        (platform.kind, platform.measurement, platform.id),
        (kind, stated.measurement.clone(), stated.platform_id.clone())
    );

    let error = machine.ask(&world, true).expect_err("another session's");
    assert_eq!(error.class(), ErrorClass::Rejected, "{kind}: {error}");
    assert!(
        error.to_string().contains("not that of this binding"),
        "{kind}: {error}"
    );

    // One digit of the measurement, and of the machine's id.
    let document = machine.document(&stated);
    for (what, claim) in [
        (stated.measurement.to_string(), "platform.measurement"),
        (stated.platform_id.to_string(), "platform.platform-id"),
    ] {
        let other = if what.starts_with('0') { "1" } else { "0" };
        let other = format!("{other}{}", &what[1..]);
        world.allow(&document.replace(&what, &other));
        assert_eq!(
            claims(machine.ask(&world, false).expect("a decision")),
            [claim],
            "{kind}"
        );
    }

    // Years on, by what was true then. Keys that the owner has enrolled have no end.
    let until = format!("not-after = \"{}\"", machine.now.plus_secs(A_YEAR));
    let longer = document.replace(&until, "not-after = \"9999-01-01T00:00:00Z\"");
    assert_ne!(longer, document);
    let later = machine.now.plus_secs(60 * A_YEAR);
    world.at(&later.to_string());
    world.allow(&longer);
    if kind != TeeKind::Tpm {
        let error = machine
            .ask(&world, false)
            .expect_err("nobody vouches for it any more");
        assert_eq!(error.class(), ErrorClass::Stale, "{kind}: {error}");
    }

    world.engine.set_judging(Judging::default());
    world.allow(&document);
    let error = machine.ask(&world, false).expect_err("nothing to judge by");
    let classes = [ErrorClass::Unavailable, ErrorClass::Rejected];
    assert!(classes.contains(&error.class()), "{kind}: {error}");
    assert_eq!(world.count(), 1, "{kind}");
}

fn intel(forge: IntelForge, kind: TeeKind, report_data: usize) -> Machine {
    let forge = Rc::new(RefCell::new(forge));
    let judged = Rc::clone(&forge);
    Machine {
        kind,
        now: INTEL_NOW,
        endorsements: Box::new(move || {
            let mut endorsements = Endorsements::new();
            endorsements.add_intel(judged.borrow().endorsements().expect("they verify"));
            endorsements
        }),
        evidence: Box::new(move |data| {
            let mut forge = forge.borrow_mut();
            forge.quote.put_body(report_data, data.as_bytes());
            forge.quote()
        }),
    }
}

#[test]
fn intel_sgx() {
    release(intel(IntelForge::sgx(), TeeKind::Sgx, 320));
}

#[test]
fn intel_tdx() {
    release(intel(IntelForge::tdx15(), TeeKind::Tdx, 520));
}

fn amd() -> ForgedAmd {
    ForgedAmd::new(Generation::Genoa, VekKind::Vcek)
}

fn amd_endorsements() -> Endorsements {
    let mut endorsements = Endorsements::new();
    endorsements.add_snp(amd().endorsements(AMD_NOW).expect("they verify"));
    endorsements
}

#[test]
fn amd_snp() {
    release(Machine {
        kind: TeeKind::Snp,
        now: AMD_NOW,
        endorsements: Box::new(amd_endorsements),
        evidence: Box::new(|data| {
            let mut report = amd().report();
            report.set(0x50, data.as_bytes());
            report.sign(&AMD_KEYS.vek)
        }),
    });
}

#[test]
fn aws_nitro() {
    for device in [Device::Enclave, Device::NitroTpm] {
        release(Machine {
            kind: TeeKind::Nitro,
            now: NITRO_NOW,
            endorsements: Box::new(|| {
                let mut endorsements = Endorsements::new();
                endorsements.set_nitro(ForgedNitro::roots(), 300);
                endorsements
            }),
            evidence: Box::new(move |data| {
                let mut document = ForgedNitro::new(device);
                let data = adyton_codec::Value::Bytes(data.as_bytes().to_vec().into());
                document.set("user_data", data);
                document.sign()
            }),
        });
    }
}

fn quote(nonce: &[u8]) -> QuoteForge {
    let pcrs = [(0, vec![0; 32]), (4, vec![4; 32]), (7, vec![7; 32])];
    let pcrs = PcrValues::new(HashAlg::Sha256, pcrs).expect("three values");
    QuoteForge::new(nonce, pcrs)
}

#[test]
fn a_tpm() {
    let now = UnixTime::from_secs(1_800_000_000);
    let ak = ForgedAk::ecc();
    let public = TpmPublic::parse(&ak.public()).unwrap();
    release(Machine {
        kind: TeeKind::Tpm,
        now,
        endorsements: Box::new(move || {
            let known = enrolled(&public, now.plus_secs(A_YEAR));
            let mut endorsements = Endorsements::new();
            endorsements.set_tpm(TpmEndorsements::new(Vec::new()).with_enrolled(known));
            endorsements
        }),
        evidence: Box::new(move |data| quote(&data.as_bytes()[..32]).evidence(&ak).encode()),
    });
}

/// A machine under the paravisor of that launch digest, whose vTPM says that the right system runs.
fn azure_under(paravisor: [u8; 48]) -> Machine {
    let ak = ForgedAk::rsa(Scheme::RsaSsa);
    Machine {
        kind: TeeKind::AzureSnp,
        now: AMD_NOW,
        endorsements: Box::new(amd_endorsements),
        evidence: Box::new(move |data| {
            let hcl = HclForge::new(HardwareKind::Snp, &ak, &[0; 64]);
            let mut report = amd().report();
            report.set(0x50, &hcl.report_data()).set(0x30, &[0]);
            report.set(0x90, &paravisor);
            let hardware = Hardware::Snp { vek: None };
            let report = report.sign(&AMD_KEYS.vek);
            hcl.evidence(&report, hardware, &quote(data.as_bytes()), &ak)
                .encode()
        }),
    }
}

#[test]
fn azure_on_amd() {
    release(azure_under([0x3e; 48]));
}

#[test]
fn a_paravisor_of_anybodys_vouches_for_no_system() {
    let mut microsofts = azure_under([0x3e; 48]);
    let stated = microsofts.claims();
    let document = microsofts.document(&stated);
    // On genuine hardware, with the same chip and the same registers: all is as it should be.
    let mut anybodys = azure_under([0x66; 48]);
    let said = anybodys.claims();
    assert_eq!(
        (&said.measurement, &said.platform_id),
        (&stated.measurement, &stated.platform_id)
    );
    let world = anybodys.world();
    world.allow(&document);
    assert_eq!(
        claims(anybodys.ask(&world, false).expect("a decision")),
        ["platform.attribute.paravisor"]
    );
    let silent: String = document
        .lines()
        .filter(|line| !line.starts_with("attributes"))
        .map(|line| format!("{line}\n"))
        .collect();
    let refused = silent.parse::<ReleaseDocument>();
    assert!(
        matches!(
            refused,
            Err(DocumentError::Platform(PolicyError::NeedsAttribute { .. }))
        ),
        "{refused:?}"
    );
}

#[test]
fn arm_cca() {
    let token = Rc::new(RefCell::new(ForgedToken::new(Curve::P384, Curve::P384)));
    let judged = Rc::clone(&token);
    release(Machine {
        kind: TeeKind::Cca,
        now: UnixTime::from_secs(150),
        endorsements: Box::new(move || {
            let mut endorsements = Endorsements::new();
            endorsements.set_cca(judged.borrow().endorsements());
            endorsements
        }),
        evidence: Box::new(move |data| {
            let mut token = token.borrow_mut();
            let challenge = adyton_codec::Value::Bytes(data.as_bytes().to_vec().into());
            ForgedToken::set(&mut token.realm, 10, Some(challenge));
            token.encode()
        }),
    });
}

#[test]
fn no_gpu_gets_a_secret_as_it_vouches_for_whatever_its_host_asks() {
    let world = Rc::new(ForgedWorld::hopper());
    let judged = Rc::clone(&world);
    let mut machine = Machine {
        kind: TeeKind::NvidiaGpu,
        now: ForgedWorld::NOW,
        endorsements: Box::new(move || {
            let mut endorsements = Endorsements::new();
            endorsements.set_nvidia(judged.endorsements(&judged.gpu_rims()));
            endorsements
        }),
        evidence: Box::new(move |data| {
            let mut report = ForgedReport::gpu();
            report.nonce.copy_from_slice(&data.as_bytes()[..32]);
            world.evidence(&report)
        }),
    };
    // A host that knows the program's measurement makes keys of its own and has its GPU vouch for
    // them: the Evidence is genuine, and of that very binding.
    let stated = machine.claims();
    let refused = machine.document(&stated).parse::<ReleaseDocument>();
    assert!(
        matches!(
            refused,
            Err(DocumentError::Platform(PolicyError::NotDependable { .. }))
        ),
        "{refused:?}"
    );
}
