//! Runs and services that a TEE of the machine vouches for: a TPM, which swtpm is.

use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use adyton_attester::{EkKind, StreamTransport, Tpm};
use adyton_pki::KeyUsage;
use adyton_pki::forge::{CertificateForge, ExtensionForge, ForgeKey, pem};

use crate::lookups::Service;
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

/// A machine with a TPM whose key a maker has certified, and an owner who allows it to count.
struct Site {
    world: World,
    tpm: Swtpm,
    maker: ForgeKey,
    measurement: String,
    platform_id: String,
}

/// Trusts the maker.
const ROOT: &str = "--tpm-root endorsements/tpm-roots/maker.pem";

impl Site {
    /// `None` where swtpm is not installed.
    fn new() -> Option<Self> {
        let mut world = World::new();
        let tpm = Swtpm::start(&world.home, "tpm")?;
        let maker = ForgeKey::generate(adyton_pki::KeyKind::P256);
        let roots = world.home.path("endorsements/tpm-roots");
        std::fs::create_dir_all(&roots).expect("the test's own step");
        let root = CertificateForge::ca("maker", "maker", &maker, None).sign(&maker);
        world
            .home
            .write("endorsements/tpm-roots/maker.pem", pem(&[&root]));
        let seen = looked_at(&world.home, &tpm, &maker, ROOT);
        world.broker.stop();
        world.broker = Broker::serve_with(&world.home, "broker", "--endorsements endorsements");
        let site = Self {
            measurement: seen.0,
            platform_id: seen.1,
            world,
            tpm,
            maker,
        };
        let program = site.world.count();
        let document = document(&program, &site.platform());
        site.world.home.write("release.toml", document);
        site.world
            .adyton("secret put data --dir broker --policy release.toml")
            .done();
        Some(site)
    }

    fn platform(&self) -> String {
        platform(&self.measurement, &self.platform_id)
    }

    /// The words that run the program on the machine with that TPM.
    fn run_words(&self, machine: &str) -> String {
        format!("{} {machine} --force", self.world.run_words("count"))
    }
}

/// What owners look at to learn whom to trust: measurement and id of a machine whose key is certified
/// as `ak.pem`, by a maker that the words `root` name.
fn looked_at(home: &Home, tpm: &Swtpm, maker: &ForgeKey, root: &str) -> (String, String) {
    tpm.certify(home, "ak", maker);
    tpm.extend([1; 32]);
    let (data, machine) = ("ab".repeat(64), tpm.words("ak"));
    home.adyton(&format!(
        "tee evidence --report-data {data} --out evidence {machine}"
    ))
    .done();
    let seen = home
        .adyton(&format!("verify evidence {root} --json"))
        .done()
        .json();
    (text(&seen, "measurement"), text(&seen, "platform-id"))
}

/// The platform's part of a policy or a release document.
fn platform(measurement: &str, id: &str) -> String {
    format!(
        "[[platform]]\nkind = \"tpm\"\nmeasurements = [\"{measurement}\"]\n\
         platform-ids = [\"{id}\"]\ntcb = {{}}\n"
    )
}

#[test]
fn a_machine_with_a_tpm_serves_look_ups() {
    let home = Home::new();
    let Some(tpm) = Swtpm::start(&home, "tpm") else {
        return;
    };
    let maker = ForgeKey::generate(adyton_pki::KeyKind::P256);
    let root = CertificateForge::ca("maker", "maker", &maker, None).sign(&maker);
    home.write("maker.pem", pem(&[&root]));
    let root = "--tpm-root maker.pem";
    let (measurement, id) = looked_at(&home, &tpm, &maker, root);
    let ours = platform(&measurement, &id);
    let policy = format!("version = 1\nname = \"ours\"\n{ours}");
    home.write("ours.toml", &policy);
    home.write("other.toml", policy.replace(&id, &"0".repeat(64)));
    home.write("table.csv", "key,value\n+4915100000001,a\n");

    let machine = tpm.words("ak");
    let mut service = Service::start_in(home, &format!("--capacity 8 {machine}"));
    let software = std::mem::replace(&mut service.platform, format!("--policy ours.toml {root}"));
    service.load("table.csv", "").done();
    let found = service.query("+4915100000001").done();
    assert_eq!(found.out, "+4915100000001\ta\n");

    let missing = "Endorsements for this Evidence of kind `tpm` are missing";
    let other = format!("--policy other.toml {root}");
    let unknown = "--policy ours.toml".to_owned();
    for (words, code, said) in [
        (software, 5, missing),
        (unknown, 5, missing),
        (other, 3, "platform-id"),
    ] {
        service.platform = words;
        service.query("+4915100000001").fails(code, &[said]);
    }
}

