use crate::IntelError;
use crate::bytes::Bytes;

/// Length of the report of an SGX enclave in a quote.
pub const SGX_REPORT_BYTES: usize = 384;

/// Report of an SGX enclave (Intel SDM volume 3D, REPORT; the part that a quote holds).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SgxReport {
    /// Security versions of the CPU at the time of the report. The platform's TCB is judged by the
    /// PCK certificate's, not by these.
    pub cpu_svn: [u8; 16],
    /// Which optional state an exception saves.
    pub misc_select: u32,
    /// Extended product id.
    pub isv_ext_prod_id: [u8; 16],
    /// ATTRIBUTES: flags, then XFRM.
    pub attributes: [u8; 16],
    /// MRENCLAVE: what was loaded.
    pub mr_enclave: [u8; 32],
    /// MRSIGNER: digest of the key that signed the enclave.
    pub mr_signer: [u8; 32],
    /// CONFIGID.
    pub config_id: [u8; 64],
    /// Product, as its signer counts.
    pub isv_prod_id: u16,
    /// Security version of the product.
    pub isv_svn: u16,
    /// Security version of the configuration.
    pub config_svn: u16,
    /// Product family.
    pub isv_family_id: [u8; 16],
    /// What the enclave asked to have signed.
    pub report_data: [u8; 64],
}

impl SgxReport {
    /// Reads the 384 bytes.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, IntelError> {
        const WHAT: &str = "SGX report";
        const RESERVED: &str = "reserved bytes of an SGX report";
        let mut at = Bytes::new(bytes);
        let cpu_svn = at.array(WHAT)?;
        let misc_select = at.u32(WHAT)?;
        at.reserved(12, RESERVED)?;
        let isv_ext_prod_id = at.array(WHAT)?;
        let attributes = at.array(WHAT)?;
        let mr_enclave = at.array(WHAT)?;
        at.reserved(32, RESERVED)?;
        let mr_signer = at.array(WHAT)?;
        at.reserved(32, RESERVED)?;
        let config_id = at.array(WHAT)?;
        let isv_prod_id = at.u16(WHAT)?;
        let isv_svn = at.u16(WHAT)?;
        let config_svn = at.u16(WHAT)?;
        at.reserved(42, RESERVED)?;
        let isv_family_id = at.array(WHAT)?;
        let report_data = at.array(WHAT)?;
        at.finish(WHAT)?;
        Ok(Self {
            cpu_svn,
            misc_select,
            isv_ext_prod_id,
            attributes,
            mr_enclave,
            mr_signer,
            config_id,
            isv_prod_id,
            isv_svn,
            config_svn,
            isv_family_id,
            report_data,
        })
    }

    const fn flag(&self, bit: u8) -> bool {
        let [first, ..] = self.attributes;
        first >> bit & 1 == 1
    }

    /// Whether a debugger may read the enclave (ATTRIBUTES.DEBUG).
    #[must_use]
    pub const fn debug(&self) -> bool {
        self.flag(1)
    }

    /// Whether it runs in 64-bit mode (ATTRIBUTES.MODE64BIT).
    #[must_use]
    pub const fn mode_64(&self) -> bool {
        self.flag(2)
    }

    /// Whether it may use the provisioning key (ATTRIBUTES.PROVISION_KEY), which names the platform.
    #[must_use]
    pub const fn provision_key(&self) -> bool {
        self.flag(4)
    }

    /// Whether key separation and sharing are in use (ATTRIBUTES.KSS).
    #[must_use]
    pub const fn kss(&self) -> bool {
        self.flag(7)
    }
}
