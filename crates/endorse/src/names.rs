use adyton_codec::hex_encode;
use adyton_crypto::sha256;
use adyton_pki::OcspQuestion;
use adyton_verifier::EndorsementNeeded;

use crate::Channel;

/// The longest part of a name that comes from Evidence: what is longer becomes its digest, since no
/// file system here takes more than 255 bytes.
const MAX_ID_BYTES: usize = 160;

/// Names of the files of one Endorsement: the answer's, and that of the certificates above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    stem: String,
    ending: &'static str,
}

impl Names {
    fn new(stem: impl Into<String>, ending: &'static str) -> Self {
        Self {
            stem: stem.into(),
            ending,
        }
    }

    pub(crate) fn answer(&self) -> String {
        format!("{}.{}", self.stem, self.ending)
    }

    pub(crate) fn chain(&self) -> String {
        format!("{}.chain.pem", self.stem)
    }

    pub(crate) fn of(needed: &EndorsementNeeded, channel: Channel) -> Option<Self> {
        use EndorsementNeeded as Needed;
        let channel = channel.suffix();
        Some(match needed {
            Needed::IntelTcbInfo { tee, fmspc, .. } => {
                let (tee, fmspc) = (tee.kind(), hex_encode(fmspc));
                Self::new(format!("intel-tcb-info-{tee}-{fmspc}{channel}"), "json")
            }
            Needed::IntelQeIdentity { tee, .. } => {
                let tee = tee.kind();
                Self::new(format!("intel-qe-identity-{tee}{channel}"), "json")
            }
            Needed::IntelPckCrl { ca, .. } => Self::new(format!("intel-pck-{ca}"), "crl"),
            Needed::IntelRootCrl { .. } => Self::new("intel-root", "crl"),
            Needed::IntelPck { query, .. } => {
                let query = query.as_ref()?;
                let parts: [&[u8]; 5] = [
                    &query.qe_id,
                    &query.encrypted_ppid,
                    &query.cpu_svn,
                    &query.pce_svn,
                    &query.pce_id,
                ];
                Self::new(format!("intel-pck-{}", short(&parts)), "pem")
            }
            Needed::AmdVcek {
                generation, chip, ..
            } => {
                let (id, tcb) = chip.as_ref()?;
                let tcb: Vec<String> = tcb.components().map(|(_, v)| v.to_string()).collect();
                let (id, tcb) = (hex_encode(id), tcb.join("."));
                let generation = generation.as_str().to_ascii_lowercase();
                Self::new(format!("amd-vcek-{generation}-{id}-{tcb}"), "der")
            }
            Needed::AmdChain { generation, url } => {
                let generation = generation.as_str().to_ascii_lowercase();
                Self::new(format!("amd-chain-{}-{generation}", kind(url)), "pem")
            }
            Needed::AmdCrl { generation, url } => {
                let generation = generation.as_str().to_ascii_lowercase();
                Self::new(format!("amd-{}-{generation}", kind(url)), "crl")
            }
            Needed::NvidiaRim { id, .. } => Self::new(format!("nvidia-rim-{}", clean(id)), "xml"),
            _ => return None,
        })
    }

    pub(crate) fn of_ocsp(question: &OcspQuestion) -> Self {
        let digest = short(&[question.certificate().der()]);
        Self::new(format!("nvidia-ocsp-{digest}"), "der")
    }
}

fn kind(url: &str) -> &'static str {
    if url.contains("/vlek/") {
        "vlek"
    } else {
        "vcek"
    }
}

/// A word of unverified Evidence as part of a file's name: itself if it is harmless, or a digest.
fn clean(id: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if id.len() <= MAX_ID_BYTES && id.chars().all(harmless) {
        id.to_owned()
    } else {
        short(&[id.as_bytes()])
    }
}

fn short(parts: &[&[u8]]) -> String {
    let mut hex = hex_encode(&sha256(parts));
    hex.truncate(32);
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_evidence_name_no_other_place() {
        assert_eq!(
            clean("NV_GPU_DRIVER_GH100_550.90.07"),
            "NV_GPU_DRIVER_GH100_550.90.07"
        );
        for id in ["../../etc/passwd", "a/b", "a\0b", &"x".repeat(300)] {
            let name = clean(id);
            assert!(
                name.len() == 32 && name.chars().all(|c| c.is_ascii_hexdigit()),
                "{name}"
            );
        }
    }
}
