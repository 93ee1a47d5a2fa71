use adyton_types::UnixTime;

/// What an answer holds of that which was asked for, verified, and nothing else of it: whatever came
/// along stays behind, so that it can do no harm where this is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vetted {
    /// Until when it is good.
    pub until: UnixTime,
    /// The Endorsement by itself, in a form that [`Material::add`](super::super::Material::add)
    /// takes: DER, PEM, Intel's JSON, NVIDIA's XML.
    pub answer: Vec<u8>,
    /// The certificates under which it verified, in PEM. Empty where they are an Endorsement of
    /// their own (AMD), or are in the answer (NVIDIA).
    pub above: Vec<u8>,
}

impl Vetted {
    pub(super) const fn alone(until: UnixTime, answer: Vec<u8>) -> Self {
        Self {
            until,
            answer,
            above: Vec::new(),
        }
    }
}
