use crate::{Generation, SnpError, TcbVersion};

/// What a V*EK certificate says in AMD's own extensions, all of which have to be there for its
/// structure version, and no other (AMD 57230, section 3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VekExtensions {
    pub(crate) generation: Generation,
    pub(crate) tcb: TcbVersion,
    pub(crate) holder: Holder,
}

/// Whom a V*EK belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The chip of that id (`hwID`), 64 or 8 bytes.
    Chip(Vec<u8>),
    /// The cloud of that name (`CSP_ID`).
    Cloud(String),
}

/// The longest product name or cloud id.
const MAX_TEXT_BYTES: usize = 127;

/// 1.3.6.1.4.1.3704.1, below which AMD's extensions are.
const ARC: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01];

/// The content of an extension's object identifier below AMD's arc; `None` for another's.
pub(crate) fn below_arc(oid: &[u8]) -> Option<&[u8]> {
    oid.strip_prefix(ARC)
}

impl VekExtensions {
    /// From the extensions below AMD's arc: what follows the arc, and the extension's value.
    pub(crate) fn parse<'a>(
        extensions: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
    ) -> Result<Self, SnpError> {
        let mut set = Set::default();
        for (id, value) in extensions {
            set.put(id, value)?;
        }
        set.finish()
    }
}

/// The extensions found so far.
#[derive(Default)]
struct Set {
    version: Option<u8>,
    generation: Option<Generation>,
    /// By the last number of their object identifiers, 1.3.1 to 1.3.9.
    levels: [Option<u8>; 10],
    holder: Option<Holder>,
}

impl Set {
    fn put(&mut self, id: &[u8], value: &[u8]) -> Result<(), SnpError> {
        let twice = match id {
            [1] => self
                .version
                .replace(byte("structVersion", value)?)
                .is_some(),
            [2] => {
                let name = ia5("productName", value)?;
                let generation = Generation::from_product(name);
                let generation = generation.ok_or_else(|| SnpError::Product {
                    name: name.to_owned(),
                })?;
                self.generation.replace(generation).is_some()
            }
            [3, n] => {
                let level = byte("SPL", value)?;
                let slot = self.levels.get_mut(usize::from(*n)).filter(|_| *n != 0);
                slot.ok_or(wrong("SPL", "is not known"))?
                    .replace(level)
                    .is_some()
            }
            [4] => self
                .holder
                .replace(Holder::Chip(hardware_id(value)?))
                .is_some(),
            [5] => {
                let csp = ia5("CSP_ID", value)?.to_owned();
                self.holder.replace(Holder::Cloud(csp)).is_some()
            }
            _ => return Err(wrong("AMD's arc", "has an extension that is not known")),
        };
        if twice {
            return Err(wrong(
                "AMD's arc",
                "has an extension twice, or both hwID and CSP_ID",
            ));
        }
        Ok(())
    }

    fn finish(self) -> Result<VekExtensions, SnpError> {
        let generation = self.generation.ok_or(wrong("productName", "is missing"))?;
        if self.version != Some(generation.certificate_version()) {
            return Err(wrong(
                "structVersion",
                "is missing, or not that of the product",
            ));
        }
        let holder = self
            .holder
            .ok_or(wrong("hwID", "is missing, and so is CSP_ID"))?;
        if let Holder::Chip(id) = &holder
            && id.len() != generation.chip_id_bytes()
        {
            return Err(wrong("hwID", "is not as long as the product's chip ids"));
        }
        let tcb = levels(generation, &self.levels)?;
        Ok(VekExtensions {
            generation,
            tcb,
            holder,
        })
    }
}

