//! Runs that a TEE of the machine vouches for: a TPM, which swtpm is.

use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use adyton_attester::{StreamTransport, Tpm};
use adyton_pki::forge::{CertificateForge, ForgeKey, pem};

use crate::support::{Home, text, until};
use crate::world::{Broker, World};

/// A TPM in software, ended with the test.
struct Swtpm {
    process: Child,
    socket: std::path::PathBuf,
}

impl Swtpm {
    /// One that keeps its state in `NAME`; `None`, said in a line, where swtpm is not installed.
    fn start(home: &Home, name: &str) -> Option<Self> {
        std::fs::create_dir(home.path(name)).expect("the test's own step");
        let (path, socket) = (home.path(name), home.path(&format!("{name}/socket")));
        let process = Command::new("swtpm")
            .args(["socket", "--tpm2", "--flags", "not-need-init,startup-clear"])
            .arg("--tpmstate")
            .arg(format!("dir={}", path.display()))
            .arg("--server")
            .arg(format!("type=unixio,path={}", socket.display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match process {
            Ok(process) => {
                until("swtpm listens", || socket.exists());
                Some(Self { process, socket })
            }
            Err(why) => {
                assert!(std::env::var_os("CI").is_none(), "swtpm: {why}");
                eprintln!("skipped: swtpm is not installed: {why}");
                None
            }
        }
    }

    fn connect(&self) -> Tpm {
        let stream = UnixStream::connect(&self.socket).expect("the test's own step");
        Tpm::new(StreamTransport::new(stream))
    }

    /// Tells PCR 7 of something that was started. It serves one client at a time.
    fn extend(&self, digest: [u8; 32]) {
        let extended = self.connect().extend_pcr(7, &digest);
        extended.expect("the test's own step");
    }

    /// The words that name it, with its key's certificate `NAME.pem`.
    fn words(&self, name: &str) -> String {
        let place = self.socket.display();
        format!("--tee tpm --tpm unix:{place} --pcrs sha256:0,7 --ak-certificate {name}.pem")
    }

    /// Has its Attestation Key certified by a maker: `NAME.pem`.
    fn certify(&self, home: &Home, name: &str, maker: &ForgeKey) {
        let ak = self
            .connect()
            .attestation_key()
            .expect("the test's own step");
        let mut leaf = CertificateForge::end_entity("tpm", "maker", maker);
        leaf.spki = ak.public().key().spki().to_vec();
        home.write(&format!("{name}.pem"), pem(&[&leaf.sign(maker)]));
    }
}

impl Drop for Swtpm {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_machine_with_a_tpm_runs_what_its_owner_allows() {
    let mut world = World::new();
    let Some(tpm) = Swtpm::start(&world.home, "tpm") else {
        return;
    };
    let maker = ForgeKey::generate(adyton_pki::KeyKind::P256);
    std::fs::create_dir_all(world.home.path("endorsements/tpm-roots")).unwrap();
    let root = CertificateForge::ca("maker", "maker", &maker, None).sign(&maker);
    world
        .home
        .write("endorsements/tpm-roots/maker.pem", pem(&[&root]));
    tpm.certify(&world.home, "ak", &maker);
    tpm.extend([1; 32]);

    // What the owner of the data looks at, to learn whom to trust.
    let machine = tpm.words("ak");
    let report_data = "ab".repeat(64);
    let asked = format!("tee evidence --report-data {report_data} --out evidence {machine}");
    world.adyton(&asked).done();
    let seen = world
        .adyton("verify evidence --tpm-root endorsements/tpm-roots/maker.pem --json")
        .done()
        .json();
    let measurement = text(&seen, "measurement");
    let id = text(&seen, "platform-id");

    world.broker.stop();
    world.broker = Broker::serve_with(&world.home, "broker", "--endorsements endorsements");
    let program = world.count();
    world
        .home
        .write("release.toml", document(&program, &measurement, &id));
    world
        .adyton("secret put data --dir broker --policy release.toml")
        .done();
    let run = format!("{} {machine} --force", world.run_words("count"));
    let report = world.adyton(&format!("{run} --json")).done().json();
    assert_eq!(report["platform"], "tpm");
    let result = world
        .adyton("open out/result.age --identity study.key --out -")
        .done();
    assert_eq!(result.out, "3\n");
    let shown = world.adyton("receipt show out/count.receipt").done();
    assert!(shown.out.starts_with("NOT VERIFIED"), "{shown:#?}");
    // It is no receipt of a software TEE.
    let pins = world.pins();
    world
        .adyton(&format!(
            "receipt verify out/count.receipt --bundle count.adyton {pins}"
        ))
        .fails(3, &["the receipt does not hold", "evidence"]);

    // The software TEE of the same machine is another platform.
    world
        .adyton(&format!("{} --force", world.run_words("count")))
        .fails(3, &["platform.kind"]);
    // Another system was started.
    tpm.extend([2; 32]);
    world.adyton(&run).fails(3, &["platform.measurement"]);
    // Another TPM, of the same maker, in the same state.
    let other = Swtpm::start(&world.home, "other").unwrap();
    other.certify(&world.home, "other", &maker);
    other.extend([1; 32]);
    let run_there = run.replace(&machine, &other.words("other"));
    world.adyton(&run_there).fails(3, &["platform.platform-id"]);
    // A key that nobody vouches for, and one that somebody else does.
    let stranger = ForgeKey::generate(adyton_pki::KeyKind::P256);
    other.certify(&world.home, "forged", &stranger);
    let forged = run.replace(&machine, &other.words("forged"));
    world
        .adyton(&forged)
        .fails(3, &["the TPM's key is not accepted"]);
    let bare = run.replace(" --ak-certificate ak.pem", "");
    world.adyton(&bare).fails(3, &["enrol it first"]);
    assert_eq!(world.home.names("out").len(), 2);
}

fn document(program: &str, measurement: &str, id: &str) -> String {
    format!(
        "version = 1\nsecret = \"data\"\npurpose = \"count\"\nprograms = [\"{program}\"]\n\
         not-before = \"2020-01-01T00:00:00Z\"\nnot-after = \"2099-01-01T00:00:00Z\"\n\
         max-releases = 10\n[[platform]]\nkind = \"tpm\"\nmeasurements = [\"{measurement}\"]\n\
         platform-ids = [\"{id}\"]\ntcb = {{}}\n"
    )
}

#[test]
fn a_tee_that_is_not_there_is_told_before_anything_happens() {
    let world = World::new();
    world.count();
    let run = world.run_words("count");
    for (words, code, said) in [
        (
            "--tee tpm --tpm unix:nowhere",
            5,
            "cannot open the TPM at `nowhere`",
        ),
        ("--tee tpm --tpm tcp:127.0.0.1:1", 5, "cannot open the TPM"),
        ("--tee nvidia-gpu", 70, "no driver for nvidia-gpu"),
        ("--tee sev", 64, "sev"),
        ("--tee tpm --pcrs md5:1", 64, "`md5` is no bank"),
        ("--tee tpm --pcrs sha256", 64, "sha256:0,4,7"),
        ("--tee tpm --pcrs sha256:99", 64, "99"),
        ("--tee tpm --tpm somewhere", 64, "unix:PATH"),
        (
            "--tee tpm --ak-certificate data.csv",
            2,
            "`data.csv` holds no certificate",
        ),
        ("--tee tpm --ak-certificate none.pem", 70, "`none.pem`"),
    ] {
        world.adyton(&format!("{run} {words}")).fails(code, &[said]);
    }
    for kind in ["snp", "tdx", "cca", "sgx", "nitro"] {
        let said = world.adyton(&format!("{run} --tee {kind}"));
        assert!(matches!(said.code(), Some(5 | 70)), "{kind}: {said:#?}");
        assert!(said.err.contains("/"), "the device is named: {said:#?}");
    }
    assert_eq!(world.releases(), 0);
    assert!(world.home.names("out").is_empty());
    world
        .adyton(&format!(
            "tee evidence --report-data {} --out e",
            "ab".repeat(64)
        ))
        .fails(64, &["only `adyton run` makes"]);
    world
        .adyton("tee evidence --tee tpm --report-data 00 --out e")
        .fails(64, &["--report-data"]);
}
