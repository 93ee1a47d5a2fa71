use std::path::Path;

use adyton_crypto::os_rng;
use adyton_merkle::Origin;
use adyton_protocol::Card;
use adyton_store::Store;

use crate::BrokerdError;
use crate::directory::{Directory, write_new};
use crate::harden::harden_process;
use crate::identity::{Identity, tables};
use crate::root_key;

/// Makes a broker: a root key, a store, and sealed in it the keys that the card names. `origin` is
/// the name of its log, such as `broker.hospital-a.example`.
///
/// The directory is made if it is not there. Whatever a directory holds already is never
/// overwritten. The card is written last: what was killed before is recognised.
///
/// # Errors
/// [`BrokerdError::Exists`], or whatever failed; then nothing was left behind.
pub fn init(path: &Path, origin: &Origin) -> Result<Card, BrokerdError> {
    harden_process()?;
    let (directory, made) = Directory::create(path)?;
    make(&directory, origin).inspect_err(|_| directory.clear(made))
}

fn make(directory: &Directory, origin: &Origin) -> Result<Card, BrokerdError> {
    let rng = &mut os_rng();
    let root = root_key::create(&directory.root_key(), rng)?;
    let store = Store::create(&directory.store(), &root, &tables())?;
    let identity = Identity::generate(origin.clone(), rng)?;
    identity.save(&store)?;
    let card = identity.card();
    write_new(&directory.card(), 0o644, &card.encode())?;
    Ok(card)
}