/// The TCB from the security patch levels: `blSPL` 1, `teeSPL` 2, `snpSPL` 3, `spl_4` 4 to `spl_7`
/// 7, `ucodeSPL` 8, `fmcSPL` 9. Spare levels are zero: they stand for reserved bytes of
/// `TCB_VERSION`.
fn levels(generation: Generation, levels: &[Option<u8>; 10]) -> Result<TcbVersion, SnpError> {
    let missing = wrong(
        "SPL",
        "is missing, too many, or a spare one that is not zero",
    );
    let (fmc, [bootloader, tee, snp, microcode]) = match (generation, levels) {
        (
            Generation::Milan | Generation::Genoa,
            [
                None,
                Some(bl),
                Some(tee),
                Some(snp),
                Some(0),
                Some(0),
                Some(0),
                Some(0),
                Some(ucode),
                None,
            ],
        ) => (None, [*bl, *tee, *snp, *ucode]),
        (
            Generation::Turin,
            [
                None,
                Some(bl),
                Some(tee),
                Some(snp),
                None,
                Some(0),
                Some(0),
                Some(0),
                Some(ucode),
                Some(fmc),
            ],
        ) => (Some(*fmc), [*bl, *tee, *snp, *ucode]),
        _ => return Err(missing),
    };
    Ok(TcbVersion {
        fmc,
        bootloader,
        tee,
        snp,
        microcode,
    })
}

const fn wrong(extension: &'static str, why: &'static str) -> SnpError {
    SnpError::Extension { extension, why }
}

/// An INTEGER of 0 to 255 in its one DER encoding: 219 is `02 02 00 DB`.
fn byte(extension: &'static str, value: &[u8]) -> Result<u8, SnpError> {
    match value {
        [0x02, 0x01, n @ 0x00..=0x7f] | [0x02, 0x02, 0x00, n @ 0x80..=0xff] => Ok(*n),
        _ => Err(wrong(extension, "is no INTEGER of 0 to 255 in DER")),
    }
}

/// An IA5String of printable characters.
fn ia5<'a>(extension: &'static str, value: &'a [u8]) -> Result<&'a str, SnpError> {
    let error = wrong(extension, "is no short IA5String of printable characters");
    let [0x16, length, text @ ..] = value else {
        return Err(error);
    };
    let fits = usize::from(*length) == text.len() && text.len() <= MAX_TEXT_BYTES;
    let printable = text.iter().all(|c| (0x20..=0x7e).contains(c));
    match std::str::from_utf8(text) {
        Ok(text) if fits && printable => Ok(text),
        _ => Err(error),
    }
}

