use adyton_pki::{Certificate, DerReader, Element, Oid, tag};

use crate::error::Chain;
use crate::{IntelError, TcbComponents};

const SGX: Oid = Oid::new_unwrap("1.2.840.113741.1.13.1");
const PPID: Oid = Oid::new_unwrap("1.2.840.113741.1.13.1.1");
const TCB: Oid = Oid::new_unwrap("1.2.840.113741.1.13.1.2");
const PCE_ID: Oid = Oid::new_unwrap("1.2.840.113741.1.13.1.3");
const FMSPC: Oid = Oid::new_unwrap("1.2.840.113741.1.13.1.4");
const SGX_TYPE: Oid = Oid::new_unwrap("1.2.840.113741.1.13.1.5");
const PLATFORM_INSTANCE: Oid = Oid::new_unwrap("1.2.840.113741.1.13.1.6");
const CONFIGURATION: Oid = Oid::new_unwrap("1.2.840.113741.1.13.1.7");
const DYNAMIC_PLATFORM: Oid = Oid::new_unwrap("1.2.840.113741.1.13.1.7.1");
const CACHED_KEYS: Oid = Oid::new_unwrap("1.2.840.113741.1.13.1.7.2");
const SMT_ENABLED: Oid = Oid::new_unwrap("1.2.840.113741.1.13.1.7.3");
const PCE_SVN: Oid = Oid::new_unwrap("1.2.840.113741.1.13.1.2.17");
const CPU_SVN: Oid = Oid::new_unwrap("1.2.840.113741.1.13.1.2.18");
/// The TCB components are the arcs 1 to 16 under the TCB's.
const FIRST_COMPONENT: Oid = Oid::new_unwrap("1.2.840.113741.1.13.1.2.1");

pub(crate) const PCK_SUBJECT: &str = "Intel SGX PCK Certificate";
pub(crate) const PROCESSOR_CA: &str = "Intel SGX PCK Processor CA";
pub(crate) const PLATFORM_CA: &str = "Intel SGX PCK Platform CA";

/// Which of Intel's CAs issued a PCK certificate. They have revocation lists of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PckCa {
    /// For platforms of one package.
    Processor,
    /// For platforms of several packages, registered with Intel.
    Platform,
}

/// What Intel certifies of a platform: the SGX extension of its PCK certificate (Intel SGX PCK
/// Certificate and CRL Profile, section 1.3.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PckPlatform {
    /// Who issued it.
    pub ca: PckCa,
    /// Platform provisioning id: names the platform, as long as its owner does not reset it.
    pub ppid: [u8; 16],
    /// Family, model, stepping, platform and custom SKU: which TCB info it needs.
    pub fmspc: [u8; 6],
    /// Id of the provisioning certification enclave.
    pub pce_id: [u8; 2],
    /// Security versions of the TCB components.
    pub tcb: TcbComponents,
    /// Security version of the PCE.
    pub pce_svn: u16,
    /// The raw CPUSVN that goes with the components.
    pub cpu_svn: [u8; 16],
    /// 0 standard, 1 scalable, 2 scalable with integrity.
    pub sgx_type: u8,
    /// Id of this instance of a platform of several packages.
    pub platform_instance_id: Option<[u8; 16]>,
    /// Whether packages may be added to it.
    pub dynamic_platform: Option<bool>,
    /// Whether Intel's registration service keeps its keys.
    pub cached_keys: Option<bool>,
    /// Whether simultaneous multithreading is on.
    pub smt_enabled: Option<bool>,
}

impl PckPlatform {
    /// Reads the extension of a PCK certificate, whose path is to be verified by itself.
    ///
    /// # Errors
    /// [`IntelError::Subject`] if names are not those of a PCK certificate,
    /// [`IntelError::PckExtension`] if the extension or a part of it is not there, twice there, or
    /// not of its form.
    pub fn parse(certificate: &Certificate) -> Result<Self, IntelError> {
        let subject = |expected: &'static str, found: Option<&str>| IntelError::Subject {
            chain: Chain::Pck,
            expected,
            found: found.unwrap_or_default().to_owned(),
        };
        let name = certificate.subject_common_name();
        if name != Some(PCK_SUBJECT) {
            return Err(subject(PCK_SUBJECT, name));
        }
        let ca = match certificate.issuer_common_name() {
            Some(PROCESSOR_CA) => PckCa::Processor,
            Some(PLATFORM_CA) => PckCa::Platform,
            other => return Err(subject(PLATFORM_CA, other)),
        };
        let mut parts = Parts::default();
        let value = certificate
            .extension(&SGX)
            .ok_or(IntelError::PckExtension {
                what: "SGX extension",
            })?;
        parts
            .read(value)
            .map_err(|what| IntelError::PckExtension { what })?;
        parts
            .finish(ca)
            .map_err(|what| IntelError::PckExtension { what })
    }
}

#[derive(Default)]
struct Parts {
    ppid: Option<[u8; 16]>,
    fmspc: Option<[u8; 6]>,
    pce_id: Option<[u8; 2]>,
    components: [Option<u8>; 16],
    pce_svn: Option<u16>,
    cpu_svn: Option<[u8; 16]>,
    sgx_type: Option<u8>,
    platform_instance_id: Option<[u8; 16]>,
    dynamic_platform: Option<bool>,
    cached_keys: Option<bool>,
    smt_enabled: Option<bool>,
}

