//! Counts the lines and bytes of `/in/data` and writes them to `/out/result`.

use std::fs::{self, File};
use std::io::{self, Read};

fn main() -> io::Result<()> {
    let mut input = File::open("/in/data")?;
    let (mut lines, mut bytes) = (0_u64, 0_u64);
    let mut chunk = vec![0; 65536];
    loop {
        let got = input.read(&mut chunk)?;
        if got == 0 {
            break;
        }
        bytes += got as u64;
        lines += chunk[..got].iter().filter(|&&byte| byte == b'\n').count() as u64;
    }
    fs::write("/out/result", format!("lines: {lines}\nbytes: {bytes}\n"))
}
