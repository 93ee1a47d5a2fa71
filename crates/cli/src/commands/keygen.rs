use std::io::Write as _;
use std::path::PathBuf;

use adyton_client::{Access, Existing, FileError, NewFile};
use adyton_sealing::Identity;
use serde_json::json;

use crate::{Failure, Out};

/// Makes a key pair to seal files to.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  adyton keygen --out result.key        prints the recipient, age1...

The file is one that `age` and `rage` read too. Whoever has it opens what is sealed to it.")]
pub(crate) struct Args {
    /// The file for the secret half
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
}

pub(crate) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    let identity = Identity::generate(&mut adyton_crypto::os_rng());
    let recipient = identity.recipient().to_string();
    let file = NewFile::create(&args.out, Access::Private, Existing::Refuse)?;
    let text = [b"# public key: ", recipient.as_bytes(), b"\n"].concat();
    let mut to = file.file();
    to.write_all(&text)
        .and_then(|()| to.write_all(identity.expose().as_bytes()))
        .and_then(|()| to.write_all(b"\n"))
        .map_err(|error| FileError::io("write", &args.out, error))?;
    file.publish()?;
    out.result(
        &recipient,
        &json!({ "recipient": recipient, "identity": args.out }),
    )
}
