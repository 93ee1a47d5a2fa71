//! The process's own memory map, as proc(5) describes `/proc/PID/maps`.

use std::io;
use std::os::unix::fs::MetadataExt as _;

/// One mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mapping {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) execute: bool,
    pub(crate) shared: bool,
    /// Where in the file it starts.
    pub(crate) offset: usize,
    /// The file's inode; 0 if there is no file.
    pub(crate) inode: u64,
    pub(crate) name: String,
}

impl Mapping {
    pub(crate) const fn len(&self) -> usize {
        self.end - self.start
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

/// How many threads the process has.
///
/// A folder has a link from itself, one from its parent, and one from each folder in it. Listing
/// it would have the C library allocate, in ordinary memory.
pub(crate) fn threads() -> io::Result<u64> {
    let links = std::fs::metadata("/proc/self/task")?.nlink();
    Ok(links.saturating_sub(2))
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
    let offset = fields.next()?;
    let inode = fields.nth(1)?;
    Some(Mapping {
        start: usize::from_str_radix(start, 16).ok()?,
        end: usize::from_str_radix(end, 16).ok()?,
        read: permissions.first() == Some(&b'r'),
        write: permissions.get(1) == Some(&b'w'),
        execute: permissions.get(2) == Some(&b'x'),
        shared: permissions.get(3) == Some(&b's'),
        offset: usize::from_str_radix(offset, 16).ok()?,
        inode: inode.parse().ok()?,
        name: fields.next().unwrap_or_default().trim_start().to_owned(),
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
        assert_eq!((bare.name.as_str(), bare.inode), ("", 0));
        let file = parse("7f00-8f00 r-xp 00012000 fe:00 4711    /bin/a b").unwrap();
        assert_eq!((file.offset, file.inode), (0x12000, 4711));
        assert_eq!(file.name, "/bin/a b");
        assert!(!read_own().unwrap().is_empty());
    }
}
