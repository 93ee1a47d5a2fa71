use std::fmt;

use adyton_codec::hex_encode;
use adyton_tee_amd_snp::{Generation, TcbVersion};
use adyton_tee_intel_dcap::{IntelTee, PckCa, PckPlatform};

/// An Endorsement that Evidence needs before it can be verified, told by unverified fields of the
/// Evidence: good for fetching, and for nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndorsementNeeded {
    /// Intel's TCB info for a platform, with its signer's certificates.
    IntelTcbInfo {
        /// For which TEE.
        tee: IntelTee,
        /// For which platforms.
        fmspc: [u8; 6],
        /// Where Intel has it.
        url: String,
    },
    /// Intel's identity of the quoting enclave.
    IntelQeIdentity {
        /// For which TEE.
        tee: IntelTee,
        /// Where Intel has it.
        url: String,
    },
    /// The revocation list of the CA that issued the platform's certificate, with that CA's.
    IntelPckCrl {
        /// `platform` or `processor`.
        ca: &'static str,
        /// Where Intel has it.
        url: String,
    },
    /// The revocation list of Intel's root.
    IntelRootCrl {
        /// Where Intel has it.
        url: String,
    },
    /// The platform's certificate: the quote carries none.
    IntelPck {
        /// For which TEE.
        tee: IntelTee,
        /// Type of the certification data that it carries instead.
        certification: u16,
        /// What a caching service finds it by, if the quote says that.
        query: Option<PckQuery>,
    },
    /// The certificate of the chip's key at the reported TCB.
    AmdVcek {
        /// The processor's generation.
        generation: Generation,
        /// Which chip, and which TCB in the layout of that generation; none where the report hides
        /// its chip.
        chip: Option<(Vec<u8>, TcbVersion)>,
        /// Where AMD has it; none where the report hides its chip.
        url: Option<String>,
    },
    /// The certificate of the cloud's key: only the cloud has it.
    AmdVlek {
        /// The processor's generation.
        generation: Generation,
    },
    /// AMD's certificates above the chip's or cloud's.
    AmdChain {
        /// The processor's generation.
        generation: Generation,
        /// Where AMD has them.
        url: String,
    },
    /// AMD's revocation list.
    AmdCrl {
        /// The processor's generation.
        generation: Generation,
        /// Where AMD has it.
        url: String,
    },
    /// Somebody who vouches for the TPM's key.
    TpmTrust {
        /// Who signed the certificate that came with it, if one did.
        issuer: Option<String>,
    },
    /// The platform's public key (CPAK), from its vendor.
    CcaKey {
        /// The implementation id.
        implementation: String,
        /// The instance id.
        instance: String,
    },
    /// The vendor's Reference Values.
    CcaReference {
        /// The implementation id.
        implementation: String,
    },
    /// A manifest of NVIDIA's.
    NvidiaRim {
        /// Its id at the RIM service.
        id: String,
        /// Where NVIDIA has it.
        url: String,
    },
    /// OCSP answers for the certificates of devices and manifests.
    NvidiaOcsp {
        /// Who answers.
        url: String,
    },
}

/// What names a platform and its TCB to a service that keeps PCK certificates (Intel PCCS, "Get PCK
/// Certificate").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PckQuery {
    /// The quoting enclave's id.
    pub qe_id: [u8; 16],
    /// The platform's id, encrypted to Intel.
    pub encrypted_ppid: Vec<u8>,
    /// The TCB of the CPU.
    pub cpu_svn: [u8; 16],
    /// That of the provisioning certification enclave.
    pub pce_svn: [u8; 2],
    /// Which such enclave.
    pub pce_id: [u8; 2],
}

/// Where Intel's Provisioning Certification Service is.
const INTEL: &str = "https://api.trustedservices.intel.com";

impl EndorsementNeeded {
    /// What a quote needs of Intel, once the certificate of its platform is known.
    #[must_use]
    pub fn of_platform(tee: IntelTee, platform: &PckPlatform) -> Vec<Self> {
        let tcb_info = Self::tcb_info(tee, platform.fmspc);
        let others = Self::of_any_platform(tee, platform.ca);
        std::iter::once(tcb_info).chain(others).collect()
    }

