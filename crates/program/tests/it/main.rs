//! Manifests, bundles and lifecycles as their users see them.

mod bundle;
mod describe;
mod encoding;
mod lifecycle;
mod source;
mod support;
mod vectors;
