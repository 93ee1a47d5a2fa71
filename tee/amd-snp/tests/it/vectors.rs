use adyton_pki::parse_pem_chain;
use adyton_tee_amd_snp::{CaChain, Roots, SigningCa, SnpEndorsements, SnpError};
use adyton_types::UnixTime;

/// ASK and ARK of Genoa as AMD KDS serves them (`/vcek/v1/Genoa/cert_chain`): not among the vectors.
const GENOA: &str = include_str!("../data/genoa-chain.pem");

/// A line of the index: a report, the certificate that it verifies under, and when.
pub(crate) struct Row {
    pub(crate) file: String,
    pub(crate) what: String,
    pub(crate) verdict: String,
    pub(crate) time: String,
}

pub(crate) struct Vectors(adyton_vectors::Vectors);

impl Vectors {
    pub(crate) fn open() -> Option<Self> {
        adyton_vectors::Vectors::open().map(Self)
    }

    pub(crate) fn read(&self, file: &str) -> Vec<u8> {
        self.0.read(file)
    }

    pub(crate) fn rows(&self, kind: &str) -> Vec<Row> {
        let index = self.0.table("INDEX.tsv").into_iter();
        index
            .filter(|cells| cells[1].starts_with(kind))
            .map(|cells| Row {
                file: cells[0].clone(),
                what: cells[6].clone(),
                verdict: cells[7].clone(),
                time: cells[8].clone(),
            })
            .collect()
    }

    fn certificate(&self, prefix: &str) -> Vec<u8> {
        self.0.starting("amd-certs", prefix)
    }

    /// The signing authority that an index line names: `SEV-Milan`, `SEV-VLEK-Milan` and so on.
    pub(crate) fn signing_ca(&self, name: &str, now: UnixTime) -> Result<SigningCa, SnpError> {
        let product = name.rsplit('-').next().expect("a product");
        let genoa = parse_pem_chain(GENOA.as_bytes()).expect("a chain");
        let ark = match product {
            "Genoa" => genoa[1].der().to_vec(),
            other => self.certificate(&format!("ARK-{other}_")),
        };
        let ca = match name {
            "SEV-Genoa" => genoa[0].der().to_vec(),
            other => self.certificate(&format!("{other}_")),
        };
        let chain = CaChain { ark: &ark, ca: &ca };
        SigningCa::danger_without_revocation_list(&Roots::amd(), &chain, now)
    }

    /// Endorsements from the words of an index line: `.. under amd-certs/X.der (SEV-Milan) ..`.
    pub(crate) fn endorsements(&self, row: &Row) -> Option<SnpEndorsements> {
        let (vek, ca) = row.certificates()?;
        let ca = self.signing_ca(ca, row.now()).expect("a genuine authority");
        Some(SnpEndorsements::verify(&ca, &self.read(vek), row.now()).expect("a genuine V*EK"))
    }
}

impl Row {
    pub(crate) fn certificates(&self) -> Option<(&str, &str)> {
        let rest = self.verdict.strip_prefix("signature valid under ")?;
        let (vek, rest) = rest.split_once(" (")?;
        let (ca, _) = rest.split_once(')')?;
        Some((vek, ca))
    }

    /// The end of the first day of validity; for what is never valid, any.
    pub(crate) fn now(&self) -> UnixTime {
        let (day, _) = self.time.split_once("..").unwrap_or(("2024-06-01", ""));
        let text = format!("{day}T23:59:59Z");
        text.parse().expect("a day")
    }
}
