use crate::SnpError;

/// The most that a certificate table may measure. A full one (ARK, ASK, V*EK, CRL) takes 8 KiB.
pub const MAX_CERT_TABLE_BYTES: usize = 64 << 10;

/// The most entries that a table may have: five kinds are defined.
pub const MAX_CERT_TABLE_ENTRIES: usize = 32;

const ENTRY_BYTES: usize = 24;

/// The certificates that the host hands to a guest beside its report: `SNP_GET_EXT_REPORT`, or
/// `auxblob` of configfs-tsm (GHCB specification 56421, "SNP Extended Guest Request").
///
/// The host writes it and may write anything: some clouds put certificates in that do not belong
/// to the report. Having one tells you only that its offsets lie inside it. Each part is still to
/// be verified, as [`SigningCa`](crate::SigningCa) and
/// [`SnpEndorsements`](crate::SnpEndorsements) do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertTable<'a> {
    /// AMD root key certificate.
    pub ark: Option<&'a [u8]>,
    /// AMD signing key certificate; for a VLEK that of the ASVK.
    pub ask: Option<&'a [u8]>,
    /// Certificate of the chip's key.
    pub vcek: Option<&'a [u8]>,
    /// Certificate of the cloud's key.
    pub vlek: Option<&'a [u8]>,
    /// AMD's revocation list.
    pub crl: Option<&'a [u8]>,
    /// How many entries are of a kind that is not known here.
    pub others: usize,
}

const ARK: [u8; 16] = guid(0xc0b4_06a4_a803_4952_9743_3fb6_014c_d0ae);
const ASK: [u8; 16] = guid(0x4ab7_b379_bbac_4fe4_a02f_05ae_f327_c782);
const VCEK: [u8; 16] = guid(0x63da_758d_e664_4564_adc5_f4b9_3be8_accd);
const VLEK: [u8; 16] = guid(0xa807_4bc2_a25a_483e_aae6_39c0_45a0_b8a1);
const CRL: [u8; 16] = guid(0x92f8_1bc3_5811_4d3d_97ff_d19f_88dc_67ea);

/// GUIDs stand in the table in the order in which they are printed.
const fn guid(printed: u128) -> [u8; 16] {
    printed.to_be_bytes()
}

impl<'a> CertTable<'a> {
    /// Reads a table: entries of GUID, offset and length, ended by one of zeros; the parts follow.
    ///
    /// # Errors
    /// [`SnpError::CertTable`] if the end is missing, a part does not lie inside the table and
    /// behind its entries, a kind is there twice, or a limit is exceeded.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, SnpError> {
        if bytes.len() > MAX_CERT_TABLE_BYTES {
            return Err(SnpError::CertTable {
                why: "it is longer than 64 KiB",
            });
        }
        let (entries, after) = entries(bytes)?;
        let mut table = Self::default();
        for entry in entries {
            let part = part(bytes, entry.offset, entry.length, after)?;
            let slot = match entry.guid {
                ARK => &mut table.ark,
                ASK => &mut table.ask,
                VCEK => &mut table.vcek,
                VLEK => &mut table.vlek,
                CRL => &mut table.crl,
                _ => {
                    table.others = table.others.saturating_add(1);
                    continue;
                }
            };
            if slot.replace(part).is_some() {
                return Err(SnpError::CertTable {
                    why: "a kind of certificate is there twice",
                });
            }
        }
        Ok(table)
    }
}

struct Entry {
    guid: [u8; 16],
    offset: u32,
    length: u32,
}

/// The entries, and where they end.
fn entries(bytes: &[u8]) -> Result<(Vec<Entry>, usize), SnpError> {
    let mut entries = Vec::new();
    let mut after = 0_usize;
    let mut rest = bytes;
    loop {
        let (entry, behind) = entry(rest).ok_or(SnpError::CertTable {
            why: "it ends before the entry of zeros",
        })?;
        after = after.saturating_add(ENTRY_BYTES);
        rest = behind;
        if entry.guid == [0; 16] && entry.offset == 0 && entry.length == 0 {
            return Ok((entries, after));
        }
        if entries.len() == MAX_CERT_TABLE_ENTRIES {
            return Err(SnpError::CertTable {
                why: "it has more than 32 entries",
            });
        }
        entries.push(entry);
    }
}

