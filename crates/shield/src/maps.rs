//! The process's own memory map, as proc(5) describes `/proc/PID/maps`.

use std::io;

/// One mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mapping {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) execute: bool,
    pub(crate) shared: bool,
    pub(crate) name: String,
}

impl Mapping {
    pub(crate) const fn len(&self) -> usize {
        self.end - self.start
    }

    pub(crate) const fn contains(&self, address: usize) -> bool {
        self.start <= address && address < self.end
    }

    /// Whether its pages are secret ones.
    pub(crate) fn is_secret(&self) -> bool {
        self.shared && self.name.starts_with("/secretmem")
    }

    /// Pages that the kernel lends out read-only, and that nobody can write through the process.
    pub(crate) fn is_kernels(&self) -> bool {
        self.name.starts_with("[vvar") || self.name == "[vsyscall]"
    }
}

/// All mappings of the calling process, lowest first.
pub(crate) fn read_own() -> io::Result<Vec<Mapping>> {
    let text = std::fs::read_to_string("/proc/self/maps")?;
    text.lines()
        .map(|line| parse(line).ok_or_else(|| io::ErrorKind::InvalidData.into()))
        .collect()
}

/// `start-end perms offset dev inode name`.
fn parse(line: &str) -> Option<Mapping> {
    let mut fields = line.splitn(6, ' ');
    let (start, end) = fields.next()?.split_once('-')?;
    let permissions = fields.next()?.as_bytes();
    Some(Mapping {
        start: usize::from_str_radix(start, 16).ok()?,
        end: usize::from_str_radix(end, 16).ok()?,
        read: permissions.first() == Some(&b'r'),
        write: permissions.get(1) == Some(&b'w'),
        execute: permissions.get(2) == Some(&b'x'),
        shared: permissions.get(3) == Some(&b's'),
        name: fields.nth(3).unwrap_or_default().trim_start().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let line = "7f00-8f00 rw-s 00000000 00:0a 1030                       /secretmem (deleted)";
        let mapping = parse(line).unwrap();
        assert!(mapping.is_secret() && mapping.write && !mapping.execute);
        assert_eq!((mapping.start, mapping.len()), (0x7f00, 0x1000));
        let bare = parse("7f00-8f00 r--p 00000000 00:00 0 ").unwrap();
        assert_eq!(bare.name, "");
        assert!(!read_own().unwrap().is_empty());
    }
}
