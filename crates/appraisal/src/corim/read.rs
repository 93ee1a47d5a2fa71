use adyton_types::TeeKind;

use super::envelope::Envelope;
use super::import::{map, payload};
use super::{CorimError, CorimImport, CorimSigner};

/// Reads a signed CoRIM (COSE_Sign1), whose signature verifies under `signer`. Its digests are taken
/// as measurements of Evidence of that kind; whether they are, the vendor's profile says.
///
/// # Errors
/// [`CorimError`].
pub fn import_corim(
    bytes: &[u8],
    signer: &CorimSigner,
    kind: TeeKind,
) -> Result<CorimImport, CorimError> {
    let envelope = Envelope::open(bytes)?;
    let Envelope::Signed(signed) = &envelope else {
        return Err(CorimError::Unsigned);
    };
    signed.verify(signer)?;
    let mut import = payload(signed.payload(), kind)?;
    import.left.extend(signed.left_out());
    Ok(import)
}

/// Reads a CoRIM without asking who made it, signed or not. Whoever carried it can have altered it.
///
/// # Errors
/// [`CorimError`].
pub fn danger_import_unverified_corim(
    bytes: &[u8],
    kind: TeeKind,
) -> Result<CorimImport, CorimError> {
    match Envelope::open(bytes)? {
        Envelope::Signed(signed) => {
            let mut import = payload(signed.payload(), kind)?;
            import.left.extend(signed.left_out());
            Ok(import)
        }
        Envelope::Bare(bare) => map(bare, kind),
    }
}
