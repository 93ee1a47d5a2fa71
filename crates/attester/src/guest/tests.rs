use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use adyton_codec::Value;
use adyton_types::{ErrorClass, ReportData, TeeKind};
use adyton_vectors::Vectors;

use super::*;
use crate::{Attester, AttesterError};

const DATA: ReportData = ReportData::new([0xab; 64]);

/// A report of SEV-SNP's form over some data.
fn snp_report(data: &[u8]) -> Vec<u8> {
    let mut report = vec![7; 1184];
    report[0x50..0x90].copy_from_slice(data);
    report
}

/// The kernel's configfs-tsm: an attribute exists only in an entry, the generation counts writes,
/// the report is over the blob that was written last.
#[derive(Debug)]
struct FakeTsm {
    provider: &'static str,
    auxiliary: Option<Vec<u8>>,
    /// Given in place of a report over the blob.
    recorded: Option<Vec<u8>>,
    entries: RefCell<BTreeMap<String, (u64, Vec<u8>)>>,
    /// How many more reads of a report another writer disturbs.
    disturbed: Cell<u32>,
    /// How many more reads of a report are refused as busy.
    busy: Cell<u32>,
    made: Cell<u32>,
}

impl FakeTsm {
    fn new(provider: &'static str) -> Self {
        Self {
            provider,
            auxiliary: Some(b"table".to_vec()),
            recorded: None,
            entries: RefCell::default(),
            disturbed: Cell::new(0),
            busy: Cell::new(0),
            made: Cell::new(0),
        }
    }

    fn spend(counter: &Cell<u32>) -> bool {
        let left = counter.get();
        counter.set(left.saturating_sub(1));
        left > 0
    }
}

impl TsmTree for &FakeTsm {
    fn make(&self, entry: &str) -> io::Result<()> {
        self.made.set(self.made.get() + 1);
        match self
            .entries
            .borrow_mut()
            .insert(entry.to_owned(), (0, Vec::new()))
        {
            None => Ok(()),
            Some(_) => Err(io::ErrorKind::AlreadyExists.into()),
        }
    }

    fn write(&self, entry: &str, attribute: &'static str, bytes: &[u8]) -> io::Result<()> {
        let mut entries = self.entries.borrow_mut();
        let (generation, inblob) = entries.get_mut(entry).ok_or(io::ErrorKind::NotFound)?;
        if attribute != "inblob" || bytes.len() > 64 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        *generation += 1;
        *inblob = bytes.to_vec();
        Ok(())
    }

