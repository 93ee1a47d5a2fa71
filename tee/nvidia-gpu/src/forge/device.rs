use std::collections::BTreeMap;

use adyton_codec::{base64_encode, hex_encode};
use adyton_pki::SignatureAlgorithm;
use adyton_pki::forge::ForgeKey;

use crate::Architecture;

/// A report in the making: set what is to differ, then sign.
#[derive(Debug, Clone)]
pub struct ForgedReport {
    /// The request's 4 bytes before the nonce.
    pub request_head: [u8; 4],
    /// The nonce.
    pub nonce: [u8; 32],
    /// The slot.
    pub slot: u8,
    /// The response's 4 bytes before the number of blocks.
    pub response_head: [u8; 4],
    /// The measurements, counted from 0.
    pub measurements: BTreeMap<u8, [u8; 48]>,
    /// The vendor's fields, in order.
    pub opaque: Vec<(u16, Vec<u8>)>,
    /// What follows the signature.
    pub tail: Vec<u8>,
}

impl ForgedReport {
    /// A report that an unchanged manifest of [`ForgedRim`](super::ForgedRim) fits: measurement `n`
    /// is 48 times `n`, the VBIOS 96.00.9F.00.01, the driver 550.90.07, the FWID 48 times 0xf1.
    #[must_use]
    pub fn gpu() -> Self {
        Self {
            request_head: [0x11, 0xe0, 1, 0xff],
            nonce: [0xab; 32],
            slot: 0,
            response_head: [0x11, 0x60, 0, 0],
            measurements: (0..64).map(|n| (n, [n; 48])).collect(),
            opaque: vec![
                (6, vec![0x00, 0x9f, 0x00, 0x96, 0x01, 0, 0, 0]),
                (3, b"550.90.07\0".to_vec()),
                (15, b"882\0".to_vec()),
                (17, b"1010\0".to_vec()),
                (18, b"0200\0".to_vec()),
                (11, vec![0x55]),
                (20, vec![0xf1; 48]),
                (21, vec![0x55]),
                (34, vec![1, 0]),
                (36, vec![0, 0]),
            ],
            tail: Vec::new(),
        }
    }

    /// The same of a switch: switch BIOS 96.10.55.00.01, own PDI 8 times 1, GPU PDIs as given.
    #[must_use]
    pub fn switch(pdi: u8, gpus: &[u8]) -> Self {
        let mut gpu_pdis: Vec<u8> = gpus.iter().flat_map(|gpu| [*gpu; 8]).collect();
        gpu_pdis.extend_from_slice(&[0; 8]);
        Self {
            measurements: (0..31).map(|n| (n, [n; 48])).collect(),
            opaque: vec![
                (6, b"96.10.55.00.01".to_vec()),
                (22, vec![pdi; 8]),
                (26, gpu_pdis),
                (25, vec![1, 0]),
            ],
            ..Self::gpu()
        }
    }

    /// Replaces a vendor's field, or removes it.
    pub fn set(&mut self, kind: u16, value: Option<&[u8]>) {
        self.opaque.retain(|(found, _)| *found != kind);
        self.opaque
            .extend(value.map(|value| (kind, value.to_vec())));
    }

    /// The report, signed by a device's key.
    #[must_use]
    pub fn sign(&self, leaf: &ForgeKey) -> Vec<u8> {
        let short = |n: usize| u16::try_from(n).unwrap_or(u16::MAX).to_le_bytes();
        let mut record = Vec::new();
        for (index, digest) in &self.measurements {
            record.extend_from_slice(&[index.wrapping_add(1), 1, 51, 0, 1, 48, 0]);
            record.extend_from_slice(digest);
        }
        let mut opaque = Vec::new();
        for (kind, value) in &self.opaque {
            opaque.extend_from_slice(&kind.to_le_bytes());
            opaque.extend_from_slice(&short(value.len()));
            opaque.extend_from_slice(value);
        }
        let blocks = u8::try_from(self.measurements.len()).unwrap_or(u8::MAX);
        let mut report = [
            &self.request_head[..],
            &self.nonce,
            &[self.slot],
            &self.response_head,
            &[blocks],
            &short(record.len()),
            &[0],
            &record,
            &[0xd0; 32],
            &short(opaque.len()),
            &opaque,
        ]
        .concat();
        let signature = leaf.sign(SignatureAlgorithm::EcdsaP384Sha384Fixed, &report);
        report.extend_from_slice(&signature);
        report.extend_from_slice(&self.tail);
        report
    }

    /// One device of the Evidence in its text form.
    #[must_use]
    pub fn entry(architecture: Architecture, nonce: &[u8], report: &[u8], chain: &str) -> String {
        format!(
            r#"{{"arch":"{architecture}","certificate":"{}","evidence":"{}","nonce":"{}"}}"#,
            base64_encode(chain.as_bytes()),
            base64_encode(report),
            hex_encode(nonce),
        )
    }
}
