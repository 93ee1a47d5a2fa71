//! What the documents of vendors leave to the owner: the policy that an owner writes, and Evidence
//! that it refuses. Evidence is forged, and goes the whole way: bytes, verification, appraisal.

use std::collections::BTreeMap;

use adyton_appraisal::{AppraisalPolicy, Context, appraise};
use adyton_codec::Value;
use adyton_tee_arm_cca::forge::ForgedToken;
use adyton_tee_aws_nitro::Device;
use adyton_tee_aws_nitro::forge::{ForgedNitro, NOW as NITRO_NOW, pcr};
use adyton_tee_nvidia_gpu::forge::{ForgedReport, ForgedRim, ForgedWorld, answers};
use adyton_tee_nvidia_gpu::{Architecture, NvidiaEndorsements};
use adyton_types::{Evidence, ReportData, TeeKind, UnixTime};
use adyton_verifier::{Endorsements, VerifyError, verify};

/// What the Evidence of the session vouches for.
const SESSION: ReportData = ReportData::new([0xda; 64]);

/// The claims that fail a policy whose one platform has these lines, whatever runs on it.
fn failed(
    kind: TeeKind,
    bytes: Vec<u8>,
    endorsements: &Endorsements,
    now: UnixTime,
    lines: &str,
) -> Vec<String> {
    let evidence = Evidence { kind, bytes };
    let verified = verify(&evidence, endorsements, &SESSION, now).expect("it verifies");
    let policy = format!(
        "version = 1\nname = \"a\"\n[[platform]]\nkind = \"{kind}\"\nmeasurements = \"any\"\ntcb = {{}}\n{lines}\n"
    );
    let policy: AppraisalPolicy = policy.parse().expect("a policy");
    let judged = appraise(&verified, policy.platforms(), &Context::at(now));
    let failed = judged.err().unwrap_or_default();
    failed.into_iter().map(|failed| failed.claim).collect()
}

fn bytes(byte: u8, length: usize) -> Value<'static> {
    Value::Bytes(vec![byte; length].into())
}

fn nitro(device: Device, lines: &str, change: impl FnOnce(&mut ForgedNitro)) -> Vec<String> {
    let mut forged = ForgedNitro::new(device);
    forged.set("user_data", bytes(0xda, 64));
    change(&mut forged);
    let mut endorsements = Endorsements::new();
    endorsements.set_nitro(ForgedNitro::roots(), 300);
    let now = NITRO_NOW.plus_secs(60);
    failed(TeeKind::Nitro, forged.sign(), &endorsements, now, lines)
}

fn registers(values: &[(u64, u8)]) -> Value<'static> {
    let values = values.iter();
    Value::Map(
        values
            .map(|(index, byte)| (Value::Uint(*index), pcr(*byte)))
            .collect(),
    )
}

#[test]
fn a_debug_enclave_is_refused_unless_the_policy_names_it() {
    for index in 0..3 {
        let debug = |forged: &mut ForgedNitro| {
            let zero = [0, 1, 2, 4].map(|i| (i, u8::from(i != index)));
            forged.set("pcrs", registers(&zero));
        };
        assert_eq!(nitro(Device::Enclave, "", debug), ["debug"]);
        let named = "concerns = [\"debug\"]";
        assert_eq!(nitro(Device::Enclave, named, debug), [""; 0]);
    }
    assert_eq!(nitro(Device::Enclave, "", |_| ()), [""; 0]);
}

#[test]
fn role_instance_and_signer_of_an_enclave_are_as_the_policy_says() {
    let one = "01".repeat(48);
    let wanted = format!("attributes = {{ pcr3 = \"{one}\", pcr4 = \"{one}\", pcr8 = \"{one}\" }}");
    let with = |values: &[(u64, u8)]| {
        nitro(Device::Enclave, &wanted, |forged| {
            forged.set("pcrs", registers(values));
        })
    };
    let right = [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (8, 1)];
    assert_eq!(with(&right), [""; 0]);
    for (place, claim) in [
        (3, "attribute.pcr3"),
        (4, "attribute.pcr4"),
        (5, "attribute.pcr8"),
    ] {
        let mut other = right;
        other[place].1 = 2;
        assert_eq!(with(&other), [claim]);
        // One that is not there is not as it should be.
        let mut without = right.to_vec();
        without.remove(place);
        assert_eq!(with(&without), [claim]);
    }
}

#[test]
fn a_document_is_of_the_device_and_the_age_of_the_policy() {
    let enclaves = "generations = [\"enclave\"]";
    assert_eq!(nitro(Device::Enclave, enclaves, |_| ()), [""; 0]);
    assert_eq!(nitro(Device::NitroTpm, enclaves, |_| ()), ["generation"]);
    assert_eq!(nitro(Device::Enclave, "max-age = 60", |_| ()), [""; 0]);
    assert_eq!(nitro(Device::Enclave, "max-age = 59", |_| ()), ["max-age"]);
}

