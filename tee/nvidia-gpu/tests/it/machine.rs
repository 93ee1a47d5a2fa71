use adyton_tee_nvidia_gpu::forge::{ForgedReport, ForgedRim, ForgedWorld, answers};
use adyton_tee_nvidia_gpu::{Architecture, NvidiaEndorsements, Topology, verify};

const GPU: &str = "GH100 A01 GSP FMC LF";
const SWITCH: &str = "LS_10 A01 FSP FMC LF";

/// Two GPUs and two switches of one world, in protected PCIe mode.
struct Machine {
    world: ForgedWorld,
    endorsements: NvidiaEndorsements,
}

impl Machine {
    fn new() -> Self {
        let world = ForgedWorld::hopper();
        let mut rims = world.gpu_rims().to_vec();
        rims.push(ForgedRim::new("LS10", "96.10.55.00.01", 0..20));
        let endorsements = world.endorsements(&rims);
        Self {
            world,
            endorsements,
        }
    }

    fn gpu(switches: &[u8]) -> ForgedReport {
        let mut report = ForgedReport::gpu();
        report.set(36, Some(&[2, 0]));
        report.set(21, Some(&[0xaa]));
        let pdis: Vec<u8> = switches.iter().flat_map(|switch| [*switch; 8]).collect();
        report.set(22, Some(&pdis));
        report
    }

    /// The verdict on these devices, each with a key of its own.
    fn verdict(&self, reports: &[(Architecture, ForgedReport)]) -> Result<Topology, &'static str> {
        let mut endorsements = self.endorsements.clone();
        let mut entries = Vec::new();
        for (serial, (architecture, report)) in (10..).zip(reports) {
            let name = if architecture.is_switch() {
                SWITCH
            } else {
                GPU
            };
            let (key, chain) = self.world.another(name, serial);
            endorsements.add_ocsp(answers(&chain, &self.world.responder));
            let pem = ForgedWorld::pem(&chain);
            let signed = report.sign(&key);
            entries.push(ForgedReport::entry(
                *architecture,
                &report.nonce,
                &signed,
                &pem,
            ));
        }
        let evidence = format!("[{}]", entries.join(","));
        verify(evidence.as_bytes(), &endorsements, ForgedWorld::NOW)
            .map(|verified| verified.into_claims().topology)
            .map_err(|error| error.check())
    }
}

fn whole() -> Vec<(Architecture, ForgedReport)> {
    vec![
        (Architecture::Hopper, Machine::gpu(&[1, 1, 2])),
        (Architecture::Hopper, Machine::gpu(&[2, 1])),
        (Architecture::Ls10, ForgedReport::switch(1, &[7, 8])),
        (Architecture::Ls10, ForgedReport::switch(2, &[8, 7, 7])),
    ]
}

#[test]
fn a_whole_machine_is_reciprocal() {
    let machine = Machine::new();
    let topology = Topology {
        gpus: 2,
        switches: 2,
        reciprocal: true,
    };
    assert_eq!(machine.verdict(&whole()), Ok(topology));
    let reciprocal = |change: fn(&mut Vec<(Architecture, ForgedReport)>)| {
        let mut devices = whole();
        change(&mut devices);
        machine.verdict(&devices).unwrap().reciprocal
    };
    assert!(!reciprocal(|devices| drop(devices.remove(0))), "a GPU less");
    assert!(
        !reciprocal(|devices| drop(devices.remove(3))),
        "a switch less"
    );
    assert!(!reciprocal(|devices| devices.truncate(2)), "no switches");
    assert!(!reciprocal(|devices| devices[1].1 = Machine::gpu(&[1, 3])));
    assert!(!reciprocal(
        |devices| devices[3].1 = ForgedReport::switch(2, &[7, 9])
    ));
    assert!(!reciprocal(
        |devices| devices[3].1 = ForgedReport::switch(1, &[7, 8])
    ));
}

#[test]
fn devices_answer_one_nonce_in_one_mode_and_are_several() {
    let machine = Machine::new();
    let mut devices = whole();
    devices[1].1.nonce = [1; 32];
    assert_eq!(machine.verdict(&devices), Err("nonce"));
    let mut devices = whole();
    devices[1].1 = ForgedReport::gpu();
    assert_eq!(machine.verdict(&devices), Err("mode"));
    let mut devices = whole();
    devices[0].1.set(22, Some(&[1; 9]));
    assert_eq!(machine.verdict(&devices), Err("report-form"));

    let one = String::from_utf8(machine.world.evidence(&ForgedReport::gpu())).unwrap();
    let entry = &one[1..one.len() - 1];
    let twice = format!("[{entry},{entry}]");
    let error = verify(twice.as_bytes(), &machine.endorsements, ForgedWorld::NOW).unwrap_err();
    assert_eq!(error.check(), "evidence-form");
}
