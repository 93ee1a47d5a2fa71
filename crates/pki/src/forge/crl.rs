use adyton_types::UnixTime;

use super::certificate::ExtensionForge;
use super::encode::{bit_string, explicit, integer, name, sequence, time};
use super::key::{ForgeKey, identifier};
use crate::SignatureAlgorithm;
use crate::oid::known;

/// A revocation list in the making.
#[derive(Debug, Clone)]
pub struct CrlForge {
    /// CRL version as encoded: 1 is version 2; `None` leaves it out.
    pub version: Option<u8>,
    /// Issuer's Name in DER.
    pub issuer: Vec<u8>,
    /// When it was made.
    pub this_update: UnixTime,
    /// When the next is due; `None` leaves it out.
    pub next_update: Option<UnixTime>,
    /// Contents of the INTEGER of each revoked serial number.
    pub serials: Vec<Vec<u8>>,
    /// Extensions of each entry.
    pub entry_extensions: Vec<ExtensionForge>,
    /// Extensions of the list.
    pub extensions: Vec<ExtensionForge>,
    /// How to sign; by default as the signer's kind of key is most often used.
    pub algorithm: Option<SignatureAlgorithm>,
}

impl CrlForge {
    /// An empty list, in date from 2020 to 2040.
    #[must_use]
    pub fn new(issuer: &str) -> Self {
        Self {
            version: Some(1),
            issuer: name(issuer),
            this_update: UnixTime::from_secs(1_577_836_800),
            next_update: Some(UnixTime::from_secs(2_208_988_800)),
            serials: Vec::new(),
            entry_extensions: Vec::new(),
            extensions: vec![ExtensionForge::new(
                known::CRL_NUMBER,
                false,
                &integer(&[7]),
            )],
            algorithm: None,
        }
    }

    /// One revoked serial number more.
    #[must_use]
    pub fn revoke(mut self, serial: &[u8]) -> Self {
        self.serials.push(serial.to_vec());
        self
    }

    /// The list in DER, signed by `key`.
    #[must_use]
    pub fn sign(&self, key: &ForgeKey) -> Vec<u8> {
        let algorithm = self.algorithm.unwrap_or(key.default_algorithm());
        let identifier = identifier(algorithm);
        let all = |list: &[ExtensionForge]| -> Vec<u8> {
            match list {
                [] => Vec::new(),
                list => sequence(&[&list
                    .iter()
                    .flat_map(ExtensionForge::der)
                    .collect::<Vec<_>>()]),
            }
        };
        let entry = |serial: &Vec<u8>| {
            let extensions = all(&self.entry_extensions);
            sequence(&[&integer(serial), &time(self.this_update), &extensions])
        };
        let entries: Vec<u8> = self.serials.iter().flat_map(entry).collect();
        let revoked = if entries.is_empty() {
            entries
        } else {
            sequence(&[&entries])
        };
        let extensions = match all(&self.extensions) {
            list if list.is_empty() => list,
            list => explicit(0, &list),
        };
        let signed = sequence(&[
            &self.version.map(|v| integer(&[v])).unwrap_or_default(),
            &identifier,
            &self.issuer,
            &time(self.this_update),
            &self.next_update.map(time).unwrap_or_default(),
            &revoked,
            &extensions,
        ]);
        let signature = key.sign(algorithm, &signed);
        sequence(&[&signed, &identifier, &bit_string(0, &signature)])
    }
}
