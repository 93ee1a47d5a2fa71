use adyton_pki::Oid;
use adyton_pki::forge::{ExtensionForge, boolean, integer, octet_string, oid, sequence, tlv};
use adyton_pki::tag;

/// The SGX extension of a PCK certificate in the making.
#[derive(Debug, Clone)]
pub struct PckForge {
    /// Platform provisioning id.
    pub ppid: Vec<u8>,
    /// Which TCB info it needs.
    pub fmspc: Vec<u8>,
    /// Provisioning certification enclave.
    pub pce_id: Vec<u8>,
    /// Security versions of the components.
    pub components: Vec<u8>,
    /// Security version of the PCE.
    pub pce_svn: u8,
    /// Kind of SGX.
    pub sgx_type: u8,
    /// Tag that the kind of SGX is written with.
    pub sgx_type_tag: u8,
    /// Whether the platform instance id and the configuration are there.
    pub platform_parts: bool,
    /// Bytes added after the last part.
    pub extra: Vec<u8>,
}

impl Default for PckForge {
    fn default() -> Self {
        Self {
            ppid: vec![0x99; 16],
            fmspc: vec![0xb0, 0xc0, 0x6f, 0, 0, 0],
            pce_id: vec![0, 0],
            components: vec![5; 16],
            pce_svn: 11,
            sgx_type: 1,
            sgx_type_tag: tag::ENUMERATED,
            platform_parts: true,
            extra: Vec::new(),
        }
    }
}

fn part(arcs: &str, value: &[u8]) -> Vec<u8> {
    let id = format!("1.2.840.113741.1.13.1{arcs}");
    let id: Oid = id.parse().expect("an object identifier");
    sequence(&[&oid(&id), value])
}

/// A small INTEGER.
fn number(n: u8) -> Vec<u8> {
    match n {
        0..0x80 => integer(&[n]),
        _ => integer(&[0, n]),
    }
}

impl PckForge {
    /// The extension.
    ///
    /// # Panics
    /// Never: the object identifiers are constants.
    #[must_use]
    pub fn extension(&self) -> ExtensionForge {
        let mut tcb: Vec<u8> = Vec::new();
        for (at, svn) in (1..).zip(&self.components) {
            tcb.extend(part(&format!(".2.{at}"), &number(*svn)));
        }
        tcb.extend(part(".2.17", &number(self.pce_svn)));
        tcb.extend(part(".2.18", &octet_string(&[5; 16])));
        let mut parts = vec![
            part(".1", &octet_string(&self.ppid)),
            part(".2", &sequence(&[&tcb])),
            part(".3", &octet_string(&self.pce_id)),
            part(".4", &octet_string(&self.fmspc)),
            part(".5", &tlv(self.sgx_type_tag, &[self.sgx_type])),
        ];
        if self.platform_parts {
            let configuration = [
                part(".7.1", &boolean(true)),
                part(".7.2", &boolean(false)),
                part(".7.3", &boolean(true)),
            ];
            parts.push(part(".6", &octet_string(&[0x77; 16])));
            parts.push(part(".7", &sequence(&[&configuration.concat()])));
        }
        parts.push(self.extra.clone());
        let sgx: Oid = "1.2.840.113741.1.13.1"
            .parse()
            .expect("an object identifier");
        ExtensionForge::new(sgx, false, &sequence(&[&parts.concat()]))
    }
}
