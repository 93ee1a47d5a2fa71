//! An owner with sealed data and a broker, an operator with a software TEE, and programs.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::OnceLock;

use crate::support::{Home, Said, text};

/// Writes one byte to the output that its argument names.
pub(crate) const HELLO: &[u8] = include_bytes!("../../../../demo/kernels/hello.wasm");
/// Reads the input that its argument names, and never ends.
pub(crate) const HOLD: &[u8] = include_bytes!("../../../../demo/kernels/hold.wasm");
/// Counts the lines of its input.
const LINES: &str = include_str!("../../../../examples/wat/main.wat");

/// What the owner's release document says where a test has no other wish.
pub(crate) struct Terms {
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) times: u32,
    /// In place of this machine's.
    pub(crate) platform_id: Option<String>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            from: "2020-01-01T00:00:00Z",
            to: "2099-01-01T00:00:00Z",
            times: 1000,
            platform_id: None,
        }
    }
}

/// All of them on one machine, in one home directory:
/// - `study.key`, the recipient's key;
/// - `data.key`, `data.csv` and `data.csv.age`, the owner's key and data;
/// - `broker`, the owner's broker, which serves, and has the key of `data.csv.age` as `data`;
/// - `out`, where results go.
pub(crate) struct World {
    pub(crate) home: Home,
    pub(crate) recipient: String,
    pub(crate) platform_id: String,
    pub(crate) broker: Broker,
}

impl World {
    pub(crate) fn new() -> Self {
        let home = Home::new();
        let tee = home.adyton("tee init --json").done().json();
        let recipient = text(
            &home.adyton("keygen --json --out study.key").done().json(),
            "recipient",
        );
        std::fs::create_dir(home.path("out")).expect("the test's own step");
        let broker = Broker::with_data(&home, "data", "one\ntwo\nthree\n");
        Self {
            platform_id: text(&tee, "platform-id"),
            home,
            recipient,
            broker,
        }
    }

    pub(crate) fn adyton(&self, words: &str) -> Said {
        self.home.adyton(words)
    }

    /// Builds a program that reads `inputs` and writes `result`; gives its measurement. The bundle
    /// is `NAME.adyton`.
    pub(crate) fn program(&self, name: &str, module: &[u8], inputs: &[&str], more: &str) -> String {
        let mut toml = format!("name = \"{name}\"\ncomponent = \"{name}.wasm\"\n{more}\n");
        for input in inputs {
            toml += &format!("[[input]]\nname = \"{input}\"\n");
        }
        let recipient = &self.recipient;
        toml += &format!(
            "[[output]]\nname = \"result\"\nrecipients = [\"{recipient}\"]\nmax-bytes = \"100KiB\"\n"
        );
        self.home.write(&format!("{name}.wasm"), module);
        self.home.write(&format!("{name}.toml"), toml);
        let built = self
            .adyton(&format!("build {name}.toml --force --json"))
            .done();
        text(&built.json(), "measurement")
    }

    /// The program that counts the lines of `data`, allowed to read it.
    pub(crate) fn count(&self) -> String {
        let module = wat::parse_str(LINES).expect("the test's own step");
        let measurement = self.program("count", &module, &["data"], "");
        self.allow("count", &measurement, &Terms::default());
        measurement
    }

    /// A program that is attacked while it runs, allowed to read `data`.
    pub(crate) fn hold(&self, more: &str) {
        let more = format!("args = [\"data\"]\n{more}");
        let measurement = self.program("hold", HOLD, &["data"], &more);
        self.allow("hold", &measurement, &Terms::default());
    }

    /// Puts a release document for `data` into the broker.
    pub(crate) fn allow(&self, purpose: &str, program: &str, terms: &Terms) {
        self.home.write(
            "release.toml",
            self.document("data", purpose, program, terms),
        );
        self.adyton("secret put data --dir broker --policy release.toml")
            .done();
    }

