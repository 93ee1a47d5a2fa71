use std::path::PathBuf;

/// The folder of real Evidence: the first argument, or ADYTON_VECTORS.
pub struct Vectors(PathBuf);

impl Vectors {
    /// Finds it, or ends the program.
    pub fn open() -> Self {
        let argument = std::env::args().nth(1);
        match argument.or_else(|| std::env::var("ADYTON_VECTORS").ok()) {
            Some(folder) => Self(PathBuf::from(folder)),
            None => {
                eprintln!("name the folder of vectors, or set ADYTON_VECTORS");
                std::process::exit(70)
            }
        }
    }

    /// Where it is.
    pub fn folder(&self) -> &std::path::Path {
        &self.0
    }

    /// A file of it.
    pub fn read(&self, file: &str) -> Vec<u8> {
        std::fs::read(self.0.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// The rows of a table of it, without the line of headings.
    pub fn table(&self, file: &str) -> Vec<Vec<String>> {
        String::from_utf8(self.read(file))
            .expect("a table in UTF-8")
            .lines()
            .skip(1)
            .map(|line| line.split('\t').map(str::to_owned).collect())
            .collect()
    }
}