fn entry(bytes: &[u8]) -> Option<(Entry, &[u8])> {
    let (guid, rest) = bytes.split_first_chunk::<16>()?;
    let (offset, rest) = rest.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let entry = Entry {
        guid: *guid,
        offset: u32::from_le_bytes(*offset),
        length: u32::from_le_bytes(*length),
    };
    Some((entry, rest))
}

fn part(bytes: &[u8], offset: u32, length: u32, after: usize) -> Result<&[u8], SnpError> {
    let outside = SnpError::CertTable {
        why: "a certificate does not lie inside the table, behind its entries",
    };
    let from = usize::try_from(offset).map_err(|_| outside.clone())?;
    let length = usize::try_from(length).map_err(|_| outside.clone())?;
    if from < after || length == 0 {
        return Err(outside);
    }
    let to = from.checked_add(length).ok_or(outside.clone())?;
    bytes.get(from..to).ok_or(outside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(entries: &[([u8; 16], u32, u32)], data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (guid, offset, length) in entries {
            bytes.extend_from_slice(guid);
            bytes.extend_from_slice(&offset.to_le_bytes());
            bytes.extend_from_slice(&length.to_le_bytes());
        }
        bytes.extend_from_slice(&[0; 24]);
        bytes.extend_from_slice(data);
        bytes
    }

    #[test]
    fn parts_are_found_by_their_guids() {
        let bytes = table(
            &[(VCEK, 96, 2), (CRL, 98, 1), ([7; 16], 99, 1)],
            b"vvc?\0\0",
        );
        let table = CertTable::parse(&bytes).unwrap();
        assert_eq!(table.vcek, Some(&b"vv"[..]));
        assert_eq!(table.crl, Some(&b"c"[..]));
        assert_eq!((table.ark, table.others), (None, 1));
        assert_eq!(bytes[..4], [0x63, 0xda, 0x75, 0x8d]);
        assert_eq!(CertTable::parse(&[0; 24]), Ok(CertTable::default()));
    }

    #[test]
    fn every_kind_has_its_place() {
        let guids = [ARK, ASK, VCEK, VLEK, CRL];
        let entries: Vec<_> = guids
            .into_iter()
            .zip(144..)
            .map(|(guid, at)| (guid, at, 1))
            .collect();
        let bytes = table(&entries, b"asvlc");
        let found = CertTable::parse(&bytes).unwrap();
        let slots = [found.ark, found.ask, found.vcek, found.vlek, found.crl];
        assert_eq!(
            slots,
            [b"a", b"s", b"v", b"l", b"c"].map(|part| Some(&part[..]))
        );
        assert_eq!(found.others, 0);
        let mut longest = bytes.clone();
        longest.resize(64 << 10, 0);
        assert_eq!(CertTable::parse(&longest).unwrap().ark, Some(&b"a"[..]));
    }

    /// AMD 56421's GUIDs, in the order in which they are printed.
    #[test]
    fn guids_are_those_of_the_specification() {
        let printed = [ARK, ASK, VCEK, VLEK, CRL].map(|guid| adyton_codec::hex_encode(&guid));
        let expected = [
            "c0b406a4a803495297433fb6014cd0ae",
            "4ab7b379bbac4fe4a02f05aef327c782",
            "63da758de6644564adc5f4b93be8accd",
            "a8074bc2a25a483eaae639c045a0b8a1",
            "92f81bc358114d3d97ffd19f88dc67ea",
        ];
        assert_eq!(printed, expected);
    }

    #[test]
    fn a_table_that_points_elsewhere_is_refused() {
        for bytes in [
            Vec::new(),
            vec![0; 23],
            table(&[(VCEK, 48, 2)], b"v"),
            table(&[(VCEK, 47, 1)], b"v"),
            table(&[(VCEK, 48, 0)], b"v"),
            // An entry is the last only if all of it is zero.
            table(&[(VCEK, 0, 0)], b"v"),
            table(&[([0; 16], 1, 0)], b"v"),
            table(&[([0; 16], 0, 1)], b"v"),
            table(&[(VCEK, u32::MAX, u32::MAX)], b"v"),
            table(&[(VCEK, 72, 1), (VCEK, 73, 1)], b"vv"),
            table(&[(VCEK, 48, 1)], b"v")[..24].to_vec(),
            table(&[([7; 16], 24 * 34, 1); 33], b"v"),
            vec![0; MAX_CERT_TABLE_BYTES + 1],
        ] {
            assert!(CertTable::parse(&bytes).is_err(), "{} bytes", bytes.len());
        }
    }
}
