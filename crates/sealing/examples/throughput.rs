//! Measures sealing and opening, on one core, against ChaCha20-Poly1305 of the same library over
//! the same bytes and against the `age` and `rage` tools where they are installed:
//!
//! ```text
//! taskset -c 0 cargo run --release -p adyton-sealing --example throughput -- 256
//! ```
//!
//! The argument is the size in MiB. What counts is processor time, user and system, so that a busy
//! machine does not decide; the best of five rounds in which all take turns. Files are in a memory
//! file system.
#![expect(clippy::print_stdout, reason = "a program for people")]

use std::fs::File;
use std::io::{self, Cursor, Read as _, Write as _};
use std::process::{Command, Stdio};

use adyton_crypto::os_rng;
use adyton_sealing::{DigestWriter, Identity, OpenReader, Recipients, SealWriter, seal_stream};
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};

const CHUNK: usize = 64 * 1024;
const ROUNDS: usize = 5;
const PLAIN: &str = "/dev/shm/adyton-bench";
const SEALED: &str = "/dev/shm/adyton-bench.age";
const KEY: &str = "/dev/shm/adyton-bench.key";
const OUT: &str = "/dev/shm/adyton-bench.out";

/// One of those who take turns.
type Contestant<'a> = (String, Box<dyn FnMut() -> io::Result<()> + 'a>);

fn main() -> io::Result<()> {
    let argument = std::env::args().nth(1);
    let mib: u32 = argument.and_then(|n| n.parse().ok()).unwrap_or(256);
    let identity = Identity::generate(&mut os_rng());
    let recipients = Recipients::new([identity.recipient()]).map_err(io::Error::other)?;
    let data: Vec<u8> = (0..=250).cycle().take((mib as usize) << 20).collect();
    std::fs::write(PLAIN, &data)?;
    std::fs::write(KEY, identity.expose().as_bytes())?;
    seal_file(SEALED, &recipients)?;
    let held = std::fs::read(SEALED)?;

    let mut contest: Vec<Contestant<'_>> = vec![
        ours("raw: encrypt", || raw(&data, false)),
        ours("raw: decrypt", || raw(&data, true)),
        ours("seal", || seal(&data, &recipients, io::sink())),
        ours("seal, with digest", || {
            seal(&data, &recipients, DigestWriter::new(io::sink()))
        }),
        ours("open", || open(&held, &identity, false)),
        ours("open, with digest", || open(&held, &identity, true)),
        ours("files: adyton, seal", || seal_file(OUT, &recipients)),
        ours("files: adyton, open", || open_file(&identity)),
    ];
    for name in ["age", "rage"] {
        let version = Command::new(name)
            .arg("--version")
            .stdout(Stdio::null())
            .status();
        if version.is_ok() {
            let recipient = identity.recipient().to_string();
            contest.push(tool(name, "seal", &["-r", &recipient], PLAIN));
            contest.push(tool(name, "open", &["-d", "-i", KEY], SEALED));
        }
    }
    let mut best = vec![f64::INFINITY; contest.len()];
    for _ in 0..ROUNDS {
        for (best, (_, run)) in best.iter_mut().zip(&mut contest) {
            let begin = cpu_secs()?;
            run()?;
            *best = best.min(cpu_secs()? - begin);
        }
    }
    for (secs, (name, _)) in best.iter().zip(&contest) {
        println!("{name:20} {:6.0} MiB/s", f64::from(mib) / secs);
    }
    [PLAIN, SEALED, KEY, OUT]
        .into_iter()
        .try_for_each(std::fs::remove_file)
}

fn ours<'a>(name: &str, run: impl FnMut() -> io::Result<()> + 'a) -> Contestant<'a> {
    (name.to_owned(), Box::new(run))
}

fn tool(name: &str, what: &str, args: &[&str], source: &'static str) -> Contestant<'static> {
    let args: Vec<String> = args.iter().map(ToString::to_string).collect();
    let program = name.to_owned();
    let run = move || {
        let status = Command::new(&program)
            .args(&args)
            .stdin(File::open(source)?)
            .stdout(File::create(OUT)?)
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(program.clone()))
        }
    };
    (format!("files: {name}, {what}"), Box::new(run))
}

/// Processor time of this process and of the children that it has waited for, in steps of 10 ms
/// (proc(5), `/proc/pid/stat`, fields 14 to 17).
fn cpu_secs() -> io::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(") ").ok_or(io::ErrorKind::InvalidData)?;
    let fields = fields.split(' ').skip(11).take(4);
    let ticks: u32 = fields.filter_map(|field| field.parse::<u32>().ok()).sum();
    Ok(f64::from(ticks) / 100.0)
}

/// The cipher alone over 64 KiB at a time, from a source and in place, as the payload needs it.
fn raw(data: &[u8], decrypt: bool) -> io::Result<()> {
    let wrong = |_| io::Error::other("cipher");
    let cipher = ChaCha20Poly1305::new(&[7; 32].into());
    let nonce = [1; 12].into();
    let mut sealed = vec![0; CHUNK];
    let tag = cipher
        .encrypt_inout_detached(&nonce, &[], sealed.as_mut_slice().into())
        .map_err(wrong)?;
    let mut chunk = vec![0; CHUNK];
    for part in data.chunks_exact(CHUNK) {
        if decrypt {
            chunk.copy_from_slice(&sealed);
            cipher
                .decrypt_inout_detached(&nonce, &[], chunk.as_mut_slice().into(), &tag)
                .map_err(wrong)?;
        } else {
            chunk.copy_from_slice(part);
            cipher
                .encrypt_inout_detached(&nonce, &[], chunk.as_mut_slice().into())
                .map_err(wrong)?;
        }
        std::hint::black_box(&chunk);
    }
    Ok(())
}

fn seal(data: &[u8], recipients: &Recipients, target: impl io::Write) -> io::Result<()> {
    let mut writer =
        SealWriter::new(target, recipients, &mut os_rng()).map_err(io::Error::other)?;
    writer.write_all(data)?;
    writer.finish().map(|_| ())
}

fn open(sealed: &[u8], identity: &Identity, digest: bool) -> io::Result<()> {
    let mut reader = OpenReader::open(Cursor::new(sealed), identity)?;
    if digest {
        reader = reader.with_digest(&mut os_rng());
    }
    let mut buffer = vec![0; CHUNK];
    while reader.read(&mut buffer)? > 0 {
        std::hint::black_box(&buffer);
    }
    if digest {
        reader.sealed_digest()?;
    }
    Ok(())
}

fn seal_file(target: &str, recipients: &Recipients) -> io::Result<()> {
    let (source, target) = (File::open(PLAIN)?, File::create(target)?);
    seal_stream(source, target, recipients, &mut os_rng(), |_| ())
        .map(|_| ())
        .map_err(io::Error::other)
}

fn open_file(identity: &Identity) -> io::Result<()> {
    let (source, target) = (File::open(SEALED)?, File::create(OUT)?);
    adyton_sealing::open_stream(source, target, identity, |_| ())
        .map(|_| ())
        .map_err(io::Error::other)
}