#[test]
fn a_machine_with_a_tpm_runs_what_its_owner_allows() {
    let Some(site) = Site::new() else {
        return;
    };
    let world = &site.world;
    let run = site.run_words(&site.tpm.words("ak"));
    let report = world.adyton(&format!("{run} --json")).done().json();
    assert_eq!(report["platform"], "tpm");
    let result = world
        .adyton("open out/result.age --identity study.key --out -")
        .done();
    assert_eq!(result.out, "3\n");

    let policy = format!("version = 1\nname = \"ours\"\n{}", site.platform());
    world.home.write("accepted.toml", &policy);
    let other = policy.replace(&site.platform_id, &"0".repeat(64));
    world.home.write("other.toml", other);
    let verify = |more: &str| {
        let broker = world.broker.id();
        let receipt = "out/count.receipt --bundle count.adyton";
        world.adyton(&format!(
            "receipt verify {receipt} --broker {broker} {more}"
        ))
    };
    let verified = verify(&format!("--policy accepted.toml {ROOT}")).done();
    assert!(
        verified.out.contains("VERIFIED\nplatform  tpm TEE"),
        "{verified:#?}"
    );
    verify(&format!("--policy other.toml {ROOT}")).fails(3, &["platform-id"]);
    // Nothing is wrong with the machine where its Endorsements are not at hand, or have ended.
    verify("--policy accepted.toml").fails(5, &["evidence", "--endorsements"]);
    let late = format!("--policy accepted.toml {ROOT} --at 9999-01-01T00:00:00Z");
    verify(&late).fails(4, &["evidence", "--at"]);
    let told = format!(
        "--policy accepted.toml {ROOT} --at {}",
        adyton_client::now()
    );
    assert!(verify(&told).done().out.contains("which is your word"));
    // Whoever has a TPM of that maker can have it vouch for a receipt of their own making.
    let listed = format!("[\"{}\"]", site.measurement);
    world
        .home
        .write("open.toml", policy.replace(&listed, "\"any\""));
    verify(&format!("--policy open.toml {ROOT}")).fails(2, &["`measurements = \"any\"`"]);
    verify("--policy accepted.toml").fails(5, &["evidence", "--endorsements"]);
    verify("").fails(64, &["which platform is trusted"]);
    // It is no receipt of a software TEE.
    verify(&world.pins()).fails(5, &["the receipt does not hold", "evidence"]);
}

/// A machine whose maker certifies Endorsement Keys, and nobody Attestation Keys.
struct Enrolling {
    world: World,
    tpm: Swtpm,
    enrol: String,
}

impl Enrolling {
    /// `None` where swtpm is not installed.
    fn new() -> Option<Self> {
        let world = World::new();
        let tpm = Swtpm::start(&world.home, "tpm")?;
        let maker = ForgeKey::generate(adyton_pki::KeyKind::P256);
        let root = CertificateForge::ca("maker", "maker", &maker, None);
        let root = root.sign(&maker);
        world.home.write("maker.pem", pem(&[&root]));
        let mut device = tpm.connect();
        let ek = device.endorsement_key(EkKind::EccP256);
        let ek = ek.expect("the test's own step");
        device.flush(&ek).expect("the test's own step");
        let mut leaf = CertificateForge::end_entity("ek", "maker", &maker)
            .without(&adyton_pki::oids::KEY_USAGE)
            .with(ExtensionForge::key_usage(KeyUsage::KEY_AGREEMENT));
        leaf.spki = ek.public().key().spki().to_vec();
        world.home.write("ek.pem", pem(&[&leaf.sign(&maker)]));
        let enrolled = world.home.path("endorsements/tpm-enrolled");
        std::fs::create_dir_all(enrolled).expect("the test's own step");
        let enrol = format!("tpm enrol --tpm unix:{}", tpm.socket.display());
        Some(Self { world, tpm, enrol })
    }
}

#[test]
fn an_enrolled_machine_gets_a_key_without_a_certificate() {
    let Some(Enrolling {
        mut world,
        tpm,
        enrol,
    }) = Enrolling::new()
    else {
        return;
    };
    let machine = tpm.words("ak").replace(" --ak-certificate ak.pem", "");
    let maker = "--ek-root maker.pem --ek-certificate ek.pem";
    let record = "endorsements/tpm-enrolled/machine";
    let enrolled = world.adyton(&format!("{enrol} {maker} --out {record} --json"));
    let enrolled = enrolled.done().json();
    let data = "ab".repeat(64);
    let evidence = format!("tee evidence --report-data {data} --out evidence {machine}");
    world.adyton(&evidence).done();
    world
        .adyton("verify evidence")
        .fails(5, &["an enrolment, for no certificate came with it"]);
    let verify = format!("verify evidence --tpm-enrolled {record} --report-data {data} --json");
    let seen = world.adyton(&verify).done().json();
    assert_eq!(text(&seen, "platform-id"), text(&enrolled, "platform-id"));

    let platform = |id: &str| {
        let measurement = text(&seen, "measurement");
        format!(
            "[[platform]]\nkind = \"tpm\"\nmeasurements = [\"{measurement}\"]\n\
             platform-ids = [\"{id}\"]\ntcb = {{}}\n"
        )
    };
    world.broker.stop();
    world.broker = Broker::serve_with(&world.home, "broker", "--endorsements endorsements");
    let program = world.count();
    let release = document(&program, &platform(&text(&seen, "platform-id")));
    world.home.write("release.toml", release);
    world
        .adyton("secret put data --dir broker --policy release.toml")
        .done();
    // A broker is at another port each time.
    let run = |world: &World| {
        let words = format!("{} {machine} --force", world.run_words("count"));
        world.adyton(&words)
    };
    run(&world).done();
    let open = "open out/result.age --identity study.key --out -";
    assert_eq!(world.adyton(open).done().out, "3\n");
    assert_eq!(world.releases(), 1);

    // The record is what the broker trusts it by.
    world.broker.stop();
    std::fs::remove_file(world.home.path(record)).expect("the test's own step");
    world.broker = Broker::serve_with(&world.home, "broker", "--endorsements endorsements");
    let missing = "Endorsements for this Evidence of kind `tpm` are missing";
    run(&world).fails(5, &[missing]);
    assert_eq!(world.releases(), 1);
}