    pub(crate) fn document(
        &self,
        secret: &str,
        purpose: &str,
        program: &str,
        terms: &Terms,
    ) -> String {
        let Terms {
            from,
            to,
            times,
            platform_id,
        } = terms;
        let (executable, id) = (
            executable(),
            platform_id.as_ref().unwrap_or(&self.platform_id),
        );
        format!(
            "version = 1\nsecret = \"{secret}\"\npurpose = \"{purpose}\"\nprograms = [\"{program}\"]\n\
             not-before = \"{from}\"\nnot-after = \"{to}\"\nmax-releases = {times}\n\
             [[platform]]\nkind = \"software\"\nmeasurements = [\"{executable}\"]\nplatform-ids = [\"{id}\"]\n\
             min-svn = 1\nrequire = [\"landlock\", \"no-core\", \"seccomp\", \"secret-memory\", \"traced\"]\n"
        )
    }

    /// The words that run a bundle on `data`.
    pub(crate) fn run_words(&self, program: &str) -> String {
        let broker = &self.broker.address;
        format!("run {program}.adyton --input data=data.csv.age --broker {broker} --out-dir out")
    }

    /// How often the broker has released `data`.
    pub(crate) fn releases(&self) -> u64 {
        let shown = self
            .adyton("secret show data --dir broker --json")
            .done()
            .json();
        shown["releases"].as_u64().expect("the test's own step")
    }

    /// The pins that a receipt of this machine is verified with.
    pub(crate) fn pins(&self) -> String {
        let (id, executable, broker) = (&self.platform_id, executable(), self.broker.id());
        format!("--platform-id {id} --platform-measurement {executable} --broker {broker}")
    }
}

/// The measurement of the executable under test: the same for all of them.
pub(crate) fn executable() -> &'static str {
    static MEASUREMENT: OnceLock<String> = OnceLock::new();
    MEASUREMENT.get_or_init(|| {
        let home = Home::new();
        text(
            &home.adyton("tee init --json").done().json(),
            "platform-measurement",
        )
    })
}

/// A broker that serves until this is dropped.
pub(crate) struct Broker {
    process: Child,
    pub(crate) address: String,
}

impl Broker {
    /// Seals `NAME.csv` and puts its key into a new broker, as the secret of that name. The
    /// directory of `data` is `broker`, that of any other name `NAME`.
    pub(crate) fn with_data(home: &Home, name: &str, data: &str) -> Self {
        let dir = if name == "data" { "broker" } else { name };
        home.write(&format!("{name}.csv"), data);
        let keys = home
            .adyton(&format!("keygen --json --out {name}.key"))
            .done();
        let recipient = text(&keys.json(), "recipient");
        home.adyton(&format!("seal {name}.csv --to {recipient}"))
            .done();
        home.adyton(&format!("broker init {dir} --origin {name}.test"))
            .done();
        home.adyton(&format!(
            "secret put {name} --dir {dir} --identity {name}.key"
        ))
        .done();
        Self::serve(home, dir)
    }

    pub(crate) fn serve(home: &Home, dir: &str) -> Self {
        Self::serve_with(home, dir, "")
    }

    /// The same with further words.
    pub(crate) fn serve_with(home: &Home, dir: &str, more: &str) -> Self {
        let words = format!("broker serve {dir} --listen 127.0.0.1:0 --while-stdin-is-open {more}");
        let mut process = home
            .command(&words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the test's own step");
        let mut line = String::new();
        let out = process.stdout.take().expect("the test's own step");
        BufReader::new(out)
            .read_line(&mut line)
            .expect("the test's own step");
        let address = line.trim().strip_prefix("serving at ");
        let address = address
            .unwrap_or_else(|| panic!("the broker says `{line}`"))
            .to_owned();
        Self { process, address }
    }

    /// Stops it, as a power cut would.
    pub(crate) fn stop(&mut self) {
        self.process.kill().expect("the test's own step");
        self.process.wait().expect("the test's own step");
    }

    /// Its id: what follows the address.
    pub(crate) fn id(&self) -> &str {
        self.address.split_once('#').expect("the test's own step").1
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
