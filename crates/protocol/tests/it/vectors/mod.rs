//! `specs/vectors/`: a text file a case, one deviation each. The files are read by every test run
//! and written only on demand: `cargo test -p adyton-protocol --test it -- --ignored write_vectors`.

mod file;
mod make;
mod verdict;

use std::fs;
use std::path::{Path, PathBuf};

use file::Vector;
use verdict::verdict;

const KINDS: [&str; 7] = [
    "binding", "evidence", "token", "request", "answer", "denial", "receipt",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/vectors")
}

#[test]
fn every_vector_meets_its_class() {
    for kind in KINDS {
        let mut read = 0;
        for entry in fs::read_dir(folder().join(kind)).unwrap() {
            let path = entry.unwrap().path();
            let vector = Vector::parse(&fs::read_to_string(&path).unwrap());
            let (class, error) = verdict(kind, &vector);
            assert_eq!(class, vector.text("class"), "{}: {error}", path.display());
            assert_eq!(error, vector.text("error"), "{}", path.display());
            read += 1;
        }
        assert!(read >= 3, "{kind} has {read} vectors");
    }
}

#[test]
fn the_vectors_are_those_that_the_generator_makes() {
    for (name, vector) in make::all() {
        let kept = fs::read_to_string(folder().join(&name)).unwrap();
        assert_eq!(kept, vector.to_string(), "{name}");
    }
}

#[test]
#[ignore = "rewrites specs/vectors"]
fn write_vectors() {
    for (name, vector) in make::all() {
        let path = folder().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, vector.to_string()).unwrap();
    }
}
