//! Measures sealing and opening, on one core, against ChaCha20-Poly1305 of the same library over
//! the same bytes and against the `age` and `rage` tools where they are installed:
//!
//! ```text
//! taskset -c 0 cargo run --release -p adyton-sealing --example throughput -- 256
//! ```
//!
//! The argument is the size in MiB. What counts is processor time, user and system, so that a busy
//! machine does not decide; the best of three rounds in which all take turns. Files are in a memory
//! file system.
#![expect(clippy::print_stdout, reason = "a program for people")]

use std::fs::File;
use std::io::{self, Cursor, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use adyton_crypto::os_rng;
use adyton_sealing::{DigestWriter, Identity, OpenReader, Recipients, SealWriter, seal_stream};
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};

const CHUNK: usize = 64 * 1024;
const ROUNDS: usize = 3;

type Contest<'a> = Vec<(&'a str, Box<dyn FnMut() -> io::Result<()> + 'a>)>;

fn main() -> io::Result<()> {
    let mib: usize = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(256);
    let dir = Path::new("/dev/shm");
    let (plain, sealed) = (dir.join("adyton-bench"), dir.join("adyton-bench.age"));
    let key = dir.join("adyton-bench.key");
    let identity = Identity::generate(&mut os_rng());
    let recipient = identity.recipient().to_string();
    let recipients = Recipients::new([identity.recipient()]).map_err(io::Error::other)?;
    let data: Vec<u8> = (0..mib << 20).map(|i| (i % 251) as u8).collect();
    std::fs::write(&plain, &data)?;
    std::fs::write(&key, identity.expose().as_bytes())?;
    seal_stream(
        &data[..],
        File::create(&sealed)?,
        &recipients,
        &mut os_rng(),
        |_| (),
    )
    .map_err(io::Error::other)?;

    let mut contest: Contest<'_> = vec![
        ("raw, encrypt", Box::new(|| raw(&data, false))),
        ("raw, decrypt", Box::new(|| raw(&data, true))),
        ("seal", Box::new(|| seal(&data, &recipients, io::sink()))),
        (
            "seal, with digest",
            Box::new(|| seal(&data, &recipients, DigestWriter::new(io::sink()))),
        ),
        (
            "seal, file to file",
            Box::new(|| {
                let target = File::create(dir.join("adyton-bench.out"))?;
                seal_stream(
                    File::open(&plain)?,
                    target,
                    &recipients,
                    &mut os_rng(),
                    |_| (),
                )
                .map(|_| ())
                .map_err(io::Error::other)
            }),
        ),
        ("open", Box::new(|| open(&held, &identity, false))),
        (
            "open, with digest",
            Box::new(|| open(&held, &identity, true)),
        ),
        (
            "open, file to file",
            Box::new(|| {
                let mut reader = OpenReader::open(File::open(&sealed)?, &identity)?;
                io::copy(
                    &mut reader,
                    &mut File::create(dir.join("adyton-bench.out"))?,
                )
                .map(|_| ())
            }),
        ),
    ];
    for name in ["age", "rage"] {
        if Command::new(name)
            .arg("--version")
            .stdout(Stdio::null())
            .status()
            .is_err()
        {
            continue;
        }
        let args = ["-r", &recipient];
        contest.push((name, tool(name, &args, &plain, dir)));
        let args = ["-d", "-i", "/dev/shm/adyton-bench.key"];
        contest.push((name, tool(name, &args, &sealed, dir)));
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
        println!("{name:20} {:8.0} MiB/s", mib as f64 / secs);
    }
    for file in [
        "adyton-bench",
        "adyton-bench.age",
        "adyton-bench.key",
        "adyton-bench.out",
    ] {
        std::fs::remove_file(dir.join(file))?;
    }
    Ok(())
}

/// Processor time of this process and of the children that it has waited for, in steps of 10 ms
/// (proc(5), `/proc/pid/stat`, fields 14 to 17).
fn cpu_secs() -> io::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(") ").ok_or(io::ErrorKind::InvalidData)?;
    let ticks: u32 = fields
        .split(' ')
        .skip(11)
        .take(4)
        .filter_map(|field| field.parse::<u32>().ok())
        .sum();
    Ok(f64::from(ticks) / 100.0)
}

/// The cipher alone over 64 KiB at a time, from a source and in place, as the payload needs it.
fn raw(data: &[u8], decrypt: bool) -> io::Result<()> {
    let cipher = ChaCha20Poly1305::new(&[7; 32].into());
    let nonce = [1; 12].into();
    let mut chunk = vec![0; CHUNK];
    let tag = cipher
        .encrypt_inout_detached(&nonce, &[], chunk.as_mut_slice().into())
        .map_err(|_| io::Error::other("cipher"))?;
    let sealed = chunk.clone();
    for part in data.chunks(CHUNK) {
        if decrypt {
            chunk.copy_from_slice(&sealed);
            cipher
                .decrypt_inout_detached(&nonce, &[], chunk.as_mut_slice().into(), &tag)
                .map_err(|_| io::Error::other("cipher"))?;
        } else {
            chunk[..part.len()].copy_from_slice(part);
            cipher
                .encrypt_inout_detached(&nonce, &[], chunk.as_mut_slice().into())
                .map_err(|_| io::Error::other("cipher"))?;
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
        reader = reader.with_digest();
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

fn tool<'a>(
    name: &'a str,
    args: &[&str],
    source: &'a Path,
    dir: &'a Path,
) -> Box<dyn FnMut() -> io::Result<()> + 'a> {
    let args: Vec<String> = args.iter().map(ToString::to_string).collect();
    Box::new(move || {
        let status = Command::new(name)
            .args(&args)
            .stdin(File::open(source)?)
            .stdout(File::create(dir.join("adyton-bench.out"))?)
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(name))
        }
    })
}
