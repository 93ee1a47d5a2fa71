use adyton_codec::Value;
use adyton_types::UnixTime;

use super::ForgedAk;
use super::ak::sized;
use crate::{
    ATTEST_QUOTE, EnrolledAk, HashAlg, PcrSet, PcrValues, TPM_GENERATED, TpmEvidence, TpmPublic,
};

/// A quote with every field open to deviation.
#[derive(Debug, Clone)]
pub struct QuoteForge {
    /// `magic`.
    pub magic: u32,
    /// `type`.
    pub kind: u16,
    /// `qualifiedSigner`; `None` for that of a primary key of the endorsement hierarchy.
    pub qualified_signer: Option<Vec<u8>>,
    /// `extraData`.
    pub nonce: Vec<u8>,
    /// `clockInfo.clock`.
    pub clock: u64,
    /// `clockInfo.resetCount`.
    pub reset_count: u32,
    /// `clockInfo.restartCount`.
    pub restart_count: u32,
    /// `firmwareVersion`.
    pub firmware_version: u64,
    /// The selection in the quote; `None` for that of the values.
    pub selection: Option<Vec<(u16, PcrSet)>>,
    /// The digest in the quote; `None` for that of the values.
    pub digest: Option<Vec<u8>>,
    /// Bytes after the structure, inside what is signed.
    pub trailing: Vec<u8>,
    /// The values that go with it.
    pub pcrs: PcrValues,
    /// The event log that goes with it.
    pub log: Option<Vec<u8>>,
}

impl QuoteForge {
    /// A right quote over these values for this nonce.
    #[must_use]
    pub fn new(nonce: &[u8], pcrs: PcrValues) -> Self {
        Self {
            magic: TPM_GENERATED,
            kind: ATTEST_QUOTE,
            qualified_signer: None,
            nonce: nonce.to_vec(),
            clock: 1000,
            reset_count: 3,
            restart_count: 1,
            firmware_version: 0x2024_0101,
            selection: None,
            digest: None,
            trailing: Vec::new(),
            pcrs,
            log: None,
        }
    }

    /// `TPMS_ATTEST`.
    #[must_use]
    pub fn attest(&self, ak: &ForgedAk) -> Vec<u8> {
        let mut out = self.magic.to_be_bytes().to_vec();
        out.extend(self.kind.to_be_bytes());
        let signer = self.qualified_signer.clone();
        out.extend(sized(&signer.unwrap_or_else(|| qualified_name(ak))));
        out.extend(sized(&self.nonce));
        out.extend(self.clock.to_be_bytes());
        out.extend(self.reset_count.to_be_bytes());
        out.extend(self.restart_count.to_be_bytes());
        out.push(1);
        out.extend(self.firmware_version.to_be_bytes());
        let own = vec![(self.pcrs.bank().id(), self.pcrs.set())];
        let selection = self.selection.clone().unwrap_or(own);
        out.extend(
            u32::try_from(selection.len())
                .unwrap_or(u32::MAX)
                .to_be_bytes(),
        );
        for (bank, set) in selection {
            out.extend(bank.to_be_bytes());
            out.push(3);
            out.extend(set.to_select());
        }
        let digest = self.pcrs.digest(HashAlg::Sha256);
        out.extend(sized(self.digest.as_ref().unwrap_or(&digest)));
        out.extend_from_slice(&self.trailing);
        out
    }

    /// Evidence in the container, signed by `ak`, without certificates.
    #[must_use]
    pub fn evidence(&self, ak: &ForgedAk) -> TpmEvidence {
        let quote = self.attest(ak);
        TpmEvidence {
            signature: ak.sign(&quote),
            quote,
            pcrs: self.pcrs.clone(),
            ak: ak.public(),
            chain: Vec::new(),
            log: self.log.clone(),
        }
    }
}

/// The qualified name of a primary key of the endorsement hierarchy.
fn qualified_name(ak: &ForgedAk) -> Vec<u8> {
    let handle = crate::Hierarchy::Endorsement.handle().to_be_bytes();
    match TpmPublic::parse(&ak.public()) {
        Ok(public) => {
            let alg = public.name_alg();
            let mut name = alg.id().to_be_bytes().to_vec();
            name.extend(alg.digest(&[&handle, &public.name()]));
            name
        }
        Err(_) => Vec::new(),
    }
}

/// What an enrolment of a key, good until `until`, would have left in the Verifier's store.
///
/// # Panics
/// Never: the record is one.
#[must_use]
pub fn enrolled(ak: &TpmPublic, until: UnixTime) -> EnrolledAk {
    let record = Value::map([
        ("v", Value::text("adyton/tpm-enrolment/v1")),
        ("name", Value::bytes(&ak.name())),
        ("ek", Value::bytes(&[7; 32])),
        ("enrolled", Value::Uint(1_700_000_000)),
        ("until", Value::Uint(until.as_secs())),
    ])
    .encode();
    EnrolledAk::danger_from_store(&record).expect("a record")
}
