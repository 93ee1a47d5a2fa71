use std::path::PathBuf;

/// The directory with real evidence; `None`, said in a line, where there is none.
#[expect(
    clippy::disallowed_methods,
    reason = "where real evidence is, is told from outside"
)]
pub(crate) fn directory() -> Option<PathBuf> {
    let directory = std::env::var("ADYTON_VECTORS").ok().map(PathBuf::from);
    if directory.is_none() {
        println!("skipped: ADYTON_VECTORS names no directory with real evidence");
    }
    directory
}

/// Every file of one folder, by name.
pub(crate) fn folder(name: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let mut files: Vec<_> = std::fs::read_dir(directory()?.join(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(&path).unwrap())
        })
        .collect();
    files.sort();
    Some(files)
}

/// The one file of a folder whose name ends so.
pub(crate) fn file(folder_name: &str, end: &str) -> Vec<u8> {
    let files = folder(folder_name).unwrap();
    let found = files.into_iter().find(|(name, _)| name.ends_with(end));
    found.unwrap_or_else(|| panic!("no {end}")).1
}