type Part<T> = Result<T, &'static str>;

/// Sets a part that may be there once.
fn once<T>(slot: &mut Option<T>, value: Part<T>, what: &'static str) -> Part<()> {
    match slot.replace(value?) {
        None => Ok(()),
        Some(_) => Err(what),
    }
}

fn octets<const N: usize>(value: Element<'_>, what: &'static str) -> Part<[u8; N]> {
    value
        .is(tag::OCTET_STRING, what)
        .ok()
        .and_then(|element| element.value.try_into().ok())
        .ok_or(what)
}

fn small<T: TryFrom<u64>>(value: Element<'_>, what: &'static str) -> Part<T> {
    let number = value.u64(what).map_err(|_| what)?;
    T::try_from(number).map_err(|_| what)
}

fn flag(value: Element<'_>, what: &'static str) -> Part<bool> {
    value.boolean(what).map_err(|_| what)
}

/// The pairs of id and value in a SEQUENCE.
fn pairs(element: Element<'_>, mut each: impl FnMut(Oid, Element<'_>) -> Part<()>) -> Part<()> {
    const WHAT: &str = "SGX extension";
    let mut list = element.inside(tag::SEQUENCE, WHAT).map_err(|_| WHAT)?;
    while !list.is_empty() {
        let pair = list.any(WHAT).map_err(|_| WHAT)?;
        let mut pair = pair.inside(tag::SEQUENCE, WHAT).map_err(|_| WHAT)?;
        let oid = pair.any(WHAT).and_then(|id| id.oid(WHAT));
        let value = pair.any(WHAT).map_err(|_| WHAT)?;
        pair.finish().map_err(|_| WHAT)?;
        each(oid.map_err(|_| WHAT)?, value)?;
    }
    Ok(())
}

impl Parts {
    fn read(&mut self, extension: &[u8]) -> Part<()> {
        const WHAT: &str = "SGX extension";
        let list = DerReader::single(extension, tag::SEQUENCE, WHAT).map_err(|_| WHAT)?;
        pairs(list, |oid, value| match oid {
            PPID => once(&mut self.ppid, octets(value, "PPID"), "PPID"),
            TCB => pairs(value, |oid, value| self.tcb_part(oid, value)),
            PCE_ID => once(&mut self.pce_id, octets(value, "PCE-ID"), "PCE-ID"),
            FMSPC => once(&mut self.fmspc, octets(value, "FMSPC"), "FMSPC"),
            SGX_TYPE => {
                let number = match value.value {
                    [number @ 0..=2] if value.tag == tag::ENUMERATED => Ok(*number),
                    _ => Err("SGX type"),
                };
                once(&mut self.sgx_type, number, "SGX type")
            }
            PLATFORM_INSTANCE => {
                let what = "platform instance id";
                once(&mut self.platform_instance_id, octets(value, what), what)
            }
            CONFIGURATION => pairs(value, |oid, value| self.configuration_part(oid, value)),
            // Intel may add parts; the bytes are signed.
            _ => Ok(()),
        })
    }

    fn tcb_part(&mut self, oid: Oid, value: Element<'_>) -> Part<()> {
        match oid {
            PCE_SVN => once(&mut self.pce_svn, small(value, "PCESVN"), "PCESVN"),
            CPU_SVN => once(&mut self.cpu_svn, octets(value, "CPUSVN"), "CPUSVN"),
            _ => {
                const WHAT: &str = "TCB component";
                let (last, parent) = oid.as_bytes().split_last().ok_or(WHAT)?;
                let first = FIRST_COMPONENT.as_bytes();
                if Some(parent) != first.split_last().map(|(_, parent)| parent) {
                    return Err(WHAT);
                }
                let index = usize::from(last.wrapping_sub(1));
                let slot = self.components.get_mut(index).ok_or(WHAT)?;
                once(slot, small(value, WHAT), WHAT)
            }
        }
    }

    fn configuration_part(&mut self, oid: Oid, value: Element<'_>) -> Part<()> {
        const WHAT: &str = "configuration";
        match oid {
            DYNAMIC_PLATFORM => once(&mut self.dynamic_platform, flag(value, WHAT), WHAT),
            CACHED_KEYS => once(&mut self.cached_keys, flag(value, WHAT), WHAT),
            SMT_ENABLED => once(&mut self.smt_enabled, flag(value, WHAT), WHAT),
            _ => Ok(()),
        }
    }

    fn finish(self, ca: PckCa) -> Part<PckPlatform> {
        let mut tcb = [0; 16];
        for (slot, found) in tcb.iter_mut().zip(self.components) {
            *slot = found.ok_or("TCB component")?;
        }
        Ok(PckPlatform {
            ca,
            ppid: self.ppid.ok_or("PPID")?,
            fmspc: self.fmspc.ok_or("FMSPC")?,
            pce_id: self.pce_id.ok_or("PCE-ID")?,
            tcb: TcbComponents(tcb),
            pce_svn: self.pce_svn.ok_or("PCESVN")?,
            cpu_svn: self.cpu_svn.ok_or("CPUSVN")?,
            sgx_type: self.sgx_type.ok_or("SGX type")?,
            platform_instance_id: self.platform_instance_id,
            dynamic_platform: self.dynamic_platform,
            cached_keys: self.cached_keys,
            smt_enabled: self.smt_enabled,
        })
    }
}
