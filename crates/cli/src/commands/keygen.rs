use std::io::Write as _;
use std::path::PathBuf;

use adyton_client::{Access, Existing, FileError, NewFile};
use adyton_sealing::Identity;
use serde_json::json;

use crate::signing_key::{self, public_pem};
use crate::{Failure, Out};

/// Makes a key pair to seal files to, or one to sign with.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  adyton keygen --out result.key        prints the recipient, age1...
  adyton keygen --out result.key --post-quantum
  adyton keygen --out verifier.key --signing      prints the fingerprint, which policies pin

The file is one that `age` and `rage` read too. Whoever has it opens what is sealed to it.
A post-quantum recipient (age1pq1...) is some 2000 characters long, and wants age 1.3 or newer.
A signing key (Ed25519, PKCS #8 in PEM) signs results of `adyton verify --ear` and lists of
`adyton reference sign`; its public half in PEM is printed, too.")]
pub(crate) struct Args {
    /// The file for the secret half
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Make a key that a quantum computer would not break either (X-Wing: ML-KEM-768 and X25519)
    #[arg(long)]
    post_quantum: bool,
    /// Make a key that signs, not one that files are sealed to
    #[arg(long, conflicts_with = "post_quantum")]
    signing: bool,
}

pub(crate) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    if args.signing {
        return signing(args, out);
    }
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
        &json!({ "recipient": recipient, "identity": args.out.display().to_string() }),
    )
}

fn signing(args: &Args, out: Out) -> Result<(), Failure> {
    let key = signing_key::create(&args.out).map_err(kept)?;
    let (fingerprint, pem) = (key.fingerprint().to_string(), public_pem(&key));
    out.result(
        &format!("{fingerprint}\n{pem}"),
        &json!({ "fingerprint": fingerprint, "public-key": pem, "key": args.out }),
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
