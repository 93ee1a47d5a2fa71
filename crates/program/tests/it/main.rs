//! Manifests, bundles and lifecycles as their users see them.

#[cfg(test)]
mod bundle;
#[cfg(test)]
mod describe;
#[cfg(test)]
mod encoding;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod source;
#[cfg(test)]
mod support;
#[cfg(test)]
mod vectors;
