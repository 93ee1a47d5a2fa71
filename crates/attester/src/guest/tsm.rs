use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use adyton_crypto::{SecretArray, ct_eq};
use adyton_types::{Evidence, ReportData, TeeKind};

use super::GuestError;
use crate::{Attester, AttesterError};

/// Where the kernel has the interface, below `/`.
pub(crate) const TSM_DIRECTORY: &str = "sys/kernel/config/tsm/report";
const INTERFACE: &str = "configfs-tsm";
/// The kernel's own limit on a report (`TSM_REPORT_OUTBLOB_MAX`, 32 KiB) and more than any table.
const MAX_BLOB_BYTES: u64 = 1 << 18;
/// How often a report that another process disturbed is asked for again. An entry has a name of its
/// own, so that this takes somebody who means to disturb.
const ATTEMPTS: u32 = 5;

/// The tree of configfs-tsm (Linux, Documentation/ABI/testing/configfs-tsm-report).
pub trait TsmTree {
    /// Makes an entry.
    ///
    /// # Errors
    /// The kernel's.
    fn make(&self, entry: &str) -> io::Result<()>;

    /// Writes an attribute of an entry, all of `bytes` in one call.
    ///
    /// # Errors
    /// The kernel's.
    fn write(&self, entry: &str, attribute: &'static str, bytes: &[u8]) -> io::Result<()>;

    /// Reads an attribute of an entry.
    ///
    /// # Errors
    /// The kernel's.
    fn read(&self, entry: &str, attribute: &'static str) -> io::Result<Vec<u8>>;

    /// Removes an entry.
    ///
    /// # Errors
    /// The kernel's.
    fn remove(&self, entry: &str) -> io::Result<()>;

    /// The tree's place, for messages.
    fn path(&self) -> PathBuf;
}

/// The kernel's own tree.
#[derive(Debug, Clone)]
pub struct TsmDirectory {
    root: PathBuf,
}

impl TsmDirectory {
    /// The tree below `root`, which is `/` except in tests.
    #[must_use]
    pub fn new(root: &std::path::Path) -> Self {
        Self {
            root: root.join(TSM_DIRECTORY),
        }
    }
}

impl TsmTree for TsmDirectory {
    fn make(&self, entry: &str) -> io::Result<()> {
        fs::create_dir(self.root.join(entry))
    }

    fn write(&self, entry: &str, attribute: &'static str, bytes: &[u8]) -> io::Result<()> {
        let path = self.root.join(entry).join(attribute);
        let mut file = OpenOptions::new().write(true).open(path)?;
        // An attribute takes what one call writes: the rest of a short write would be another blob.
        match file.write(bytes)? {
            written if written == bytes.len() => Ok(()),
            _ => Err(io::ErrorKind::WriteZero.into()),
        }
    }

    fn read(&self, entry: &str, attribute: &'static str) -> io::Result<Vec<u8>> {
        let path = self.root.join(entry).join(attribute);
        let mut bytes = Vec::new();
        fs::File::open(path)?
            .take(MAX_BLOB_BYTES)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn remove(&self, entry: &str) -> io::Result<()> {
        fs::remove_dir(self.root.join(entry))
    }

    fn path(&self) -> PathBuf {
        self.root.clone()
    }
}

/// What the kernel gave for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TsmReport {
    /// Which TEE signed it.
    pub kind: TeeKind,
    /// The report, quote or token.
    pub report: Vec<u8>,
    /// What the host adds, empty if nothing: of SEV-SNP the certificate table.
    pub auxiliary: Vec<u8>,
}

/// SEV-SNP, TDX or CCA through configfs-tsm.
#[derive(Debug)]
pub struct TsmAttester<T> {
    tree: T,
    kind: TeeKind,
}

/// An entry, removed when it is dropped: the kernel keeps what nobody removes.
struct Entry<'a, T: TsmTree> {
    tree: &'a T,
    name: String,
}

impl<T: TsmTree> Drop for Entry<'_, T> {
    fn drop(&mut self) {
        // What cannot be removed stays; nobody else takes its name.
        let _ = self.tree.remove(&self.name);
    }
}

impl<'a, T: TsmTree> Entry<'a, T> {
    fn make(tree: &'a T) -> Result<Self, GuestError> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("adyton-{}-{count}", std::process::id());
        match tree.make(&name) {
            Ok(()) => Ok(Self { tree, name }),
            Err(why) => Err(GuestError::File {
                what: "make an entry in",
                path: tree.path(),
                why,
            }),
        }
    }

    fn read(&self, attribute: &'static str) -> Result<Vec<u8>, GuestError> {
        self.tree
            .read(&self.name, attribute)
            .map_err(|why| self.failed("read", attribute, why))
    }