    /// What quotes need whatever platform they are from: QE identity and revocation lists.
    pub(crate) fn of_any_platform(tee: IntelTee, ca: PckCa) -> [Self; 3] {
        let ca = match ca {
            PckCa::Processor => "processor",
            PckCa::Platform => "platform",
        };
        [Self::qe_identity(tee), Self::pck_crl(ca), Self::root_crl()]
    }

    pub(crate) fn tcb_info(tee: IntelTee, fmspc: [u8; 6]) -> Self {
        let (path, hex) = (tee.kind().as_str(), hex_encode(&fmspc));
        let url = format!("{INTEL}/{path}/certification/v4/tcb?fmspc={hex}");
        Self::IntelTcbInfo { tee, fmspc, url }
    }

    pub(crate) fn qe_identity(tee: IntelTee) -> Self {
        let path = tee.kind().as_str();
        let url = format!("{INTEL}/{path}/certification/v4/qe/identity");
        Self::IntelQeIdentity { tee, url }
    }

    pub(crate) fn pck_crl(ca: &'static str) -> Self {
        let url = format!("{INTEL}/sgx/certification/v4/pckcrl?ca={ca}&encoding=der");
        Self::IntelPckCrl { ca, url }
    }

    pub(crate) fn root_crl() -> Self {
        let url = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der".to_owned();
        Self::IntelRootCrl { url }
    }

    /// Where its vendor has it, for those that a vendor serves.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::IntelTcbInfo { url, .. }
            | Self::IntelQeIdentity { url, .. }
            | Self::IntelPckCrl { url, .. }
            | Self::IntelRootCrl { url }
            | Self::AmdChain { url, .. }
            | Self::AmdCrl { url, .. }
            | Self::NvidiaRim { url, .. }
            | Self::NvidiaOcsp { url } => Some(url),
            Self::AmdVcek { url, .. } => url.as_deref(),
            Self::IntelPck { .. }
            | Self::AmdVlek { .. }
            | Self::TpmTrust { .. }
            | Self::CcaKey { .. }
            | Self::CcaReference { .. } => None,
        }
    }
}

impl fmt::Display for EndorsementNeeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IntelTcbInfo { tee, fmspc, .. } => {
                write!(
                    f,
                    "Intel's TCB info of {tee} for FMSPC {}",
                    hex_encode(fmspc)
                )
            }
            Self::IntelQeIdentity { tee, .. } => write!(f, "Intel's QE identity for {tee}"),
            Self::IntelPckCrl { ca, .. } => {
                write!(
                    f,
                    "the revocation list of Intel's PCK {ca} CA, and its certificate"
                )
            }
            Self::IntelRootCrl { .. } => f.write_str("the revocation list of Intel's root"),
            Self::IntelPck { certification, .. } => write!(
                f,
                "the platform's PCK certificate chain (the quote has certification data of type {certification}), and with it Intel's TCB info for its FMSPC"
            ),
            Self::AmdVcek {
                generation, url, ..
            } => match url {
                Some(_) => write!(f, "the VCEK certificate, if the chip is a {generation}"),
                None => write!(
                    f,
                    "the VCEK certificate, if the chip is a {generation}; the report hides its chip id, so only the host can say which"
                ),
            },
            Self::AmdVlek { generation } => write!(
                f,
                "the cloud's VLEK certificate for {generation}, from the host's certificate table"
            ),
            Self::AmdChain { generation, .. } => {
                write!(
                    f,
                    "AMD's certificate chain (ASK or ASVK, ARK) for {generation}"
                )
            }
            Self::AmdCrl { generation, .. } => {
                write!(f, "AMD's revocation list for {generation}")
            }
            Self::TpmTrust {
                issuer: Some(issuer),
            } => write!(
                f,
                "trust in the TPM's key: the root certificate above `{}`",
                issuer.escape_debug()
            ),
            Self::TpmTrust { issuer: None } => {
                f.write_str("trust in the TPM's key: an enrolment, for no certificate came with it")
            }
            Self::CcaKey {
                implementation,
                instance,
            } => write!(
                f,
                "the vendor's endorsement of the key of instance {instance} of implementation {implementation}"
            ),
            Self::CcaReference { implementation } => {
                write!(
                    f,
                    "the vendor's Reference Values for implementation {implementation}"
                )
            }
            Self::NvidiaRim { id, .. } => write!(f, "NVIDIA's manifest `{}`", id.escape_debug()),
            Self::NvidiaOcsp { .. } => {
                f.write_str("OCSP answers for the certificates of the devices and manifests")
            }
        }
    }
}