#[test]
fn nobody_is_enrolled_whose_endorsement_key_is_not_vouched_for() {
    let Some(Enrolling { world, tpm, enrol }) = Enrolling::new() else {
        return;
    };
    let stranger = ForgeKey::generate(adyton_pki::KeyKind::P256);
    let root = CertificateForge::ca("maker", "maker", &stranger, None).sign(&stranger);
    world.home.write("stranger.pem", pem(&[&root]));
    let shown = format!("tpm show --tpm unix:{} --json", tpm.socket.display());
    let shown = world.adyton(&shown).done().json();
    let (ecc, rsa) = (&shown["endorsement-keys"][0], &shown["endorsement-keys"][1]);
    let (ecc, rsa) = (text(ecc, "fingerprint"), text(rsa, "fingerprint"));
    for (words, code, said) in [
        (
            "--ek-root stranger.pem --ek-certificate ek.pem".to_owned(),
            3,
            "the TPM's key is not accepted",
        ),
        // The certificate of another key of the same TPM.
        (
            "--ek rsa --ek-root maker.pem --ek-certificate ek.pem".to_owned(),
            3,
            "the certificate is for another key",
        ),
        ("--ek-root maker.pem".to_owned(), 5, "--ek-certificate"),
        (
            format!("--ek-fingerprint {rsa}"),
            3,
            "the Endorsement Key is not the pinned one",
        ),
        (String::new(), 64, "--ek-root"),
        (
            format!("--ek-fingerprint {ecc} --danger-any-ek"),
            64,
            "cannot be used with",
        ),
    ] {
        let enrolled = world.adyton(&format!("{enrol} {words} --out record"));
        enrolled.fails(code, &[said]);
        assert!(!world.home.path("record").exists(), "{words}");
    }
    let pinned = format!("{enrol} --ek-fingerprint {ecc} --days 1 --out record");
    world.adyton(&pinned).done();
    world.adyton(&pinned).fails(70, &["`record`"]);
    let any = world.adyton(&format!("{enrol} --ek rsa --danger-any-ek --out any"));
    let any = any.done();
    assert!(any.err.contains("DANGER: nobody vouches"), "{any:#?}");
    assert!(any.out.contains(&rsa), "{any:#?}");
}

#[test]
fn no_other_machine_runs_it() {
    let Some(site) = Site::new() else {
        return;
    };
    let world = &site.world;
    // The software TEE of the same machine is another platform.
    world
        .adyton(&site.run_words(""))
        .fails(3, &["platform.kind"]);
    // Another TPM, of the same maker, in the same state.
    let other = Swtpm::start(&world.home, "other").expect("there is one already");
    other.certify(&world.home, "other", &site.maker);
    other.extend([1; 32]);
    world
        .adyton(&site.run_words(&other.words("other")))
        .fails(3, &["platform.platform-id"]);
    // A key that nobody known vouches for, and one without a certificate.
    let stranger = ForgeKey::generate(adyton_pki::KeyKind::P256);
    other.certify(&world.home, "forged", &stranger);
    world
        .adyton(&site.run_words(&other.words("forged")))
        .fails(3, &["the TPM's key is not accepted"]);
    let machine = site.tpm.words("ak");
    let bare = machine.replace(" --ak-certificate ak.pem", "");
    world
        .adyton(&site.run_words(&bare))
        .fails(3, &["enrol it first"]);
    // Another system was started on the right one.
    site.tpm.extend([2; 32]);
    world
        .adyton(&site.run_words(&machine))
        .fails(3, &["platform.measurement"]);
    assert_eq!(world.releases(), 0);
    assert!(world.home.names("out").is_empty());
}

fn document(program: &str, platform: &str) -> String {
    format!(
        "version = 1\nsecret = \"data\"\npurpose = \"count\"\nprograms = [\"{program}\"]\n\
         not-before = \"2020-01-01T00:00:00Z\"\nnot-after = \"2099-01-01T00:00:00Z\"\n\
         max-releases = 10\n{platform}"
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