    fn read(&self, entry: &str, attribute: &'static str) -> io::Result<Vec<u8>> {
        let mut entries = self.entries.borrow_mut();
        let (generation, inblob) = entries.get_mut(entry).ok_or(io::ErrorKind::NotFound)?;
        match attribute {
            "provider" => Ok(format!("{}\n", self.provider).into_bytes()),
            "generation" => Ok(format!("{generation}\n").into_bytes()),
            "auxblob" => self.auxiliary.clone().ok_or(io::ErrorKind::NotFound.into()),
            "outblob" if FakeTsm::spend(&self.busy) => Err(io::ErrorKind::ResourceBusy.into()),
            "outblob" if inblob.is_empty() => Err(io::ErrorKind::InvalidInput.into()),
            "outblob" => {
                if FakeTsm::spend(&self.disturbed) {
                    *generation += 1;
                    *inblob = vec![0xee; 64];
                }
                let made = || snp_report(inblob);
                Ok(self.recorded.clone().unwrap_or_else(made))
            }
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn remove(&self, entry: &str) -> io::Result<()> {
        let removed = self.entries.borrow_mut().remove(entry);
        removed.map(drop).ok_or(io::ErrorKind::NotFound.into())
    }

    fn path(&self) -> PathBuf {
        PathBuf::from("/fake")
    }
}

#[test]
fn configfs_gives_evidence_and_is_left_clean() {
    for (provider, kind) in [
        ("sev_guest", TeeKind::Snp),
        ("tdx_guest", TeeKind::Tdx),
        ("arm_cca_guest", TeeKind::Cca),
    ] {
        let kernel = FakeTsm::new(provider);
        let attester = TsmAttester::open(&kernel).unwrap();
        let evidence = attester.evidence(&DATA).unwrap();
        assert_eq!((attester.kind(), evidence.kind), (kind, kind));
        assert_eq!(evidence.bytes, snp_report(DATA.as_bytes()));
        assert_eq!(attester.report(&DATA).unwrap().auxiliary, b"table");
        assert!(kernel.entries.borrow().is_empty());
        let sealing = attester.sealing_key("a").unwrap_err();
        assert_eq!(sealing.class(), ErrorClass::Misuse);
    }
    let mut without = FakeTsm::new("tdx_guest");
    without.auxiliary = None;
    let attester = TsmAttester::open(&without).unwrap();
    assert!(attester.report(&DATA).unwrap().auxiliary.is_empty());
    let empty = attester.evidence(&ReportData::new([0; 64]));
    assert!(matches!(empty, Err(AttesterError::EmptyReportData(_))));
    let unknown = FakeTsm::new("other_guest");
    let refused = TsmAttester::open(&unknown).unwrap_err();
    assert!(matches!(refused, GuestError::Provider { .. }));
    assert!(unknown.entries.borrow().is_empty());
}

#[test]
fn another_writer_costs_attempts_and_never_a_wrong_report() {
    for (disturbed, busy, entries) in [(0, 0, 1), (3, 0, 4), (0, 4, 5), (2, 2, 5)] {
        let kernel = FakeTsm::new("sev_guest");
        let attester = TsmAttester::open(&kernel).unwrap();
        kernel.disturbed.set(disturbed);
        kernel.busy.set(busy);
        kernel.made.set(0);
        let report = attester.report(&DATA).unwrap().report;
        assert_eq!(report, snp_report(DATA.as_bytes()));
        assert_eq!(kernel.made.get(), entries);
        assert!(kernel.entries.borrow().is_empty());
    }
    let kernel = FakeTsm::new("sev_guest");
    let attester = TsmAttester::open(&kernel).unwrap();
    kernel.disturbed.set(100);
    let error = attester.report(&DATA).unwrap_err();
    assert!(matches!(error, GuestError::Busy { attempts: 5, .. }));
    assert_eq!(error.class(), ErrorClass::Unavailable);
    assert!(kernel.entries.borrow().is_empty());
}

/// The real file operations, on files that are no configfs.
#[test]
fn the_tree_is_used_as_the_kernel_has_it() {
    let root = tempfile::tempdir().unwrap();
    let tree = TsmDirectory::new(root.path());
    assert!(tree.make("a").is_err(), "no interface");
    std::fs::create_dir_all(tree.path()).unwrap();
    assert_eq!(
        tree.path(),
        root.path().join("sys/kernel/config/tsm/report")
    );
    tree.make("a").unwrap();
    assert!(tree.make("a").is_err(), "a name is taken once");
    assert!(
        tree.write("a", "inblob", &[1]).is_err(),
        "attributes are the kernel's to make"
    );
    std::fs::write(tree.path().join("a/inblob"), "").unwrap();
    tree.write("a", "inblob", &[1; 64]).unwrap();
    assert_eq!(tree.read("a", "inblob").unwrap(), [1; 64]);
    std::fs::remove_file(tree.path().join("a/inblob")).unwrap();
    tree.remove("a").unwrap();
    assert!(!tree.path().join("a").exists());
    let error = TsmAttester::open(TsmDirectory::new(Path::new("/nonexistent"))).unwrap_err();
    assert!(error.to_string().contains("cannot make an entry in"));
}

/// A kernel and firmware behind `/dev/sev-guest`.
#[derive(Default)]
struct FakeSev {
    throttled: Cell<u32>,
    table: Vec<u8>,
    /// Set in place of an answer: what the kernel returns, and `exitinfo2`.
    refusal: Option<(io::ErrorKind, u64)>,
    /// The status inside the answer.
    status: u32,
    calls: RefCell<Vec<SevCall>>,
}

impl SevGuestKernel for &FakeSev {
    fn call(
        &self,
        call: SevCall,
        request: &[u8],
        response: &mut [u8],
        table: &mut [u8],
    ) -> SevOutcome {
        self.calls.borrow_mut().push(call);
        let failed = |exitinfo2, table_bytes| SevOutcome {
            result: Err(io::ErrorKind::Other.into()),
            exitinfo2,
            table_bytes,
        };
        if FakeTsm::spend(&self.throttled) {
            return failed(2 << 32, 0);
        }
        if let Some((kind, exitinfo2)) = self.refusal {
            return SevOutcome {
                result: Err(kind.into()),
                ..failed(exitinfo2, 0)
            };
        }
        if call == SevCall::ExtendedReport && table.len() < self.table.len() {
            return failed(1 << 32, 4096);
        }
        response[..4].copy_from_slice(&self.status.to_le_bytes());
        match call {
            SevCall::Report | SevCall::ExtendedReport => {
                assert_eq!((request.len(), response.len()), (96, 4000));
                assert_eq!(request[64..], [0; 32], "VMPL 0");
                response[4..8].copy_from_slice(&1184u32.to_le_bytes());
                response[32..32 + 1184].copy_from_slice(&snp_report(&request[..64]));
            }
            SevCall::DerivedKey => {
                assert_eq!((request.len(), response.len()), (32, 64));
                assert_eq!(request[8..16], 9u64.to_le_bytes(), "policy and measurement");
                response[32..].fill(5);
            }
        }
        let table_bytes = if call == SevCall::ExtendedReport {
            table[..self.table.len()].copy_from_slice(&self.table);
            table.len()
        } else {
            0
        };
        SevOutcome {
            result: Ok(()),
            exitinfo2: 0,
            table_bytes,
        }
    }
}

#[test]
fn sev_guest_gives_reports_keys_and_the_hosts_table() {
    let kernel = FakeSev {
        throttled: Cell::new(2),
        table: vec![9; 100],
        ..FakeSev::default()
    };
    let attester = SevGuestAttester::new(&kernel);
    let extended = attester.extended_report(&DATA).unwrap();
    assert_eq!(extended.evidence.bytes, snp_report(DATA.as_bytes()));
    assert_eq!(extended.table.len(), 4096);
    assert_eq!(extended.table[..100], [9; 100]);
    // Throttled twice, then told how much room is needed, then answered.
    assert_eq!(*kernel.calls.borrow(), [SevCall::ExtendedReport; 4]);
    let evidence = attester.evidence(&DATA).unwrap();
    assert_eq!(
        (evidence.kind, evidence.bytes),
        (TeeKind::Snp, snp_report(DATA.as_bytes()))
    );
    let key = |label| *attester.sealing_key(label).unwrap().expose();
    assert_eq!(key("a"), key("a"));
    assert_ne!(key("a"), key("b"));
    assert_ne!(key("a"), [5; 32]);
}

#[test]
fn sev_guest_names_who_refused() {
    let refused = |refusal, status| {
        let kernel = FakeSev {
            refusal,
            status,
            ..FakeSev::default()
        };
        let attester = SevGuestAttester::new(&kernel);
        let sealing = attester
            .sealing_key("a")
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert!(sealing.contains("no Evidence or key"));
        attester.extended_report(&DATA).unwrap_err().to_string()
    };
    let io = Some((io::ErrorKind::Other, 0x16));
    assert!(refused(io, 0).contains("INVALID_PARAM"));
    let unknown = Some((io::ErrorKind::Other, 0x7777));
    assert!(refused(unknown, 0).contains("0x7777"));
    let hypervisor = Some((io::ErrorKind::Other, 9 << 32));
    assert!(refused(hypervisor, 0).contains("hypervisor refused: error 0x9"));
    let no_room = Some((io::ErrorKind::Other, 1 << 32));
    assert!(refused(no_room, 0).contains("too small"));
    let kernel = Some((io::ErrorKind::PermissionDenied, 0));
    assert!(refused(kernel, 0).contains("the kernel refused SNP_GET_EXT_REPORT"));
    assert!(refused(None, 0x27).contains("INVALID_KEY"));

    let busy = FakeSev {
        throttled: Cell::new(100),
        ..FakeSev::default()
    };
    let error = SevGuestAttester::new(&busy)
        .extended_report(&DATA)
        .unwrap_err();
    assert!(matches!(error, GuestError::Busy { attempts: 8, .. }));
    let large = FakeSev {
        refusal: None,
        table: vec![0; 1],
        ..FakeSev::default()
    };
    assert_eq!(
        SevGuestAttester::new(&large)
            .extended_report(&DATA)
            .unwrap()
            .table
            .len(),
        4096
    );
}

#[test]
fn gramine_attests_by_its_files() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("dev/attestation");
    std::fs::create_dir_all(directory.join("keys")).unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(directory.join(name), bytes).unwrap();
    assert!(GramineAttester::open(root.path()).is_err(), "no files");
    write("attestation_type", b"epid");
    let other = GramineAttester::open(root.path()).unwrap_err();
    assert!(matches!(other, GuestError::AttestationType { .. }));
    write("attestation_type", b"dcap\n");
    let attester = GramineAttester::open(root.path()).unwrap();
    assert!(attester.quote(&DATA).is_err(), "no user_report_data");
    write("user_report_data", b"");
    let mut quote = vec![3; 432];
    quote[368..].copy_from_slice(DATA.as_bytes());
    write("quote", &quote);
    let evidence = attester.evidence(&DATA).unwrap();
    assert_eq!(
        (evidence.kind, evidence.bytes),
        (TeeKind::Sgx, quote.clone())
    );
    let written = std::fs::read(directory.join("user_report_data")).unwrap();
    assert_eq!(written, DATA.as_bytes());
    // Somebody else used the files in between.
    quote[368] ^= 1;
    write("quote", &quote);
    assert!(matches!(
        attester.quote(&DATA),
        Err(GuestError::Answer { .. })
    ));
    assert!(attester.sealing_key("a").is_err(), "no key");
    write("keys/_sgx_mrenclave", &[4; 16]);
    let key = |label| *attester.sealing_key(label).unwrap().expose();
    assert_eq!(key("a"), key("a"));
    assert_ne!(key("a"), key("b"));
}

type Answering = dyn Fn(&[u8]) -> io::Result<Vec<u8>>;

struct FakeNsm(Box<Answering>);

impl NsmKernel for FakeNsm {
    fn call(&self, request: &[u8]) -> io::Result<Vec<u8>> {
        (self.0)(request)
    }
}

#[test]
fn nsm_gives_the_document_that_was_asked_for() {
    let attester = NsmAttester::new(FakeNsm(Box::new(|request| {
        let mut fields = Value::decode(request)
            .unwrap()
            .into_fields("request")
            .unwrap();
        let attestation = fields.required("Attestation").unwrap();
        fields.finish().unwrap();
        let mut fields = attestation.into_fields("Attestation").unwrap();
        assert_eq!(fields.bytes("user_data").unwrap().as_ref(), DATA.as_bytes());
        assert_eq!(fields.required("nonce").unwrap(), Value::Null);
        assert_eq!(fields.required("public_key").unwrap(), Value::Null);
        fields.finish().unwrap();
        let document = Value::map([("document", Value::bytes(b"signed"))]);
        Ok(Value::map([("Attestation", document)]).encode())
    })));
    let evidence = attester.evidence(&DATA).unwrap();
    assert_eq!(
        (evidence.kind, evidence.bytes),
        (TeeKind::Nitro, b"signed".to_vec())
    );
    assert!(attester.sealing_key("a").is_err());
}

#[test]
fn nsm_refusals_are_told_apart() {
    let answered = |answer: Vec<u8>| {
        let attester = NsmAttester::new(FakeNsm(Box::new(move |_| Ok(answer.clone()))));
        attester.document(&DATA).unwrap_err()
    };
    let error = Value::map([("Error", Value::text("InputTooLarge"))]).encode();
    assert!(answered(error).to_string().contains("InputTooLarge"));
    let other = Value::map([("document", Value::bytes(b"signed"))]);
    for bad in [
        Value::map([("DescribeNSM", other.clone())]).encode(),
        Value::map([("Attestation", Value::text("signed"))]).encode(),
        Value::map([("Attestation", Value::map([]))]).encode(),
        vec![],
        vec![0xff],
    ] {
        assert!(matches!(answered(bad), GuestError::Answer { .. }));
    }
    let refused = NsmAttester::new(FakeNsm(Box::new(|_| {
        Err(io::ErrorKind::InvalidInput.into())
    })));
    assert!(matches!(
        refused.document(&DATA),
        Err(GuestError::Call { .. })
    ));
}

/// The calls that are made are those of the devices: a file that is none refuses them.
#[test]
fn a_file_that_is_no_device_refuses_the_calls() {
    let root = tempfile::tempdir().unwrap();
    assert!(SevGuestDevice::open(root.path()).is_err());
    assert!(NsmDevice::open(root.path()).is_err());
    std::fs::create_dir(root.path().join("dev")).unwrap();
    std::fs::write(root.path().join("dev/sev-guest"), "").unwrap();
    std::fs::write(root.path().join("dev/nsm"), "").unwrap();
    let nsm = NsmAttester::new(NsmDevice::open(root.path()).unwrap());
    assert!(matches!(nsm.document(&DATA), Err(GuestError::Call { .. })));
    let sev = SevGuestAttester::new(SevGuestDevice::open(root.path()).unwrap());
    let error = sev.extended_report(&DATA).unwrap_err();
    assert!(matches!(error, GuestError::Call { .. }), "{error}");
    assert!(sev.evidence(&DATA).is_err() && sev.sealing_key("a").is_err());
}

/// Recorded Evidence passes through the drivers as it is, and has the form that the Verifiers take.
#[test]
fn recorded_evidence_passes_through() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let snp = vectors.starting("snp", "Dstack-TEE_dstack__sev_snp");
    let tdx = vectors.starting("tdx-v4", "Dstack-TEE_dstack__quote-report");
    let cca = vectors.starting("cca", "veraison_rust-ccatoken__testdata_cca-token-draft");
    let nitro = vectors.starting("nitro", "ldclabs_ic-tee__attestation2");
    let sgx = vectors.starting("sgx-v3", "fortanix_rust-sgx__quote.bin");
    for (provider, bytes) in [
        ("sev_guest", &snp),
        ("tdx_guest", &tdx),
        ("arm_cca_guest", &cca),
    ] {
        let mut kernel = FakeTsm::new(provider);
        kernel.recorded = Some(bytes.clone());
        let attester = TsmAttester::open(&kernel).unwrap();
        assert_eq!(attester.evidence(&DATA).unwrap().bytes, *bytes);
    }
    adyton_tee_amd_snp::SnpReport::parse(&snp).unwrap();
    adyton_tee_arm_cca::CcaToken::parse(&cca).unwrap();
    adyton_tee_intel_dcap::Quote::parse(&tdx).unwrap();

    let document = Value::map([("document", Value::bytes(&nitro))]);
    let answer = Value::map([("Attestation", document)]).encode();
    let nsm = NsmAttester::new(FakeNsm(Box::new(move |_| Ok(answer.clone()))));
    assert_eq!(nsm.evidence(&DATA).unwrap().bytes, nitro);
    adyton_tee_aws_nitro::NitroDocument::parse(&nitro).unwrap();

    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("dev/attestation");
    std::fs::create_dir_all(&directory).unwrap();
    for (name, bytes) in [
        ("attestation_type", &b"dcap"[..]),
        ("user_report_data", b""),
        ("quote", &sgx),
    ] {
        std::fs::write(directory.join(name), bytes).unwrap();
    }
    let data = ReportData::new(sgx[368..432].try_into().unwrap());
    let gramine = GramineAttester::open(root.path()).unwrap();
    assert_eq!(gramine.quote(&data).unwrap(), sgx);
    adyton_tee_intel_dcap::Quote::parse(&sgx).unwrap();
}
