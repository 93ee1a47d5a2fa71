use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use adyton_client::{Access, Existing, FileError, NewFile, read_file};
use adyton_codec::{hex_array, hex_encode};
use adyton_crypto::{SecretBytes, SigningKey, VerifyingKey};
use adyton_lookup::{MAX_OWNER_KEY_BYTES, encode_owner_key, parse_owner_key};
use adyton_types::ErrorClass;
use serde_json::json;

use crate::signing_key::refuse_open_to_others;
use crate::{Failure, Out};

/// Makes the key of a table's owner.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  adyton lookup owner-key owner.key

It prints the public half, which the operator serves under and clients pin. Whoever has the file
can put what they like into the table, and cannot read a question.")]
pub(crate) struct OwnerKeyArgs {
    /// The file for the secret half
    file: PathBuf,
}

pub(crate) fn run(args: &OwnerKeyArgs, out: Out) -> Result<(), Failure> {
    let key = SigningKey::generate(&mut adyton_crypto::os_rng());
    let new = NewFile::create(&args.file, Access::Private, Existing::Refuse)?;
    let mut file = new.file();
    file.write_all(encode_owner_key(&key).expose())
        .map_err(|error| FileError::io("write", &args.file, error))?;
    new.publish()?;
    let owner = hex_encode(&key.verifying_key().to_bytes());
    out.result(&owner, &json!({ "owner": owner, "key": args.file }))
}

pub(super) fn read_owner_key(path: &Path) -> Result<SigningKey, Failure> {
    let file = File::open(path).map_err(|error| FileError::io("read", path, error))?;
    refuse_open_to_others(path, &file)?;
    let bytes = read_file(path, "owner's key", MAX_OWNER_KEY_BYTES as u64)?;
    parse_owner_key(&SecretBytes::new(bytes)).map_err(|_| {
        let text = format!(
            "`{}` is no owner's key: `adyton lookup owner-key` makes one",
            path.display()
        );
        Failure::of(ErrorClass::Malformed, text)
    })
}

/// The public half of an owner's key, as `owner-key` prints it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner(pub(super) VerifyingKey);

impl FromStr for Owner {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        hex_array(text)
            .ok()
            .and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok())
            .map(Self)
            .ok_or_else(|| {
                format!("`{text}` is no owner: it is the 64 digits that `adyton lookup owner-key` prints")
            })
    }
}