/// The chip's id: 64 or 8 bytes, as they are or in an OCTET STRING; AMD has issued both.
fn hardware_id(value: &[u8]) -> Result<Vec<u8>, SnpError> {
    match value {
        [0x04, 64, id @ ..] if id.len() == 64 => Ok(id.to_vec()),
        [0x04, 8, id @ ..] if id.len() == 8 => Ok(id.to_vec()),
        id if id.len() == 64 || id.len() == 8 => Ok(id.to_vec()),
        _ => Err(wrong("hwID", "is not 64 or 8 bytes long")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Extension = (Vec<u8>, Vec<u8>);

    fn levels(ids: &[u8]) -> Vec<Extension> {
        ids.iter().map(|id| (vec![3, *id], vec![2, 1, 0])).collect()
    }

    fn milan() -> Vec<Extension> {
        let mut all = vec![
            (vec![1], vec![2, 1, 0]),
            (vec![2], b"\x16\x08Milan-B0".to_vec()),
            (vec![4], vec![2; 64]),
        ];
        all.extend(levels(&[1, 2, 3, 4, 5, 6, 7, 8]));
        all
    }

    fn turin() -> Vec<Extension> {
        let mut all = vec![
            (vec![1], vec![2, 1, 1]),
            (vec![2], b"\x16\x05Turin".to_vec()),
            (vec![4], vec![2; 8]),
        ];
        all.extend(levels(&[1, 2, 3, 5, 6, 7, 8, 9]));
        all
    }

    fn parse(extensions: &[Extension]) -> Result<VekExtensions, SnpError> {
        VekExtensions::parse(extensions.iter().map(|(id, value)| (&id[..], &value[..])))
    }

    #[test]
    fn each_structure_version_has_its_own_set() {
        assert_eq!(parse(&milan()).unwrap().tcb.fmc, None);
        assert_eq!(parse(&turin()).unwrap().tcb.fmc, Some(0));
        for whole in [milan(), turin()] {
            for index in 0..whole.len() {
                let mut missing = whole.clone();
                missing.remove(index);
                assert!(parse(&missing).is_err(), "without {index}");
                let mut twice = whole.clone();
                twice.push(whole[index].clone());
                assert!(parse(&twice).is_err(), "{index} twice");
                let mut other = whole.clone();
                other[index].1.push(0);
                assert!(parse(&other).is_err(), "{index} with a byte more");
            }
            for more in [
                vec![3, 4],
                vec![3, 9],
                vec![3, 0],
                vec![3, 10],
                vec![5],
                vec![6],
                vec![],
            ] {
                let mut extended = whole.clone();
                extended.push((more, vec![2, 1, 0]));
                assert!(parse(&extended).is_err());
            }
        }
        let mut of_the_other = turin();
        of_the_other[1].1 = b"\x16\x05Genoa".to_vec();
        assert!(parse(&of_the_other).is_err());
    }

    #[test]
    fn a_spare_level_is_zero() {
        for index in [6, 7, 8, 9] {
            let mut spare = milan();
            spare[index].1 = vec![2, 1, 1];
            assert!(parse(&spare).is_err(), "{:?}", spare[index].0);
        }
    }

    #[test]
    fn integers_are_in_their_one_encoding() {
        assert_eq!(byte("x", &[2, 2, 0, 0xdb]), Ok(0xdb));
        assert_eq!(byte("x", &[2, 1, 0x7f]), Ok(0x7f));
        for other in [
            &[2, 1, 0xdb][..],
            &[2, 2, 0, 0x7f],
            &[2, 2, 1, 0],
            &[2, 3, 0, 0, 0xdb],
            &[2, 0x81, 1, 1],
            &[2, 0],
            &[4, 1, 1],
            &[],
            &[0xdb],
        ] {
            assert!(byte("x", other).is_err(), "{other:02x?}");
        }
    }

    #[test]
    fn texts_are_short_and_printable() {
        let longest = [&[0x16, 127][..], &[b'a'; 127]].concat();
        assert_eq!(ia5("x", b"\x16\x02 ~"), Ok(" ~"));
        assert_eq!(ia5("x", &longest).unwrap().len(), MAX_TEXT_BYTES);
        for other in [
            &[0x16, 128][..],
            &[0x16],
            b"\x16\x01ab",
            b"\x16\x03ab",
            b"\x0c\x02ab",
            b"\x16\x02a\n",
            b"\x16\x02a\x7f",
            b"\x16\x02\xc3\xa9",
            &[&[0x16, 128][..], &[b'a'; 128]].concat(),
        ] {
            assert!(ia5("x", other).is_err(), "{other:02x?}");
        }
    }

    #[test]
    fn a_chip_id_is_raw_or_wrapped() {
        // An id that begins like DER is not taken for it.
        for claimed in [62, 64, 8] {
            let mut raw = vec![0x04; 64];
            raw[1] = claimed;
            assert_eq!(hardware_id(&raw), Ok(raw.clone()));
            raw.truncate(8);
            assert_eq!(hardware_id(&raw), Ok(raw.clone()));
        }
        let raw = vec![0x04; 64];
        let wrapped = [&[4, 64][..], &raw].concat();
        assert_eq!(hardware_id(&wrapped), Ok(raw));
        assert_eq!(
            hardware_id(&[4, 8, 1, 2, 3, 4, 5, 6, 7, 8]).unwrap().len(),
            8
        );
        for length in [0, 7, 9, 10, 63, 65, 66, 67] {
            assert!(hardware_id(&vec![7; length]).is_err(), "{length}");
        }
    }
}
