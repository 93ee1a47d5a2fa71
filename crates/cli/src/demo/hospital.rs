use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use adyton_broker::{AdminCommand, ReleaseDocument};
use adyton_brokerd::Control;
use adyton_client::{Existing, Source};
use adyton_crypto::{SecretBytes, os_rng};
use adyton_sealing::{Identity, Recipients};
use adyton_transport::BrokerAddress;
use adyton_types::Name;

use crate::Failure;

/// A data owner: its records sealed, its key in a broker of its own.
pub(super) struct Hospital {
    pub(super) name: Name,
    pub(super) sealed: PathBuf,
    pub(super) address: BrokerAddress,
    pub(super) recipients: Recipients,
    broker_dir: PathBuf,
    broker: Child,
}

impl Hospital {
    /// Seals the records, makes and starts a broker, and puts the key into it. The records in
    /// clear are nowhere on disk.
    pub(super) fn open(dir: &Path, name: &str, records: &str) -> Result<Self, Failure> {
        let name: Name = name
            .parse()
            .map_err(|error: adyton_types::NameError| Failure::misuse(error.to_string()))?;
        let home = dir.join(name.as_str());
        std::fs::create_dir(&home).map_err(|error| Failure::unavailable(error.to_string()))?;
        let identity = Identity::generate_hybrid(&mut os_rng());
        let recipients = Recipients::new([identity.recipient()])?;
        let sealed = dir.join(format!("{name}.age"));
        seal_text(records, &sealed, &recipients)?;
        let broker_dir = home.join("broker");
        let origin = format!("{name}.demo.invalid").parse();
        let origin = origin
            .map_err(|error: adyton_merkle::MerkleError| Failure::misuse(error.to_string()))?;
        adyton_brokerd::init(&broker_dir, &origin)?;
        let value = SecretBytes::new(identity.expose().as_bytes().to_vec());
        let note = format!("opens {name}.age");
        Control::open(&broker_dir)?.execute(AdminCommand::SecretPut {
            name: name.clone(),
            value,
            note,
        })?;
        let (broker, address) = serve(&broker_dir, &home.join("broker.log"))?;
        Ok(Self {
            name,
            sealed,
            address,
            recipients,
            broker_dir,
            broker,
        })
    }

    /// Puts the document that says who may have the key.
    pub(super) fn allow(&self, document: ReleaseDocument) -> Result<(), Failure> {
        Control::open(&self.broker_dir)?.execute(AdminCommand::PolicyPut { document })?;
        Ok(())
    }

    /// How often the key was released.
    pub(super) fn releases(&self) -> Result<u64, Failure> {
        let reply = Control::open(&self.broker_dir)?.execute(AdminCommand::SecretShow {
            name: self.name.clone(),
        })?;
        match reply {
            adyton_broker::AdminReply::Secrets(secrets) => {
                Ok(secrets.first().map_or(0, |secret| secret.releases))
            }
            _ => Ok(0),
        }
    }

    /// The sealed records as an input of a run.
    pub(super) fn source(&self) -> (Name, Source) {
        let source = Source {
            path: self.sealed.clone(),
            broker: Some(self.address.clone()),
            secret: self.name.clone(),
        };
        (self.name.clone(), source)
    }
}

impl Drop for Hospital {
    fn drop(&mut self) {
        // A failure means that it has ended already.
        let _ = self.broker.kill();
        let _ = self.broker.wait();
    }
}

/// Seals a text to a file.
pub(super) fn seal_text(text: &str, to: &Path, recipients: &Recipients) -> Result<(), Failure> {
    let target =
        adyton_client::NewFile::create(to, adyton_client::Access::Public, Existing::Refuse)?;
    let sealed = adyton_sealing::seal_stream(
        text.as_bytes(),
        target.file(),
        recipients,
        &mut os_rng(),
        |_| (),
    );
    sealed.map_err(|error| Failure::new(error.class(), &error))?;
    Ok(target.publish()?)
}

/// Starts `adyton broker serve` and reads its address. It ends when this process does: its
/// standard input is a pipe that nobody else holds.
fn serve(dir: &Path, log: &Path) -> Result<(Child, BrokerAddress), Failure> {
    let fail =
        |error: std::io::Error| Failure::unavailable(format!("cannot start a broker: {error}"));
    let log = File::create(log).map_err(fail)?;
    let mut broker = Command::new("/proc/self/exe")
        .args([
            "broker",
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--while-stdin-is-open",
        ])
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::from(log))
        .spawn()
        .map_err(fail)?;
    let mut line = String::new();
    if let Some(stdout) = broker.stdout.take() {
        BufReader::new(stdout).read_line(&mut line).map_err(fail)?;
    }
    match line.trim().strip_prefix("serving at ").map(str::parse) {
        Some(Ok(address)) => Ok((broker, address)),
        _ => Err(Failure::unavailable(format!(
            "a broker did not start: `{}`",
            line.trim()
        ))),
    }
}
