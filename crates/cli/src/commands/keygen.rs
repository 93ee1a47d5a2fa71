use std::io::Write as _;
use std::path::PathBuf;

use adyton_client::{Access, Existing, FileError, NewFile};
use adyton_sealing::Identity;
use serde_json::json;

use crate::{Failure, Out};

/// Makes a key pair to seal files to.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  adyton keygen --out result.key        prints the recipient, age1...
  adyton keygen --out result.key --post-quantum

The file is one that `age` and `rage` read too. Whoever has it opens what is sealed to it.
A post-quantum recipient (age1pq1...) is some 2000 characters long, and wants age 1.3 or newer.")]
pub(crate) struct Args {
    /// The file for the secret half
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Make a key that a quantum computer would not break either (X-Wing: ML-KEM-768 and X25519)
    #[arg(long)]
    post_quantum: bool,
}

pub(crate) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    let rng = &mut adyton_crypto::os_rng();
    let identity = if args.post_quantum {
        Identity::generate_hybrid(rng)
    } else {
        Identity::generate(rng)
    };
    let recipient = identity.recipient().to_string();
    let file = NewFile::create(&args.out, Access::Private, Existing::Refuse).map_err(kept)?;
    let text = [b"# public key: ", recipient.as_bytes(), b"\n"].concat();
    let mut to = file.file();
    to.write_all(&text)
        .and_then(|()| to.write_all(identity.expose().as_bytes()))
        .and_then(|()| to.write_all(b"\n"))
        .map_err(|error| FileError::io("write", &args.out, error))?;
    file.publish().map_err(kept)?;
    out.result(
        &recipient,
        &json!({ "recipient": recipient, "identity": args.out }),
    )
}

/// There is no `--force` here: with the key would go all that was sealed to it.
fn kept(error: FileError) -> Failure {
    match error {
        FileError::Exists { path } => Failure::misuse(format!(
            "`{}` is there already, and no key is ever replaced; choose another name",
            path.display()
        )),
        other => other.into(),
    }
}
