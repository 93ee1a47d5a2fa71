use std::fmt::Write as _;

use adyton_codec::hex_encode;
use adyton_pki::{MAX_OCSP_BYTES, OcspQuestion};
use adyton_verifier::material::MAX_FILE_BYTES;
use adyton_verifier::{EndorsementNeeded, PckQuery};

use crate::ask::Ask;
use crate::names::Names;
use crate::{BaseUrl, Channel};

const AMD: &str = "https://kdsintf.amd.com";
const INTEL: &str = "https://api.trustedservices.intel.com";
const INTEL_ROOT_CRL: &str = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";
const NVIDIA_RIM: &str = "https://rim.attestation.nvidia.com";
const NVIDIA_OCSP: &str = "https://ocsp.ndis.nvidia.com";

/// The largest answer of few certificates, or of one document of Intel's: some 40 KiB are seen.
const SMALL: u64 = 512 << 10;

/// Where Endorsements are asked for: by default the vendors' own services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// AMD's Key Distribution Service, or a mirror with the same paths.
    pub kds: BaseUrl,
    /// A caching service of Intel's design (PCCS) in place of Intel's own.
    pub pccs: Option<BaseUrl>,
    /// Which TCB info is asked for.
    pub channel: Channel,
    /// NVIDIA's service of manifests.
    pub rim: BaseUrl,
    /// NVIDIA's OCSP responder.
    pub ocsp: BaseUrl,
}

impl Default for Sources {
    fn default() -> Self {
        Self {
            kds: BaseUrl::known(AMD),
            pccs: None,
            channel: Channel::default(),
            rim: BaseUrl::known(NVIDIA_RIM),
            ocsp: BaseUrl::known(NVIDIA_OCSP),
        }
    }
}

impl Sources {
    /// Whether any of them is asked under HTTPS.
    pub(crate) fn https(&self) -> bool {
        let own = [&self.kds, &self.rim, &self.ocsp];
        let mut all = own.into_iter().chain(&self.pccs);
        self.pccs.is_none() || all.any(|base| base.as_str().starts_with("https://"))
    }

    /// The request for an Endorsement; none if nobody here serves it.
    pub(crate) fn ask(&self, needed: &EndorsementNeeded) -> Option<Ask> {
        use EndorsementNeeded as Needed;
        let names = Names::of(needed, self.channel)?;
        let chain_header = match needed {
            Needed::IntelTcbInfo { .. } => Some("TCB-Info-Issuer-Chain"),
            Needed::IntelQeIdentity { .. } => Some("SGX-Enclave-Identity-Issuer-Chain"),
            Needed::IntelPckCrl { .. } => Some("SGX-PCK-CRL-Issuer-Chain"),
            Needed::IntelPck { .. } => Some("SGX-PCK-Certificate-Issuer-Chain"),
            _ => None,
        };
        let limit = match needed {
            Needed::IntelTcbInfo { .. }
            | Needed::IntelQeIdentity { .. }
            | Needed::IntelPck { .. }
            | Needed::AmdVcek { .. }
            | Needed::AmdChain { .. } => SMALL,
            // Revocation lists grow, and a manifest comes in base64 in JSON.
            _ => MAX_FILE_BYTES as u64,
        };
        Some(Ask {
            url: self.url(needed)?,
            body: None,
            nonce: None,
            limit,
            chain_header,
            names,
        })
    }

    /// The question to NVIDIA's responder, with a fresh nonce.
    pub(crate) fn ask_ocsp(&self, question: &OcspQuestion, nonce: [u8; 32]) -> Ask {
        Ask {
            url: self.ocsp.to_string(),
            body: Some(question.request(&nonce)),
            nonce: Some(nonce),
            limit: MAX_OCSP_BYTES as u64,
            chain_header: None,
            names: Names::of_ocsp(question),
        }
    }

    fn url(&self, needed: &EndorsementNeeded) -> Option<String> {
        use EndorsementNeeded as Needed;
        let moved = |from: &str, to: &BaseUrl| {
            let path = needed.url()?.strip_prefix(from)?;
            Some(format!("{to}{path}"))
        };
        match needed {
            Needed::AmdVcek { .. } | Needed::AmdChain { .. } | Needed::AmdCrl { .. } => {
                moved(AMD, &self.kds)
            }
            Needed::IntelTcbInfo { .. } | Needed::IntelQeIdentity { .. } => {
                let mut url = self.intel(needed.url()?)?;
                let first = if url.contains('?') { '&' } else { '?' };
                // An older PCCS does not know the word: the default is not spelled out.
                if self.channel != Channel::Standard {
                    let _ = write!(url, "{first}update={}", self.channel.query());
                }
                Some(url)
            }
            Needed::IntelPckCrl { .. } => self.intel(needed.url()?),
            Needed::IntelRootCrl { .. } => Some(match &self.pccs {
                Some(pccs) => format!("{pccs}/sgx/certification/v4/rootcacrl"),
                None => INTEL_ROOT_CRL.to_owned(),
            }),
            Needed::IntelPck { query, .. } => Some(pck(self.pccs.as_ref()?, query.as_ref()?)),
            Needed::NvidiaRim { .. } => moved(NVIDIA_RIM, &self.rim),
            _ => None,
        }
    }

    fn intel(&self, url: &str) -> Option<String> {
        let path = url.strip_prefix(INTEL)?;
        let base = self.pccs.as_ref().map_or(INTEL, BaseUrl::as_str);
        Some(format!("{base}{path}"))
    }
}

/// "Get PCK Certificate" of a PCCS. Intel's own service wants a subscription's key for it.
fn pck(pccs: &BaseUrl, query: &PckQuery) -> String {
    format!(
        "{pccs}/sgx/certification/v4/pckcert?qeid={}&encrypted_ppid={}&cpusvn={}&pcesvn={}&pceid={}",
        hex_encode(&query.qe_id),
        hex_encode(&query.encrypted_ppid),
        hex_encode(&query.cpu_svn),
        hex_encode(&query.pce_svn),
        hex_encode(&query.pce_id),
    )
}