    fn failed(&self, what: &'static str, attribute: &str, why: io::Error) -> GuestError {
        GuestError::File {
            what,
            path: self.tree.path().join(&self.name).join(attribute),
            why,
        }
    }

    fn text(&self, attribute: &'static str) -> Result<String, GuestError> {
        let text = String::from_utf8(self.read(attribute)?);
        let text = text.map_err(|_| GuestError::Answer {
            interface: INTERFACE,
            what: "an attribute is no text",
        })?;
        Ok(text.trim().to_owned())
    }

    fn kind(&self) -> Result<TeeKind, GuestError> {
        match self.text("provider")?.as_str() {
            "sev_guest" => Ok(TeeKind::Snp),
            "tdx_guest" => Ok(TeeKind::Tdx),
            "arm_cca_guest" => Ok(TeeKind::Cca),
            found => Err(GuestError::Provider {
                found: found.chars().take(80).collect(),
            }),
        }
    }

    /// How often an attribute of the entry was written, by whomever.
    fn generation(&self) -> Result<u64, GuestError> {
        self.text("generation")?
            .parse()
            .map_err(|_| GuestError::Answer {
                interface: INTERFACE,
                what: "the generation is no number",
            })
    }

    /// What the host adds; a provider without it has no such attribute, or an empty one.
    fn auxiliary(&self) -> Result<Vec<u8>, GuestError> {
        match self.tree.read(&self.name, "auxblob") {
            Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(why) => Err(self.failed("read", "auxblob", why)),
            Ok(bytes) => Ok(bytes),
        }
    }
}

impl<T: TsmTree> TsmAttester<T> {
    /// Asks the kernel which TEE this is.
    ///
    /// # Errors
    /// [`GuestError`]; [`GuestError::Provider`] for one that is not known.
    pub fn open(tree: T) -> Result<Self, GuestError> {
        let kind = Entry::make(&tree)?.kind()?;
        Ok(Self { tree, kind })
    }

    /// A report over `report_data`, with what the host adds to it. Each attempt has an entry of its
    /// own; one whose generation shows another writer's hand is thrown away.
    ///
    /// # Errors
    /// [`GuestError`]; [`GuestError::Busy`] if somebody disturbed every attempt.
    pub fn report(&self, report_data: &ReportData) -> Result<TsmReport, GuestError> {
        for _ in 0..ATTEMPTS {
            match self.attempt(report_data) {
                Ok(Some(report)) => return Ok(report),
                Ok(None) => {}
                Err(GuestError::File { why, .. }) if is_busy(&why) => {}
                Err(error) => return Err(error),
            }
        }
        Err(GuestError::Busy {
            interface: INTERFACE,
            attempts: ATTEMPTS,
        })
    }

    /// One attempt; `None` if somebody else wrote to the entry meanwhile.
    fn attempt(&self, report_data: &ReportData) -> Result<Option<TsmReport>, GuestError> {
        let entry = Entry::make(&self.tree)?;
        let before = entry.generation()?;
        self.tree
            .write(&entry.name, "inblob", report_data.as_bytes())
            .map_err(|why| entry.failed("write", "inblob", why))?;
        let report = entry.read("outblob")?;
        let auxiliary = entry.auxiliary()?;
        let kind = entry.kind()?;
        // One write, ours, lies between: with any other, the blobs may be of other requests.
        if before.checked_add(1) != Some(entry.generation()?) {
            return Ok(None);
        }
        if report.is_empty() || kind != self.kind {
            return Err(GuestError::Answer {
                interface: INTERFACE,
                what: "the report is empty or of another TEE",
            });
        }
        Ok(Some(TsmReport {
            kind,
            report,
            auxiliary,
        }))
    }
}

fn is_busy(why: &io::Error) -> bool {
    matches!(
        why.kind(),
        io::ErrorKind::ResourceBusy | io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

impl<T: TsmTree> Attester for TsmAttester<T> {
    fn kind(&self) -> TeeKind {
        self.kind
    }

    fn evidence(&self, report_data: &ReportData) -> Result<Evidence, AttesterError> {
        if ct_eq(report_data.as_bytes(), &[0; 64]) {
            return Err(AttesterError::EmptyReportData(*report_data));
        }
        let TsmReport { kind, report, .. } = self.report(report_data)?;
        Ok(Evidence {
            kind,
            bytes: report,
        })
    }

    fn sealing_key(&self, _label: &str) -> Result<SecretArray<32>, AttesterError> {
        Err(GuestError::NoSealingKey { kind: self.kind }.into())
    }
}
