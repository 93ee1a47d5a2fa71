use std::io;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command as Process, Stdio};
use std::thread;
use std::time::Duration;

use adyton_crypto::{os_rng, sha256};
use adyton_tee_tcg_tpm::{
    AkSource, Enrolment, Expected, HashAlg, Hierarchy, PcrSelection, PcrSet, TpmEndorsements,
    TpmError, TrustedEk, make_credential, verify,
};
use adyton_types::{ReportData, UnixTime};

use super::command::{Command, PASSWORD};
use super::{EkKind, StreamTransport, Tpm, TpmAttester, TpmDriverError, TpmTransport};
use crate::Attester;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// A TPM in software, ended with the test.
struct Swtpm {
    child: Child,
    directory: tempfile::TempDir,
}

impl Swtpm {
    /// `None`, said in a line, where swtpm is not installed.
    fn start() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().display();
        let child = Process::new("swtpm")
            .args(["socket", "--tpm2", "--flags", "not-need-init,startup-clear"])
            .args(["--tpmstate", &format!("dir={path}")])
            .args(["--server", &format!("type=unixio,path={path}/socket")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match child {
            Ok(child) => Some(Self { child, directory }),
            Err(why) if why.kind() == io::ErrorKind::NotFound => {
                println!("skipped: swtpm is not installed");
                None
            }
            Err(why) => panic!("swtpm: {why}"),
        }
    }

    fn connect(&self) -> Tpm {
        let socket = self.directory.path().join("socket");
        for _ in 0..500 {
            match UnixStream::connect(&socket) {
                Ok(stream) => return Tpm::new(StreamTransport::new(stream)),
                Err(_) => thread::sleep(Duration::from_millis(10)),
            }
        }
        panic!("swtpm does not listen");
    }
}

impl Drop for Swtpm {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn selection(indices: &[u8]) -> PcrSelection {
    PcrSelection::new(
        HashAlg::Sha256,
        PcrSet::new(indices.iter().copied()).unwrap(),
    )
}

/// Enrols the AK of a TPM by each kind of EK, and verifies its quotes.
#[test]
fn quotes_of_an_enrolled_key_verify() {
    let Some(swtpm) = Swtpm::start() else { return };
    let mut tpm = swtpm.connect();
    tpm.extend_pcr(7, &sha256(&[b"measured"])).unwrap();
    let ak = tpm.attestation_key().unwrap();
    let (public, qualified) = tpm.read_public(&ak).unwrap();
    assert_eq!(&public, ak.public());
    assert_eq!(qualified.len(), 34);
    let mut enrolled = Vec::new();
    for kind in [EkKind::EccP256, EkKind::Rsa2048] {
        assert_eq!(tpm.ek_certificate(kind).unwrap(), None);
        let ek = tpm.endorsement_key(kind).unwrap();
        let pin = ek.public().key().fingerprint();
        let trusted = TrustedEk::pinned(ek.public().clone(), &pin).unwrap();
        let (pending, credential) =
            Enrolment::begin(&trusted, public.clone(), &mut os_rng()).unwrap();
        let secret = tpm.activate_credential(&ek, &ak, &credential).unwrap();
        enrolled.push(pending.finish(secret.expose(), NOW, 3600).unwrap());
        // A credential for another object does not open, whatever its secret.
        let other = make_credential(ek.public(), &[0; 34], b"secret", &mut os_rng()).unwrap();
        let refused = tpm.activate_credential(&ek, &ak, &other);
        assert!(matches!(refused, Err(TpmDriverError::Refused { .. })));
        let (pending, _) = Enrolment::begin(&trusted, public.clone(), &mut os_rng()).unwrap();
        let wrong = pending.finish(secret.expose(), NOW, 3600);
        assert_eq!(wrong, Err(TpmError::Activation));
        tpm.flush(&ek).unwrap();
    }
    tpm.flush(&ak).unwrap();
    let attester = TpmAttester::new(tpm, selection(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9])).unwrap();
    assert_eq!(attester.ak(), &public);
    let data = ReportData::new([5; 64]);
    let evidence = attester.evidence(&data).unwrap();
    for ak in enrolled {
        let trusted = TpmEndorsements::new(Vec::new()).with_enrolled(ak.clone());
        let expected = Expected {
            nonce: &data.as_bytes()[..32],
            selection: selection(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        };
        let claims = verify(&evidence.bytes, &trusted, &expected, NOW)
            .unwrap()
            .into_claims();
        assert_eq!(claims.ak_source, AkSource::Enrolment { ek: ak.ek() });
        assert_eq!(claims.hierarchy, Some(Hierarchy::Endorsement));
        let measured = sha256(&[&[0; 32], &sha256(&[b"measured"])]);
        assert_eq!(claims.pcrs.value(7), Some(measured.as_slice()));
        let narrow = Expected {
            selection: selection(&[7]),
            ..expected
        };
        let error = verify(&evidence.bytes, &trusted, &narrow, NOW).unwrap_err();
        assert_eq!(error.check(), "pcr-selection");
    }
    assert!(attester.evidence(&ReportData::new([0; 64])).is_err());
}

/// A guest may reset PCRs 16 and 23 and extend them with what it likes. A real TPM signs them; the
/// selection alone tells them from 0 and 7.
#[test]
fn quoted_resettable_pcrs_do_not_pass_as_others() {
    let Some(swtpm) = Swtpm::start() else { return };
    let mut tpm = swtpm.connect();
    let wanted = selection(&[0, 7]);
    let golden = [sha256(&[b"good firmware"]), sha256(&[b"good policy"])];
    for (index, digest) in [16u8, 23].into_iter().zip(&golden) {
        Command::new("TPM2_PCR_Reset", 0x13D)
            .handle(index.into())
            .session(PASSWORD)
            .send(tpm.transport(), 0)
            .unwrap();
        tpm.extend_pcr(index, digest).unwrap();
    }
    let attester = TpmAttester::new(tpm, selection(&[16, 23])).unwrap();
    let mut evidence = attester.quote(b"nonce").unwrap();
    // The values, in order, under the indices that policy looks at.
    let shown = [0, 7].into_iter().zip([16, 23]);
    let shown = shown.map(|(to, from)| (to, evidence.pcrs.value(from).unwrap().to_vec()));
    evidence.pcrs =
        adyton_tee_tcg_tpm::PcrValues::new(HashAlg::Sha256, shown.collect::<Vec<_>>()).unwrap();
    let record = adyton_tee_tcg_tpm::forge::enrolled(attester.ak(), NOW);
    let trusted = TpmEndorsements::new(Vec::new()).with_enrolled(record);
    let expected = Expected {
        nonce: b"nonce",
        selection: wanted,
    };
    let error = verify(&evidence.encode(), &trusted, &expected, NOW).unwrap_err();
    assert!(matches!(error, TpmError::Selection { .. }), "{error}");
    assert_eq!(error.check(), "pcr-selection");
}

#[test]
fn sealing_keys_are_of_a_tpm_its_pcrs_and_a_label() {
    let Some(swtpm) = Swtpm::start() else { return };
    let mut tpm = swtpm.connect();
    let of = selection(&[7, 11]);
    let mut key = |label| *tpm.sealing_key(of, label).unwrap().expose();
    let (a, b) = (key("a"), key("b"));
    assert_eq!(a, key("a"));
    assert_ne!(a, b);
    let before = tpm.read_pcrs(of).unwrap().digest(HashAlg::Sha256);
    tpm.extend_pcr(11, &[1; 32]).unwrap();
    assert_ne!(a, *tpm.sealing_key(of, "a").unwrap().expose());
    // The old key's template is no secret; its policy no longer holds.
    let refused = tpm.sealing_key_under(of, &before, "a");
    assert!(matches!(
        refused,
        Err(TpmDriverError::Refused {
            command: "TPM2_HMAC",
            ..
        })
    ));
    let Some(other) = Swtpm::start() else { return };
    assert_ne!(a, *other.connect().sealing_key(of, "a").unwrap().expose());
}

#[test]
fn nv_indices_are_read_whole() {
    let Some(swtpm) = Swtpm::start() else { return };
    let mut tpm = swtpm.connect();
    let index = EkKind::Rsa2048.certificate_index();
    let mut certificate = vec![0x30, 0x82, 0x02, 0x54];
    certificate.extend((0..0x254u32).map(|n| n.to_be_bytes()[3]));
    let size = u16::try_from(certificate.len() + 8).unwrap();
    // Index, name's hash, AUTHREAD, AUTHWRITE, OWNERREAD, OWNERWRITE, no policy, size.
    let mut public = index.to_be_bytes().to_vec();
    public.extend([0, 0x0B]);
    public.extend(0x0006_0006u32.to_be_bytes());
    public.extend([0, 0]);
    public.extend(size.to_be_bytes());
    Command::new("TPM2_NV_DefineSpace", 0x12A)
        .handle(Hierarchy::Owner.handle())
        .session(PASSWORD)
        .sized(&[], "auth")
        .sized(&public, "publicInfo")
        .send(tpm.transport(), 0)
        .unwrap();
    let mut whole = certificate.clone();
    whole.extend([0xFF; 8]);
    for (n, part) in whole.chunks(400).enumerate() {
        Command::new("TPM2_NV_Write", 0x137)
            .handle(Hierarchy::Owner.handle())
            .handle(index)
            .session(PASSWORD)
            .sized(part, "data")
            .u16(u16::try_from(n * 400).unwrap())
            .send(tpm.transport(), 0)
            .unwrap();
    }
    assert_eq!(
        tpm.nv_read(index).unwrap().as_deref(),
        Some(whole.as_slice())
    );
    assert_eq!(
        tpm.ek_certificate(EkKind::Rsa2048).unwrap(),
        Some(certificate)
    );
    assert_eq!(tpm.nv_read(0x0140_0001).unwrap(), None);
}

/// Answers with what the test says, whatever it is asked.
#[derive(Debug)]
struct Scripted(Vec<u8>);

impl TpmTransport for Scripted {
    fn transact(&mut self, _: &[u8]) -> io::Result<Vec<u8>> {
        Ok(self.0.clone())
    }
}

#[test]
fn malformed_answers_are_refused() {
    let quote = |bytes: &[u8]| Tpm::new(Scripted(bytes.to_vec())).nv_read(1).map(drop);
    let answers: [&[u8]; 5] = [
        &[],
        &[0x80, 1, 0, 0, 0, 9, 0, 0, 0, 0],
        &[0x80, 2, 0, 0, 0, 10, 0, 0, 0, 0],
        &[0x80, 1, 0, 0, 0, 10, 0, 0, 0, 0],
        &[0x80, 1, 0, 0, 0, 12, 0, 0, 0, 0, 0xFF, 0xFF],
    ];
    for bytes in answers {
        assert!(
            matches!(quote(bytes), Err(TpmDriverError::Answer { .. })),
            "{bytes:?}"
        );
    }
    let refused = quote(&[0x80, 1, 0, 0, 0, 10, 0, 0, 1, 1]);
    assert!(matches!(
        refused,
        Err(TpmDriverError::Refused { code: 0x101, .. })
    ));
}
