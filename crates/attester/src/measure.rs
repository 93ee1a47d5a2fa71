use std::fs::File;
use std::io::{self, Read};

use adyton_crypto::Sha256;
use adyton_types::Sha256Digest;

use crate::AttesterError;

/// One read's size: large enough that system calls cost little beside the hash, and small because
/// in an enclave the first touch of each page costs 14 us.
const BUFFER_BYTES: usize = 32 << 10;

/// SHA-256 of everything that a reader yields.
///
/// # Errors
/// Those of the reader.
pub fn measure(mut reader: impl Read) -> io::Result<Sha256Digest> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(Sha256Digest::new(hash.finish())),
            Ok(n) => hash.update(buffer.get(..n).unwrap_or_default()),
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => return Err(why),
        }
    }
}

/// SHA-256 of the executable file that this process runs: the software TEE's platform measurement,
/// and what `sha256sum` says of the file. It takes about 0.1 s for 60 MB; callers run it beside
/// other work.
///
/// `/proc/self/exe` leads to the very file that was executed, even if another has taken its name,
/// and the kernel lets nobody write to it while it runs.
///
/// # Errors
/// [`AttesterError::Measure`].
pub fn measure_running_executable() -> Result<Sha256Digest, AttesterError> {
    File::open("/proc/self/exe")
        .and_then(measure)
        .map_err(AttesterError::Measure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_running_executable_is_the_file() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let expected = Sha256Digest::new(adyton_crypto::sha256(&[&file]));
        assert_eq!(measure_running_executable().unwrap(), expected);
    }

    #[test]
    fn short_and_interrupted_reads_do_not_matter() {
        struct Slow(u8);
        impl Read for Slow {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                match self.0 {
                    1 => Err(io::ErrorKind::Interrupted.into()),
                    2..=4 => {
                        buffer[0] = b'a';
                        Ok(1)
                    }
                    _ => Ok(0),
                }
            }
        }
        let expected = Sha256Digest::new(adyton_crypto::sha256(&[b"aaa"]));
        assert_eq!(measure(Slow(0)).unwrap(), expected);
    }
}