#[test]
fn what_runs_in_a_realm_and_what_its_host_gave_it_are_as_the_policy_says() {
    let seven = "07".repeat(32);
    let zero = ["00".repeat(32), "00".repeat(64)];
    let wanted = format!(
        "attributes = {{ rim = \"{seven}\", rem0 = \"{}\", personalization = \"{}\", lifecycle = 0x3003, platform-config = \"cfcfcfcf\", \"component1.type\" = \"RMM\" }}",
        zero[0], zero[1],
    );
    let with = |change: &dyn Fn(&mut ForgedToken)| {
        let mut token = ForgedToken::default();
        ForgedToken::set(&mut token.realm, 10, Some(bytes(0xda, 64)));
        change(&mut token);
        let mut endorsements = Endorsements::new();
        endorsements.set_cca(token.endorsements());
        let now = UnixTime::from_secs(150);
        failed(TeeKind::Cca, token.encode(), &endorsements, now, &wanted)
    };
    assert_eq!(with(&|_| ()), [""; 0]);
    let realm = |key, value: Value<'static>| {
        with(&|token| ForgedToken::set(&mut token.realm, key, Some(value.clone())))
    };
    assert_eq!(realm(44238, bytes(8, 32)), ["attribute.rim"]);
    assert_eq!(realm(44235, bytes(1, 64)), ["attribute.personalization"]);
    let rems = [1, 0, 0, 0].map(|byte| bytes(byte, 32));
    assert_eq!(
        realm(44239, Value::Array(rems.to_vec())),
        ["attribute.rem0"]
    );
    let lifecycle = |token: &mut ForgedToken| {
        ForgedToken::set(&mut token.platform, 2395, Some(Value::Uint(0x3004)));
    };
    assert_eq!(with(&lifecycle), ["attribute.lifecycle"]);
}

/// A machine of GPUs and switches in protected PCIe mode, wired as it should be.
struct Machine {
    world: ForgedWorld,
    endorsements: NvidiaEndorsements,
    gpus: Vec<ForgedReport>,
    switches: Vec<ForgedReport>,
}

impl Machine {
    fn new() -> Self {
        let world = ForgedWorld::hopper();
        let mut rims = world.gpu_rims().to_vec();
        rims.push(ForgedRim::new("LS10", "96.10.55.00.01", 0..20));
        let mut gpu = ForgedReport::gpu();
        gpu.nonce = [0xda; 32];
        gpu.set(36, Some(&[2, 0]));
        gpu.set(21, Some(&[0xaa]));
        let links: Vec<u8> = (1..=4).flat_map(|switch| [switch; 8]).collect();
        gpu.set(22, Some(&links));
        let switch = |pdi| ForgedReport {
            nonce: [0xda; 32],
            ..ForgedReport::switch(pdi, &[21, 22, 23, 24, 25, 26, 27, 28])
        };
        Self {
            endorsements: world.endorsements(&rims),
            world,
            gpus: vec![gpu; 8],
            switches: (1..=4).map(switch).collect(),
        }
    }

    fn evidence(&self) -> (Vec<u8>, Endorsements) {
        let mut nvidia = self.endorsements.clone();
        let gpus = self
            .gpus
            .iter()
            .map(|r| (Architecture::Hopper, "GH100 A01 GSP FMC LF", r));
        let switches = self
            .switches
            .iter()
            .map(|r| (Architecture::Ls10, "LS_10 A01 FSP FMC LF", r));
        let mut entries = Vec::new();
        for (serial, (architecture, name, report)) in (10..).zip(gpus.chain(switches)) {
            let (key, chain) = self.world.another(name, serial);
            nvidia.add_ocsp(answers(&chain, &self.world.responder));
            let pem = ForgedWorld::pem(&chain);
            let signed = report.sign(&key);
            entries.push(ForgedReport::entry(
                architecture,
                &report.nonce,
                &signed,
                &pem,
            ));
        }
        let mut endorsements = Endorsements::new();
        endorsements.set_nvidia(nvidia);
        let list = format!("[{}]", entries.join(","));
        (list.into_bytes(), endorsements)
    }

    fn failed(&self, lines: &str) -> Vec<String> {
        let (bytes, endorsements) = self.evidence();
        let now = ForgedWorld::NOW;
        failed(TeeKind::NvidiaGpu, bytes, &endorsements, now, lines)
    }
}

const EIGHT_BY_FOUR: &str = "attributes = { gpus = 8, switches = 4, mode = \"ProtectedPcie\" }";

