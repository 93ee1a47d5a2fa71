use adyton_broker::ReleaseDocument;
use adyton_client::now;
use adyton_program::{Bundle, Manifest, ManifestSource};
use adyton_types::{Fingerprint, ProgramMeasurement, Sha256Digest};

use crate::Failure;

/// The records of three hospitals (UCI Heart Disease, CC BY 4.0; see `NOTICE`).
pub(super) const HOSPITALS: [(&str, &str); 3] = [
    (
        "cleveland",
        include_str!("../../../../demo/data/cleveland.csv"),
    ),
    (
        "hungarian",
        include_str!("../../../../demo/data/hungarian.csv"),
    ),
    (
        "long-beach",
        include_str!("../../../../demo/data/long-beach.csv"),
    ),
];

/// The program that learns, and one that holds its input for as long as it is attacked. Both are
/// built from the sources beside them, byte for byte.
pub(super) const HEART: &[u8] = include_bytes!("../../../../demo/guest/heart.wasm");
pub(super) const HOLD: &[u8] = include_bytes!("../../../../demo/kernels/hold.wasm");

/// A bundle with its manifest.
pub(super) struct Program {
    pub(super) manifest: Manifest,
    pub(super) bundle: Vec<u8>,
}

/// Makes a bundle, as `adyton build` does.
pub(super) fn build(source: &str, module: &[u8]) -> Result<Program, Failure> {
    let source = ManifestSource::parse(source)?;
    let component = adyton_componentize::componentize(module, source.memory_bytes())?;
    let manifest = source.into_manifest(&component)?;
    let bundle = Bundle::build(&manifest, &component)?;
    Ok(Program { manifest, bundle })
}

/// The `adyton.toml` of the program that learns: each hospital's key from its own broker only, the
/// results for one recipient.
pub(super) fn heart_source(brokers: &[(&str, Fingerprint)], recipient: &str) -> String {
    let names: Vec<String> = brokers
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    let input = |(name, broker): &(&str, Fingerprint)| {
        format!("\n[[input]]\nname = \"{name}\"\nbroker = \"{broker}\"\n")
    };
    let output =
        |name| format!("\n[[output]]\nname = \"{name}\"\nrecipients = [\"{recipient}\"]\n");
    format!(
        "name = \"heart\"\ncomponent = \"heart.wasm\"\nargs = [{}]\n{}{}{}",
        names.join(", "),
        brokers.iter().map(input).collect::<String>(),
        output("report.txt"),
        output("model.json")
    )
}

/// The `adyton.toml` of the program that holds its input. One second is all it gets, once nobody
/// attacks it any more.
pub(super) const HOLD_SOURCE: &str = "name = \"heart\"\ncomponent = \"hold.wasm\"\nargs = [\"cleveland\"]\n\
    [[input]]\nname = \"cleveland\"\n[limits]\ntime = \"1s\"\n";

/// What a hospital allows: these programs, this platform, one year, twenty times.
pub(super) fn release_document(
    hospital: &str,
    programs: &[ProgramMeasurement],
    platform: &Fingerprint,
    executable: &Sha256Digest,
) -> Result<(String, ReleaseDocument), Failure> {
    let programs: Vec<String> = programs
        .iter()
        .map(|program| format!("\"{program}\""))
        .collect();
    let (from, to) = (now(), now().plus_secs(365 * 86_400));
    let text = format!(
        "version = 1\nsecret = \"{hospital}\"\npurpose = \"heart\"\nprograms = [{}]\n\
         not-before = \"{from}\"\nnot-after = \"{to}\"\nmax-releases = 20\n\n\
         [[platform]]\nkind = \"software\"\nmeasurements = [\"{executable}\"]\nplatform-ids = [\"{platform}\"]\n\
         min-svn = 1\nrequire = [\"landlock\", \"no-core\", \"seccomp\", \"secret-memory\", \"traced\"]\n",
        programs.join(", ")
    );
    let document = text.parse::<ReleaseDocument>()?;
    Ok((text, document))
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// Whatever byte of the bundle is changed: it is no bundle any more, or one that the hospitals'
    /// documents do not name.
    #[test]
    fn no_byte_of_the_bundle_can_change_and_get_a_key() {
        let broker = Fingerprint::new([7; 32]);
        let brokers = HOSPITALS.map(|(name, _)| (name, broker));
        let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
        let heart = build(&heart_source(&brokers, recipient), HEART).unwrap();
        let programs = [heart.manifest.measurement()];
        let (_, document) =
            release_document("cleveland", &programs, &broker, &Sha256Digest::new([1; 32])).unwrap();
        assert!(document.programs().contains(&programs[0]));
        let (bundle, document) = (&heart.bundle, &document);
        let is_allowed = move |at: &usize| {
            let mut altered = bundle.clone();
            altered[*at] ^= 1 << (at % 8);
            Bundle::parse(&altered).is_ok_and(|taken| {
                document
                    .programs()
                    .contains(&taken.manifest().measurement())
            })
        };
        let allowed: Vec<usize> = thread::scope(|scope| {
            let half = |from: usize| {
                let places = (from..bundle.len()).step_by(2);
                scope.spawn(move || places.filter(is_allowed).collect::<Vec<usize>>())
            };
            let halves = [half(0), half(1)];
            halves.map(|half| half.join().unwrap()).concat()
        });
        assert_eq!(allowed, [0; 0]);
    }
}
