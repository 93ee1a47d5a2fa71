use adyton_crypto::sha256;
use adyton_pki::forge::ForgeKey;
use adyton_pki::{KeyKind, SignatureAlgorithm};

const FIXED: SignatureAlgorithm = SignatureAlgorithm::EcdsaP256Sha256Fixed;

/// A quote in the making.
#[derive(Debug)]
pub struct QuoteForge {
    /// The 48 bytes of the header.
    pub header: Vec<u8>,
    /// Type and size of the body, of version 5.
    pub descriptor: Option<(u16, u32)>,
    /// The body.
    pub body: Vec<u8>,
    /// The key that signs header and body.
    pub attestation_key: ForgeKey,
    /// The 384 bytes of the QE's report; its report data are filled in.
    pub qe_report: Vec<u8>,
    /// Report data of the QE, where they are to be others.
    pub qe_report_data: Option<[u8; 64]>,
    /// Authentication data of the QE.
    pub qe_auth_data: Vec<u8>,
    /// Type of the inner certification data.
    pub certification_kind: u16,
    /// The inner certification data, where they are not to be the PCK chain.
    pub certification: Option<Vec<u8>>,
    /// Type of the outer certification data, of versions 4 and 5.
    pub outer_kind: u16,
    /// Who signs the QE's report, where it is not to be the PCK.
    pub qe_signer: Option<ForgeKey>,
    /// Who signs the quote, where it is not to be the attestation key.
    pub quote_signer: Option<ForgeKey>,
}

/// Puts bytes at a place.
fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    let end = at.saturating_add(value.len());
    bytes
        .get_mut(at..end)
        .expect("a place inside")
        .copy_from_slice(value);
}

fn header(version: u8, tee: u8) -> Vec<u8> {
    let vendor = [
        0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06,
        0x07,
    ];
    let mut header = vec![0; 48];
    put(&mut header, 0, &[version, 0, 2, 0, tee]);
    put(&mut header, 12, &vendor);
    header
}

/// A report of an enclave, as that of the QE.
fn sgx_report(attributes: u8, signer: u8, product: u8, svn: u8) -> Vec<u8> {
    let mut report = vec![0; 384];
    put(&mut report, 48, &[attributes]);
    put(&mut report, 64, &[0xee; 32]);
    put(&mut report, 128, &[signer; 32]);
    put(&mut report, 256, &[product, 0, svn, 0]);
    put(&mut report, 320, &[0xab; 64]);
    report
}

fn td_report(len: usize) -> Vec<u8> {
    let mut report = vec![0; len];
    put(
        &mut report,
        0,
        &[5, 1, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5],
    );
    // SEPT_VE_DISABLE, bit 28.
    put(&mut report, 123, &[0x10]);
    put(&mut report, 136, &[0xd1; 48]);
    put(&mut report, 520, &[0xab; 64]);
    if len > 584 {
        put(
            &mut report,
            584,
            &[5, 1, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5],
        );
    }
    report
}

impl QuoteForge {
    fn new(header: Vec<u8>, body: Vec<u8>) -> Self {
        Self {
            header,
            descriptor: None,
            body,
            attestation_key: ForgeKey::generate(KeyKind::P256),
            qe_report: sgx_report(0x11, 0xdc, 2, 4),
            qe_report_data: None,
            qe_auth_data: (0..32).collect(),
            certification_kind: 5,
            certification: None,
            outer_kind: 6,
            qe_signer: None,
            quote_signer: None,
        }
    }

    /// TDX 1.0, version 4.
    #[must_use]
    pub fn tdx() -> Self {
        Self::new(header(4, 0x81), td_report(584))
    }

    /// TDX 1.5, version 5.
    #[must_use]
    pub fn tdx15() -> Self {
        let mut forge = Self::new(header(5, 0x81), td_report(648));
        forge.descriptor = Some((3, 648));
        forge
    }

    /// SGX, version 3.
    #[must_use]
    pub fn sgx() -> Self {
        Self::new(header(3, 0), sgx_report(0x05, 0x51, 7, 1))
    }

    /// Puts bytes at a place of the body.
    pub fn put_body(&mut self, at: usize, value: &[u8]) {
        put(&mut self.body, at, value);
    }

    /// Puts bytes at a place of the header.
    pub fn put_header(&mut self, at: usize, value: &[u8]) {
        put(&mut self.header, at, value);
    }

    /// Puts bytes at a place of the QE's report.
    pub fn put_qe(&mut self, at: usize, value: &[u8]) {
        put(&mut self.qe_report, at, value);
    }

    /// The quote, its QE's report signed by the platform's key.
    ///
    /// # Panics
    /// If data do not fit their length field.
    #[must_use]
    pub fn sign(&self, pck: &ForgeKey, pck_chain: &str) -> Vec<u8> {
        let mut signed = self.header.clone();
        if let Some((kind, size)) = self.descriptor {
            signed.extend(kind.to_le_bytes());
            signed.extend(size.to_le_bytes());
        }
        signed.extend(&self.body);
        let quote_signer = self.quote_signer.as_ref().unwrap_or(&self.attestation_key);
        let signature = quote_signer.sign(FIXED, &signed);
        let key = self
            .attestation_key
            .public()
            .bytes()
            .get(1..)
            .unwrap_or_default();

        let mut report = self.qe_report.clone();
        let mut report_data = [0; 64];
        put(&mut report_data, 0, &sha256(&[key, &self.qe_auth_data]));
        put(
            &mut report,
            320,
            &self.qe_report_data.unwrap_or(report_data),
        );
        let qe_signer = self.qe_signer.as_ref().unwrap_or(pck);
        let qe_signature = qe_signer.sign(FIXED, &report);
        let chain = self
            .certification
            .as_deref()
            .unwrap_or(pck_chain.as_bytes());
        let auth_len = u16::try_from(self.qe_auth_data.len()).expect("short data");
        let mut qe = [
            &report[..],
            &qe_signature,
            &auth_len.to_le_bytes(),
            &self.qe_auth_data,
            &self.certification_kind.to_le_bytes(),
            &len_u32(chain),
            chain,
        ]
        .concat();
        if self.header.first() != Some(&3) {
            qe = [&self.outer_kind.to_le_bytes()[..], &len_u32(&qe), &qe].concat();
        }
        let data = [&signature[..], key, &qe].concat();
        [&signed[..], &len_u32(&data), &data].concat()
    }
}

fn len_u32(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len())
        .expect("short data")
        .to_le_bytes()
}