#[test]
fn a_machine_in_protected_pcie_mode_is_whole_and_locked() {
    let with = |change: fn(&mut Machine)| {
        let mut machine = Machine::new();
        change(&mut machine);
        machine.failed(EIGHT_BY_FOUR)
    };
    assert_eq!(with(|_| ()), [""; 0]);
    // Without attributes, too, nothing of it is accepted that is not whole.
    let mut cut = Machine::new();
    cut.switches.clear();
    assert_eq!(cut.failed(""), ["concern.topology-incomplete"]);
    let incomplete = "concern.topology-incomplete";
    assert_eq!(
        with(|machine| drop(machine.gpus.pop())),
        [incomplete, "attribute.gpus"]
    );
    assert_eq!(
        with(|machine| drop(machine.switches.pop())),
        [incomplete, "attribute.switches"]
    );
    assert_eq!(
        with(|machine| machine.gpus[7].set(22, Some(&[1; 8]))),
        [incomplete]
    );
    assert_eq!(
        with(|machine| machine.switches[3].set(26, Some(&[21; 8]))),
        [incomplete]
    );
    for status in [Some(&[0, 0][..]), Some(&[1]), None] {
        let mut machine = Machine::new();
        machine.switches[2].set(25, status);
        assert_eq!(
            machine.failed(EIGHT_BY_FOUR),
            ["concern.switch-unlocked"],
            "{status:?}"
        );
        let named = format!("concerns = [\"switch-unlocked\"]\n{EIGHT_BY_FOUR}");
        assert_eq!(machine.failed(&named), [""; 0]);
    }
    // The same GPUs, each for itself: nothing of switches is asked, but the mode is another.
    let mut single = Machine::new();
    single.switches.clear();
    for gpu in &mut single.gpus {
        gpu.set(36, Some(&[0, 0]));
        gpu.set(21, Some(&[0x55]));
    }
    assert_eq!(
        single.failed("attributes = { mode = \"SinglePassthrough\" }"),
        [""; 0]
    );
    assert_eq!(
        single.failed("attributes = { mode = \"ProtectedPcie\" }"),
        ["attribute.mode"]
    );
}

/// What ties GPUs to a machine: both answer the session, the GPU by its leftmost 32 bytes.
#[test]
fn a_gpu_and_its_machine_answer_one_session() {
    let mut session = [0xda; 64];
    session[32..].fill(0x11);
    let session = ReportData::new(session);
    let mut document = ForgedNitro::new(Device::Enclave);
    document.set(
        "user_data",
        Value::Bytes(session.as_bytes().to_vec().into()),
    );
    let world = ForgedWorld::hopper();
    let report = |nonce| ForgedReport {
        nonce,
        ..ForgedReport::gpu()
    };
    let mut endorsements = Endorsements::new();
    endorsements.set_nitro(ForgedNitro::roots(), 300);
    endorsements.set_nvidia(world.endorsements(&world.gpu_rims()));
    let judged = |kind, bytes, now| {
        let evidence = Evidence { kind, bytes };
        verify(&evidence, &endorsements, &session, now).map(drop)
    };
    assert_eq!(judged(TeeKind::Nitro, document.sign(), NITRO_NOW), Ok(()));
    let gpu = |nonce| {
        let bytes = world.evidence(&report(nonce));
        judged(TeeKind::NvidiaGpu, bytes, ForgedWorld::NOW)
    };
    assert_eq!(gpu([0xda; 32]), Ok(()));
    // Of another session, of its other half, and of a session that differs in one bit.
    let mut near = [0xda; 32];
    near[31] ^= 1;
    for other in [[1; 32], [0x11; 32], near] {
        assert!(matches!(gpu(other), Err(VerifyError::ReportData { .. })));
    }
    // A machine's own field is no GPU's: 32 bytes are not enough there.
    document.set("user_data", bytes(0xda, 32));
    let short = judged(TeeKind::Nitro, document.sign(), NITRO_NOW);
    assert!(matches!(short, Err(VerifyError::ReportData { .. })));
}

/// Every attribute that a policy can name is one that Evidence has.
#[test]
fn attributes_are_named_as_the_documents_say() {
    let (bytes, endorsements) = Machine::new().evidence();
    let evidence = Evidence {
        kind: TeeKind::NvidiaGpu,
        bytes,
    };
    let verified = verify(&evidence, &endorsements, &SESSION, ForgedWorld::NOW).unwrap();
    let found: BTreeMap<_, _> = verified.claims().attributes.clone();
    for (name, value) in [
        ("gpus", "8"),
        ("switches", "4"),
        ("topology-reciprocal", "true"),
        ("mode", "ProtectedPcie"),
        ("device0.mode", "ProtectedPcie"),
        ("device0.architecture", "HOPPER"),
        ("device0.driver", "550.90.07"),
        ("device0.vbios", "96.00.9F.00.01"),
        ("device11.architecture", "LS10"),
        ("device11.locked", "true"),
    ] {
        let said = found.get(name).map(ToString::to_string);
        assert_eq!(said.as_deref(), Some(value), "{name}");
    }
}
