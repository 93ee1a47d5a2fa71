//! Against other implementations: files that they made (committed), the `age` crate's own reader
//! and writer, and the tools themselves where they are installed.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use adyton_crypto::os_rng;
use adyton_sealing::{Identity, Recipients};

use crate::support::{CHUNK, only, open, seal, text};

/// C2SP `age.md`: 32 bytes 0x42.
const X25519: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
const HYBRID: &str =
    "AGE-SECRET-KEY-PQ-1AJ0HAT7EV8VAYVSTHTQH60E35RVGWW93846HZ2N5PVZMFUGVKXMQFRCGC2";
const PLAIN: &[u8] = b"written by another tool\n";

#[test]
fn files_of_other_tools_open() {
    let x25519 = Identity::parse(X25519).unwrap();
    let hybrid = Identity::parse(HYBRID).unwrap();
    for (file, identity) in [
        (
            &include_bytes!("../vectors/age-1.1.1-x25519.age")[..],
            &x25519,
        ),
        (include_bytes!("../vectors/rage-0.12.1-x25519.age"), &x25519),
        (
            include_bytes!("../vectors/typage-0.3.1-hybrid.age"),
            &hybrid,
        ),
    ] {
        assert_eq!(open(file, identity).unwrap(), PLAIN);
    }
    assert_eq!(
        hybrid.recipient().as_str().get(..20),
        Some("age1pq12t95uv0k8yz6x")
    );
}

#[test]
fn the_age_crate_opens_ours_and_we_its() {
    let identity = Identity::generate(&mut os_rng());
    let theirs: age::x25519::Identity = identity.expose().parse().unwrap();
    for len in [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
        let plain = text(len);
        let ours = seal(&plain, &only(&identity));
        let mut reader = age::Decryptor::new(ours.as_slice())
            .and_then(|decryptor| decryptor.decrypt(std::iter::once(&theirs as _)))
            .unwrap();
        let mut opened = Vec::new();
        reader.read_to_end(&mut opened).unwrap();
        assert_eq!(opened, plain);

        let mut sealed = Vec::new();
        let recipient = theirs.to_public();
        let mut writer = age::Encryptor::with_recipients(std::iter::once(&recipient as _))
            .unwrap()
            .wrap_output(&mut sealed)
            .unwrap();
        writer.write_all(&plain).unwrap();
        writer.finish().unwrap();
        assert_eq!(open(&sealed, &identity).unwrap(), plain);
    }
}

#[test]
fn a_passphrase_file_is_not_for_an_identity() {
    let mut recipient = age::scrypt::Recipient::new("passphrase".to_owned().into());
    recipient.set_work_factor(2);
    let sealed = age::encrypt(&recipient, b"data").unwrap();
    let error = open(&sealed, &Identity::parse(X25519).unwrap()).unwrap_err();
    assert!(matches!(error, adyton_sealing::OpenError::NotRecipient));
}

/// Runs a tool with bytes on its standard input; `None` where it is not installed. `age` is, where
/// everything has to be tested.
fn tool(name: &str, args: &[&str], input: &[u8], dir: &Path) -> Option<Vec<u8>> {
    std::fs::write(dir.join("in"), input).unwrap();
    let stdin = std::fs::File::open(dir.join("in")).unwrap();
    let output = Command::new(name)
        .args(args)
        .current_dir(dir)
        .stdin(stdin)
        .stderr(Stdio::inherit())
        .output();
    match output {
        Ok(output) => {
            assert!(output.status.success(), "{name} {args:?}");
            Some(output.stdout)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let excused = name != "age" || std::env::var_os("CI").is_none();
            assert!(excused, "`{name}` is not installed");
            eprintln!("skipped: there is no `{name}` here");
            None
        }
        Err(error) => panic!("{name}: {error}"),
    }
}

#[test]
fn installed_tools_open_ours_and_we_theirs() {
    let dir = tempfile::tempdir().unwrap();
    let identity = Identity::generate(&mut os_rng());
    let second = Identity::generate(&mut os_rng());
    let both = Recipients::new([identity.recipient(), second.recipient()]).unwrap();
    std::fs::write(dir.path().join("key"), identity.expose().as_bytes()).unwrap();
    let plain = text(2 * CHUNK + 9);
    let sealed = seal(&plain, &both);
    for name in ["age", "rage"] {
        let Some(opened) = tool(name, &["-d", "-i", "key"], &sealed, dir.path()) else {
            continue;
        };
        assert_eq!(opened, plain, "{name}");
        let recipient = identity.recipient();
        let theirs = tool(name, &["-r", recipient.as_str()], &plain, dir.path()).unwrap();
        assert_eq!(open(&theirs, &identity).unwrap(), plain, "{name}");
    }
}
