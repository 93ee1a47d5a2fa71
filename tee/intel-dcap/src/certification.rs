use crate::IntelError;
use crate::bytes::Bytes;

/// The largest certification data that are read: three certificates take 3.7 KiB, a platform
/// manifest up to 32 KiB.
pub(crate) const MAX_CERTIFICATION_BYTES: usize = 40 * 1024;

const PCK_CHAIN: u16 = 5;
const QE_REPORT: u16 = 6;

/// Certification data of a quote: what leads to the PCK certificate, whose key signed the QE's
/// report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Certification<'a> {
    /// 1 to 3: id of the platform, in plain or encrypted; 4: the certificate alone; 5: the chain in
    /// PEM; 6: QE report and inner certification data; 7: platform manifest.
    pub kind: u16,
    /// The data.
    pub data: &'a [u8],
}

impl<'a> Certification<'a> {
    /// Reads type, size and data.
    pub(crate) fn block(at: &mut Bytes<'a>) -> Result<Self, IntelError> {
        let kind = at.u16("type of the certification data")?;
        let size = at.len_u32("size of the certification data")?;
        if size > MAX_CERTIFICATION_BYTES {
            return Err(IntelError::TooLarge {
                what: "certification data",
                max: MAX_CERTIFICATION_BYTES,
                found: size,
            });
        }
        let data = at.take(size, "certification data")?;
        Ok(Self { kind, data })
    }

    /// The block of QE report and inner certification data, which versions 4 and 5 wrap in one of
    /// type 6.
    pub(crate) const fn qe_report_block(self) -> Result<&'a [u8], IntelError> {
        if self.kind == QE_REPORT {
            Ok(self.data)
        } else {
            Err(IntelError::Certification { found: self.kind })
        }
    }

    pub(crate) fn require_supported(self) -> Result<(), IntelError> {
        let fits = match self.kind {
            // PPID 384 or 256, CPUSVN 16, PCESVN 2, PCEID 2; the plain PPID takes 16.
            1 => self.data.len() == 36,
            2 => self.data.len() == 276,
            3 => self.data.len() == 404,
            PCK_CHAIN => true,
            _ => false,
        };
        if fits {
            Ok(())
        } else {
            Err(IntelError::Certification { found: self.kind })
        }
    }

    /// The PCK certificate's chain in PEM, where it is in the quote. One NUL at its end, as some
    /// quoting libraries write, is no part of it.
    ///
    /// # Errors
    /// [`IntelError::PckNeeded`] if it is not there: it has to be fetched, and handed in with the
    /// Endorsements.
    pub fn pck_chain(&self) -> Result<&'a [u8], IntelError> {
        match self.kind {
            PCK_CHAIN => Ok(self.data.strip_suffix(&[0]).unwrap_or(self.data)),
            found => Err(IntelError::PckNeeded { found }),
        }
    }
}
